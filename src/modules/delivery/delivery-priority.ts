/** What is sent first where not all can be sent at once: the lowest. */
export enum DeliveryPriority {
  /** Somebody sits there and waits for it: a code, a link. */
  AWAITED = 0,
  /** People have to be told: of the safety of their account, of their rights. */
  OWED = 1,
  /** They can do without it. */
  OTHER = 2,
}
