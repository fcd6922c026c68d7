import type { AnyTask } from '../db/task'
import { isRetention } from '../modules/retention/retention'
import { forgetOldAccessTokens } from '../modules/access-token/access-token.task'
import { forgetOldActivity, makeActivityPartitions } from '../modules/activity/activity.task'
import { forgetOldAppeals } from '../modules/appeal/appeal.task'
import { dropOldTrail, examineTrail, makeTrailPartitions, sealNewEvents } from '../modules/audit/audit.task'
import { forgetOldBulkJobs, runBulkJob } from '../modules/bulk-job/bulk-job.task'
import { removeAvatarLeftovers } from '../modules/avatar/avatar.task'
import { makeDailyBackup, tryNewestBackup } from '../modules/backup/backup.task'
import { forgetExpiredChallenges } from '../modules/challenge/challenge.task'
import { renderCommentsAnew } from '../modules/comment/comment.task'
import { forgetLetters, forgetOldDeliveries, sendGivenUpAgain } from '../modules/delivery/delivery.task'
import { forgetReplacedAddresses } from '../modules/email/email.task'
import { forgetExpiredExports, makeDataExport } from '../modules/data-export/data-export.task'
import { eraseDue, eraseRemainders, forgetOldErasures } from '../modules/erasure/erasure.task'
import { publishLedger } from '../modules/erasure/ledger.task'
import { forgetExpiredAnswers } from '../modules/idempotency/idempotency-record.task'
import { forgetOldFigures, rollUpInsight } from '../modules/insight/insight.task'
import { forgetKeptTexts, forgetReleasedHolds } from '../modules/legal-hold/legal-hold.task'
import { forgetOldCases, tellReporters } from '../modules/moderation-case/moderation-case.task'
import { forgetOldDecisions } from '../modules/moderation-decision/moderation-decision.task'
import { forgetOldRequests, tellOverdueRequests } from '../modules/privacy-request/privacy-request.task'
import {
  forgetOldGroupPreferenceChanges,
  forgetOldPreferenceChanges,
} from '../modules/preference/preference.task'
import { forgetOldNotifications } from '../modules/notification/notification.task'
import { rescheduleGroup, reschedulePeople, sendNotifications } from '../modules/notifier/notifier.task'
import { publishDuePosts, purgeTrashedPosts, renderPostsAnew } from '../modules/post/post.task'
import { forgetAuditAddresses } from '../modules/retention/retention.task'
import { forgetOldSessions } from '../modules/session/session.task'
import { forgetOldSuppressions } from '../modules/suppression/suppression.task'
import { forgetOldTries } from '../modules/throttle/throttle.task'
import { closeSolvedTickets, forgetOldTickets } from '../modules/ticket/ticket.task'
import { forgetFormerUsernames } from '../modules/user/user.task'
import { findUnusualActivity } from '../modules/unusual-activity/unusual-activity.task'
import {
  forgetOldAnnouncements,
  sendAnnouncement,
  sendDueAnnouncements,
} from '../modules/announcement/announcement.task'
import { forgetOldWebhooks, sendMissedWebhooks } from '../modules/webhook/webhook.task'
import { forgetFailedJobs } from './failed-jobs.task'
import { forgetOldEvents } from './old-events.task'

/** Every task. What is asked for and does not stand here waits for a version that knows it. */
export const tasks: readonly AnyTask[] = [
  closeSolvedTickets,
  eraseDue,
  eraseRemainders,
  forgetExpiredAnswers,
  forgetExpiredChallenges,
  forgetExpiredExports,
  forgetFailedJobs,
  forgetLetters,
  forgetFormerUsernames,
  forgetOldEvents,
  forgetOldAccessTokens,
  forgetOldActivity,
  forgetOldAppeals,
  forgetOldBulkJobs,
  forgetOldCases,
  forgetOldDecisions,
  forgetOldDeliveries,
  forgetOldErasures,
  forgetOldFigures,
  forgetOldGroupPreferenceChanges,
  forgetOldNotifications,
  forgetOldPreferenceChanges,
  forgetOldRequests,
  forgetOldSessions,
  forgetOldTickets,
  forgetOldSuppressions,
  forgetOldTries,
  forgetOldAnnouncements,
  forgetOldWebhooks,
  forgetKeptTexts,
  forgetReleasedHolds,
  forgetReplacedAddresses,
  publishDuePosts,
  removeAvatarLeftovers,
  purgeTrashedPosts,
  renderCommentsAnew,
  renderPostsAnew,
  runBulkJob,
  sendAnnouncement,
  sendDueAnnouncements,
  sendMissedWebhooks,
  rollUpInsight,
  rescheduleGroup,
  reschedulePeople,
  sendGivenUpAgain,
  sendNotifications,
  tellOverdueRequests,
  tellReporters,
  makeDailyBackup,
  makeDataExport,
  publishLedger,
  tryNewestBackup,
  makeActivityPartitions,
  makeTrailPartitions,
  dropOldTrail,
  forgetAuditAddresses,
  sealNewEvents,
  examineTrail,
  findUnusualActivity,
]

/** Those that remove what is due by a rule: every rule of retention. */
export const retentions = tasks.filter(isRetention)
