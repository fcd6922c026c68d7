/** How a message reaches its reader. */
export enum DeliveryChannel {
  EMAIL = 'email',
  SMS = 'sms',
}
