/** Why no more, or only what has to be, is sent to an address. */
export enum SuppressionReason {
  /** There is nobody at that address. */
  BOUNCED = 'bounced',
  /** Whoever is there has called a mail of ours spam. */
  COMPLAINED = 'complained',
}
