/** What has come of a bulk job for one person. */
export enum BulkOutcome {
  WAITING = 'waiting',
  DONE = 'done',
  FAILED = 'failed',
}
