import type { AnyTask } from '../db/task'
import { forgetOldAccessTokens } from '../modules/access-token/access-token.task'
import { forgetOldBulkJobs, runBulkJob } from '../modules/bulk-job/bulk-job.task'
import { makeDailyBackup, tryNewestBackup } from '../modules/backup/backup.task'
import { forgetExpiredChallenges } from '../modules/challenge/challenge.task'
import { forgetReplacedAddresses } from '../modules/email/email.task'
import { forgetExpiredAnswers } from '../modules/idempotency/idempotency-record.task'
import { forgetOldSessions } from '../modules/session/session.task'
import { forgetOldTries } from '../modules/throttle/throttle.task'
import { forgetFailedJobs } from './failed-jobs.task'

/** Every task. What is asked for and does not stand here waits for a version that knows it. */
export const tasks: readonly AnyTask[] = [
  forgetExpiredAnswers,
  forgetExpiredChallenges,
  forgetFailedJobs,
  forgetOldAccessTokens,
  forgetOldBulkJobs,
  forgetOldSessions,
  forgetOldTries,
  forgetReplacedAddresses,
  runBulkJob,
  makeDailyBackup,
  tryNewestBackup,
]
