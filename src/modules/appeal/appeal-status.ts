/** Where an appeal stands. */
export enum AppealStatus {
  OPEN = 'open',
  /** The decision stays. */
  UPHELD = 'upheld',
  /** The decision was taken back. */
  OVERTURNED = 'overturned',
}
