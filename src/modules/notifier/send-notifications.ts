import { DAY, HOUR, later } from '../../core/clock'
import { ApiError } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { languageOf, wordsFor } from '../../core/language'
import type { Database } from '../../db/database'
import { isRetryable } from '../../db/database-error'
import { defineReview, type Reviewed, type Wanted } from '../mail/mail-review'
import { ConsentService } from '../consent/consent.service'
import { MailService } from '../mail/mail.service'
import { NotificationService } from '../notification/notification.service'
import { PhoneService, type ReachablePhone } from '../phone/phone.service'
import { SmsService } from '../sms/sms.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import { isSummarised, NotificationChannel, type NotificationSettings } from './notification-settings'
import { sayingsOf, type Saying } from './notification-saying'
import { wordsOf } from './notification-words'
import { NotifierRepository, type Unread } from './notifier.repository'
import { NotifierService } from './notifier.service'

/** Of how much one mail tells, the last first; how much there is it says as well. */
const MOST_TOLD = 20

/**
 * Sends the mails that are due, to up to so many people: to each one of all that is due to them and has not been read. Answers to how
 * many they were due. What a process was doing when it died another does.
 */
export async function sendDueMails(db: Database, limit: number): Promise<number> {
  const people = await new NotifierRepository(db).due('mails', limit)
  for (const userId of people) await sendOrPostpone(db, 'mails', userId, sendMails)
  return people.length
}

/** The same, of summaries. */
export async function sendDueDigests(db: Database, limit: number): Promise<number> {
  const people = await new NotifierRepository(db).due('digests', limit)
  for (const userId of people) await sendOrPostpone(db, 'digests', userId, sendDigest)
  return people.length
}

/** What goes wrong with one of them is logged and tried again in an hour: nobody else waits for it. */
async function sendOrPostpone(
  db: Database,
  what: 'mails' | 'digests',
  userId: Id,
  send: (tx: Database, userId: Id) => Promise<void>,
): Promise<void> {
  try {
    await db.transaction((tx) => send(tx, userId))
  } catch (error) {
    if (isRetryable(error)) throw error
    db.tools.onEffectError(error)
    await new NotifierRepository(db).postpone(what, userId, later(db.now, HOUR))
  }
}

async function sendMails(tx: Database, userId: Id): Promise<void> {
  const notifier = new NotifierRepository(tx)
  const ids = await notifier.lockMails(userId)
  if (ids.length === 0) return
  const settings = await settingsOf(tx, userId)
  const { now } = tx
  // They may have muted everything, or it may have become night, since it was decided when to write.
  const undisturbed = settings?.undisturbedFrom(now) ?? now
  if (undisturbed > now) return notifier.postpone('mails', userId, undisturbed)
  await notifier.removeMails(ids)
  if (!settings) return
  const mailedIds = await write(tx, userId, settings, { ids, isSummary: false })
  await writeText(tx, userId, settings, ids, mailedIds)
}

async function sendDigest(tx: Database, userId: Id): Promise<void> {
  const notifier = new NotifierRepository(tx)
  if (!(await notifier.takeDigest(userId))) return
  const settings = await settingsOf(tx, userId)
  if (!settings) return
  const { now } = tx
  const undisturbed = settings.undisturbedFrom(now)
  if (undisturbed > now) return notifier.addDigests([{ userId, slotAt: now, dueAt: undisturbed }])
  await write(tx, userId, settings, { ids: await notifier.untold(userId), isSummary: true })
}

/** How somebody wants to be told; null where they are not told anything. */
async function settingsOf(db: Database, userId: Id): Promise<NotificationSettings | null> {
  const reach = await new NotifierRepository(db).reach(userId)
  return reach && (await new NotifierService(db).settingsOf([reach])).get(userId)!
}

/** Of what a mail or a text message tells: notifications, the last first. */
interface Told {
  ids: readonly Id[]
  /** Whether it is a summary of what they were not mailed about. */
  isSummary: boolean
  /** The number that a text message goes to; none for a mail. */
  phoneId?: Id
}

/** The same as its letter has it. What it says, and of whom, is said when it is sent. */
interface About extends Told {
  /** When it was noted that this was told; a letter of an earlier version does not say so. */
  notedAt?: string
  /** What of this a mail tells, too. */
  mailedIds?: readonly Id[]
}

/** Writes to somebody about what they still want to be told. Answers of what. */
async function write(tx: Database, userId: Id, settings: NotificationSettings, given: Told): Promise<Id[]> {
  const told = await wanted(tx, userId, settings, given)
  const mail = new MailService(tx)
  if (told.length === 0 || (await mail.recipient(userId)) === null) return []
  const { now } = tx
  await new NotifierRepository(tx).noteMailed(idsOf(told), now)
  const about = (list: readonly News[]): About => ({
    ...{ ids: idsOf(list), isSummary: given.isSummary },
    notedAt: now.toISOString(),
  })
  // What has a text of its own is a mail of its own.
  for (const each of told)
    if (each.saying !== null) await mail.sendReviewed(userId, 'announcement', about([each]))
  const others = told.filter(({ saying }) => saying === null)
  if (others.length > 0) await mail.sendReviewed(userId, nameFor(others), about(others))
  return idsOf(told)
}

const idsOf = (list: readonly News[]): Id[] => list.map(({ id }) => id)

/** What tells of this where nothing of it has a text of its own. */
const nameFor = (list: readonly News[]) => (list.length === 1 ? 'notification' : 'notifications')

const linkIn = ({ tools: { appUrl } }: Database, { id, isInInbox }: News): string | null =>
  appUrl === null || !isInInbox ? null : `${appUrl}/notifications#id=${toGlobalId('notification', id)}`

/** Sends somebody a text message about what they want to be told so, as far as they may be sent one. */
async function writeText(
  tx: Database,
  userId: Id,
  settings: NotificationSettings,
  ids: readonly Id[],
  mailedIds: readonly Id[],
): Promise<void> {
  const sms = new SmsService(tx)
  const phone = sms.isAvailable ? await new PhoneService(tx).primaryOf(userId) : null
  if (phone === null || (await sms.isRefused(phone.number))) return
  const { countries } = tx.tools.textLimits
  if (countries !== null && !countries.includes(phone.country)) return
  const told = await wanted(tx, userId, settings, { ids, isSummary: false, phoneId: phone.id })
  if (told.length === 0 || !(await mayBeTexted(tx, userId, phone))) return
  const { now } = tx
  const about: About = {
    ...{ ids: idsOf(told), isSummary: false, phoneId: phone.id },
    ...{ notedAt: now.toISOString(), mailedIds },
  }
  await new NotifierRepository(tx).noteMailed(ownIdsOf(about), now)
  const { locale, timeZone } = (await new UserService(tx).lookup(userId))!
  await sms.sendReviewed({ number: phone.number, locale, timeZone, userId }, nameFor(told), about)
}

/** What this alone tells. */
const ownIdsOf = ({ ids, mailedIds = [] }: About): Id[] => ids.filter((id) => !mailedIds.includes(id))

/** Whether one more text message may be sent; what cannot be told so stands in the inbox. */
async function mayBeTexted(tx: Database, userId: Id, { country }: ReachablePhone): Promise<boolean> {
  try {
    await new ThrottleService(tx).tryNotice(userId, country)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code === 'RATE_LIMITED') return false
    throw error
  }
}

/** Something that somebody is told, with what it says of itself. */
interface News extends Unread {
  saying: Saying | null
}

/**
 * What of this somebody still wants to be told by mail or text message, in its order: not what they have read by now, have switched off,
 * do not agree to or do not want to hear of, nor what was taken back.
 */
async function wanted(
  db: Database,
  userId: Id,
  settings: NotificationSettings,
  { ids, isSummary, phoneId }: Told,
): Promise<News[]> {
  const unread = new Map((await new NotifierRepository(db).unreadAmong(ids)).map((each) => [each.id, each]))
  const sayings = await sayingsOf(
    db,
    [...unread.values()].map(({ target }) => target),
  )
  const isOn = ({ topic }: Unread) =>
    isSummary
      ? isSummarised(topic) && settings.wantsDigests
      : settings.isOn(topic, phoneId === undefined ? NotificationChannel.EMAIL : NotificationChannel.SMS)
  const refused = await refusedPurposes(db, userId, [...sayings.values()])
  return ids.flatMap((id) => {
    const each = unread.get(id)
    if (!each || !isOn(each)) return []
    const saying = sayings.get(each.target) ?? null
    if (saying?.isWithdrawn || (saying && refused.has(saying.purposeId))) return []
    return [{ ...each, saying }]
  })
}

/** The purposes of these to which somebody does not agree. */
async function refusedPurposes(
  db: Database,
  userId: Id,
  sayings: readonly Saying[],
): Promise<Set<string | null>> {
  const refused = new Set<string | null>()
  for (const { purposeId } of sayings)
    if (purposeId !== null && !(await new ConsentService(db).hasConsent(userId, purposeId)))
      refused.add(purposeId)
  return refused
}

/** What these say, in their order and that language; to a text message without names, which are what others have made of them. */
async function newsOf(
  db: Database,
  { userId, locale }: Reviewed,
  told: readonly News[],
  isNamed: boolean,
): Promise<string[]> {
  const found = await new NotificationService(db).actorsOf(idsOf(told), userId)
  const actors = new Map(found.map((each) => [each.notificationId, each]))
  const named = isNamed ? found.flatMap(({ actorIds }) => actorIds) : []
  const people = await new UserService(db).findShown(named)
  const names = new Map(people.map(({ id, displayName }) => [id, displayName]))
  return told.map(({ id, kind }) => {
    const { actorIds, actorCount } = actors.get(id) ?? { actorIds: [], actorCount: 0 }
    const known = actorIds.flatMap((each) => names.get(each) ?? [])
    return wordsOf(kind, { names: known, actorCount }, languageOf(locale))
  })
}

/** What is written of this, the last of which is the first. */
async function sayingFor(
  db: Database,
  letter: Reviewed,
  told: readonly News[],
  isText: boolean,
): Promise<Wanted> {
  const [first] = told
  const link = linkIn(db, first!)
  if (first!.saying !== null && !isText) {
    const { subject, text } = wordsFor(first!.saying.texts, letter.locale)
    return { name: 'announcement', facts: { announced: subject, announcement: text, link } }
  }
  const name = nameFor(told)
  const newsList = await newsOf(db, letter, told.slice(0, MOST_TOLD), !isText)
  return name === 'notification'
    ? { name, facts: { news: newsList[0]!, link } }
    : { name, facts: { newsCount: told.length, newsList, link } }
}

/** For how long a text message is of use, and a mail waits at its provider's door for whoever is not to be disturbed; in milliseconds. */
const OF_USE = DAY

/**
 * Asks once more when such a mail or text message is sent, which may be hours after it was written: it says what is still wanted and names
 * whom its reader is shown by then, it waits where its reader is not to be disturbed, and is not sent where nothing of it is wanted any
 * more. What it does not tell after all counts as untold.
 */
async function review(db: Database, letter: Reviewed): Promise<Wanted | Date | null> {
  const { userId } = letter
  const about = letter.about as About
  const settings = await settingsOf(db, userId)
  const told = settings && (await isOfUse(db, userId, about)) ? await wanted(db, userId, settings, about) : []
  const toldIds = new Set(idsOf(told))
  const left = ownIdsOf(about).filter((id) => !toldIds.has(id))
  if (left.length > 0) await giveBack(db, userId, settings, about, left)
  if (settings === null || told.length === 0) return null
  const { now } = db
  const undisturbed = settings.undisturbedFrom(now)
  if (undisturbed > later(now, OF_USE)) {
    await giveBack(db, userId, settings, about, ownIdsOf(about), undisturbed)
    return null
  }
  return undisturbed > now ? undisturbed : sayingFor(db, letter, told, about.phoneId !== undefined)
}

/** A text message is not sent a day late, nor to what may be somebody else's number by now. */
async function isOfUse(db: Database, userId: Id, { phoneId, notedAt }: About): Promise<boolean> {
  if (phoneId === undefined) return true
  if (notedAt !== undefined && later(new Date(notedAt), OF_USE) <= db.now) return false
  return (await new PhoneService(db).primaryOf(userId))?.id === phoneId
}

/**
 * What was to be told by a letter was not: it is told anew by one of its kind once its reader is not to be left alone any more, or as far
 * as they want that by a summary.
 */
async function giveBack(
  db: Database,
  userId: Id,
  settings: NotificationSettings | null,
  { notedAt, isSummary }: About,
  ids: readonly Id[],
  undisturbed: Date | null = null,
): Promise<void> {
  if (notedAt === undefined) return
  await db.transaction(async (tx) => {
    const notifier = new NotifierRepository(tx)
    const untold = await notifier.noteUntold(ids, new Date(notedAt))
    if (settings === null || untold.length === 0) return
    const { now } = tx
    if (undisturbed !== null && !isSummary)
      return notifier.addMails(
        untold.map((notificationId) => ({ notificationId, userId, dueAt: undisturbed })),
      )
    const digest = undisturbed === null ? settings.nextDigest(now) : { slotAt: now, dueAt: undisturbed }
    if (digest !== null && (await notifier.untoldAmong([userId])).length > 0)
      await notifier.addDigests([{ userId, ...digest }])
  })
}

defineReview('notifications', review)
defineReview('news', review)
