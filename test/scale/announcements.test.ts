import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as sleep } from 'node:timers/promises'
import { MINUTE, SECOND } from '../../src/core/clock'
import { toGlobalId, type Id } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { tellNext } from '../../src/modules/announcement/announcement-run'
import { AnnouncementService } from '../../src/modules/announcement/announcement.service'
import { sendAnnouncement } from '../../src/modules/announcement/announcement.task'
import { beginDue } from '../../src/modules/delivery/send-delivery'
import { EmailService } from '../../src/modules/email/email.service'
import { mailChannel } from '../../src/modules/mail/mail-channel'
import { sendNotifications } from '../../src/modules/notifier/notifier.task'
import { announced } from '../support/announcements'
import { sendDueMessages } from '../support/deliveries'
import { useWorld, type Person } from '../support/world'

// A rate has mails wait in the outbox.
const world = useWorld({ MAIL_RATE: '1000' })
const PEOPLE = 100_000
/** Every so many of them want mails, and want none at all. */
const MAILED = 50
const UNTOLD = 10
/** So many of the former have an address. */
const REACHED = 200
const PER_MINUTE = 60_000
/** How much more a process may hold at the end than after a tenth, in bytes. */
const GROWTH = 16 * 1024 * 1024

const report = (line: string) => process.stderr.write(`${line}\n`)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
function heapUsed(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const idOfReader = (number: number) =>
  number
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

let admin: Person
/** What everybody was told. */
let toldToAll: Id
beforeAll(async () => {
  admin = await world.person({ role: 'admin' })
  await connected(world.portico.config.databaseOwnerUrl!, async (client) => {
    await client.query('SET search_path = public')
    await client.query(
      `INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
       SELECT lpad(to_hex(number), 32, '0')::uuid, 'reader' || number, 'Reader ' || number, 'en', 'Europe/Berlin', 'active', now(), now(), 1
       FROM generate_series(1, ${PEOPLE}) number`,
    )
    await client.query(
      `INSERT INTO preferences (user_id, key, value, updated_at)
       SELECT lpad(to_hex(number), 32, '0')::uuid, 'notifications.product',
         CASE WHEN number % ${UNTOLD} = 0 THEN '[]'::jsonb ELSE '["in-app", "email"]' END, now()
       FROM generate_series(1, ${PEOPLE}) number WHERE number % ${UNTOLD} = 0 OR number % ${MAILED} = 1`,
    )
    // They have been told something before, so that PostgreSQL knows how large these tables are.
    await client.query(
      `WITH told AS (
         INSERT INTO notifications (id, user_id, topic, kind, group_key, is_in_inbox, is_open, target, created_at, happened_at)
         SELECT gen_random_uuid(), id, 'product', 'announcement', 'announcement:before', true, true, 'announcement_before', now(), now() FROM users
         RETURNING id, user_id)
       INSERT INTO notification_causes (user_id, key, notification_id, happened_at)
       SELECT user_id, 'announcement:before', id, now() FROM told`,
    )
    await client.query('VACUUM ANALYZE')
  })
  for (let place = 0; place < REACHED; place++)
    await world.db.transaction((tx) =>
      new EmailService(tx).addPrimary(idOfReader(1 + place * MAILED), `reader${place}@example.com`),
    )
}, 600_000)

async function announce(perMinute: number): Promise<Id> {
  return new AnnouncementService(await world.asViewer(admin)).create({
    ...announced(),
    sendAt: null,
    perMinute,
  })
}

interface Progress {
  status: string
  servedCount: number
  toldCount: number
  mailedCount: number
}

async function progressOf(id: Id): Promise<Progress> {
  const { node } = await admin.api.data(
    'query ($id: ID!) { node(id: $id) { ... on Announcement { status servedCount toldCount mailedCount } } }',
    { id: toGlobalId('announcement', id) },
  )
  return node
}

const toldOf = async (id: Id): Promise<number> => {
  const [row] = await world.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM notifications WHERE group_key = $1',
    [`announcement:${id}`],
  )
  return row!.count
}

test(`${PEOPLE} people are told once each, so many a minute, in memory that does not grow, and one sees how far it is`, async () => {
  const id = await announce(PER_MINUTE)
  toldToAll = id
  const begun = world.clock.now()
  const started = performance.now()
  const seen = new Set<number>()
  let early = 0
  for (let next = await tellNext(world.db, id); next !== null; next = await tellNext(world.db, id)) {
    const { servedCount } = await progressOf(id)
    seen.add(servedCount)
    const allowed = ((world.clock.now().getTime() - begun.getTime()) / MINUTE) * PER_MINUTE
    // Those who are served at once come on top.
    expect(servedCount).toBeLessThanOrEqual(allowed + 200)
    if (early === 0 && servedCount >= PEOPLE / 10) early = heapUsed()
    // As if the time had passed that has yet to pass.
    world.clock.advance(Math.max(0, next.nextAt.getTime() - world.clock.now().getTime()))
  }
  const seconds = (performance.now() - started) / 1_000
  const grown = heapUsed() - early
  const progress = await progressOf(id)
  report(
    `${PEOPLE} people were told in ${seconds.toFixed(0)} s of work, ${Math.round(PEOPLE / seconds)} a second; ${seen.size} steps were seen; the heap grew by ${(grown / 1_048_576).toFixed(1)} MiB`,
  )
  expect(progress).toEqual({
    status: 'SENT',
    servedCount: PEOPLE + 1,
    toldCount: PEOPLE - PEOPLE / UNTOLD + 1,
    mailedCount: PEOPLE / MAILED,
  })
  expect(await toldOf(id)).toBe(progress.toldCount)
  expect(seen.size).toBeGreaterThan(400)
  expect(grown).toBeLessThan(GROWTH)
})

test('of the mails that stand in the outbox when it is cancelled none leaves any more', async () => {
  world.clock.advance(3 * MINUTE)
  const count = async (from: string) => {
    const [row] = await world.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`)
    return row!.count
  }
  while ((await count('notification_mails')) > 0) await world.do(sendNotifications, {})
  const ofStatus = (status: string) =>
    count(`deliveries WHERE template = 'announcement' AND status = '${status}'`)
  expect(await ofStatus('pending')).toBe(REACHED)
  const { claimed, work } = await beginDue(world.db.tools, mailChannel, 16, new AbortController().signal)
  await Promise.all(work)
  const service = new AnnouncementService(await world.asViewer(admin))
  await service.cancel(toldToAll)
  await sendDueMessages(world)
  expect([await ofStatus('sent'), await ofStatus('suppressed')]).toEqual([claimed, REACHED - claimed])
})

test('whoever is told while it is cancelled was told before: nobody is afterwards', async () => {
  const id = await announce(PER_MINUTE)
  const sending = world.do(sendAnnouncement, { announcementId: id })
  for (let served = 0; served < 1_000; { servedCount: served } = await progressOf(id)) await sleep(50)
  const start = performance.now()
  const { cancelAnnouncement } = await admin.api.data(
    'mutation ($input: CancelAnnouncementInput!) { cancelAnnouncement(input: $input) { announcement { status } userErrors { code } } }',
    { input: { announcementId: toGlobalId('announcement', id) } },
  )
  const took = performance.now() - start
  const told = await toldOf(id)
  expect(cancelAnnouncement).toEqual({ announcement: { status: 'CANCELLED' }, userErrors: [] })
  await sending
  await sleep(2 * SECOND)
  expect(await toldOf(id)).toBe(told)
  expect(told).toBeLessThan(PEOPLE / 2)
  report(`It was cancelled after ${told} people, in ${Math.round(took)} ms.`)
})
