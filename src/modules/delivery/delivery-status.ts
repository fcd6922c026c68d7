/** What has become of a message. */
export enum DeliveryStatus {
  PENDING = 'pending',
  SENT = 'sent',
  FAILED = 'failed',
  SUPPRESSED = 'suppressed',
  EXPIRED = 'expired',
}
