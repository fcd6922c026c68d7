/** Where a case stands. */
export enum CaseStatus {
  OPEN = 'open',
  /** Nothing was wrong with it. */
  DISMISSED = 'dismissed',
  /** Something was decided against its author. */
  ACTED_ON = 'acted-on',
  /** The same, and taken back. */
  REVERSED = 'reversed',
}
