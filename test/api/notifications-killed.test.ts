import { setTimeout as sleep } from 'node:timers/promises'
import { toGlobalId } from '../../src/core/id'
import { tellNext } from '../../src/modules/announcement/announcement-run'
import { sendNotifications } from '../../src/modules/notifier/notifier.task'
import { makeDue, MoodyProviders } from '../support/delivery-ledger'
import { sendDueMessages } from '../support/deliveries'
import { startNotifying } from '../support/killed'
import { World, type Person } from '../support/world'

const READERS = 120
const PER_LIFE = 40
/** Every so many of the readers want mails about news. */
const MAILED = 4

const providers = new MoodyProviders()
const world = new World()
let environment: Record<string, string>

beforeAll(async () => {
  environment = await providers.start()
  await world.start(environment)
})
afterAll(async () => {
  await world.stop()
  await providers.stop()
})

const count = async (from: string) => {
  const [row] = await world.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`)
  return row!.count
}

/** Does what is left to do after the death of all that did it. */
async function finish(): Promise<void> {
  for (;;) {
    await makeDue(world)
    await world.db.query('UPDATE notification_mails SET due_at = now()')
    const announcements = await world.db.query<{ id: string }>(
      'SELECT id FROM announcements WHERE ended_at IS NULL',
    )
    for (const { id } of announcements) await tellNext(world.db, id)
    await world.do(sendNotifications, {})
    await sendDueMessages(world)
    const left = [
      await count('notification_mails'),
      await count("deliveries WHERE status = 'pending'"),
      announcements.length,
    ]
    if (left.every((some) => some === 0)) return
  }
}

test('kill -9 of whoever tells people loses nothing that has happened, and tells and mails nobody of it twice', async () => {
  const [commenter, announcer] = [await world.person(), await world.person({ role: 'admin' })]
  const readers: Person[] = []
  const posts: { id: string; author: Person }[] = []
  while (readers.length < READERS) {
    const reader = await world.person()
    readers.push(reader)
    posts.push(await world.post({ author: reader }))
  }
  const groupId = await world.group(...readers)
  const mailed = readers.filter((_, index) => index % MAILED === 0)
  await world.db.query(
    `INSERT INTO preferences (user_id, key, value, updated_at) SELECT unnest($1::uuid[]), 'notifications.product', '["in-app", "email"]', now()`,
    [mailed.map(({ id }) => id)],
  )

  const acknowledged: string[] = []
  let left = 0
  for (let from = 0; from < READERS; from += PER_LIFE) {
    const child = startNotifying(world, environment, {
      life: String(from / PER_LIFE),
      commenter,
      announcer,
      groupId,
      postIds: posts.slice(from, from + PER_LIFE).map(({ id }) => id),
    })
    const said = () => [...child.stdout.matchAll(/^ack (\S+)$/gm)].map(([, id]) => id!)
    try {
      await child.says(/begun/)
      const enough = PER_LIFE * (0.3 + 0.6 * Math.random())
      while (said().length < enough && !child.stdout.includes('done')) {
        if (child.child.exitCode !== null) throw new Error(`It has ended: ${child.stderr}`)
        await sleep(5)
      }
    } finally {
      await child.end('SIGKILL')
    }
    acknowledged.push(...said())
    left += (await count('notification_mails')) + (await count("deliveries WHERE status = 'pending'"))
  }
  expect(left).toBeGreaterThan(0)
  await finish()

  /** How many notifications tell somebody of each thing, and how many mails that a receiver can tell apart. */
  const toldOf = (cause: string, reader: Person) =>
    count(`notification_causes WHERE key = '${cause}' AND user_id = '${reader.id}'`)
  const mailsTo = ({ email }: Person, isIt: (subject: string) => boolean) =>
    new Set(
      providers.mails.taken
        .filter(({ to, headers }) => to === email && isIt(headers.subject ?? ''))
        .map(({ messageId }) => messageId),
    ).size

  const comments = await world.db.query<{ id: string; postId: string }>(
    'SELECT id, post_id AS "postId" FROM comments',
  )
  const announcements = await world.db.query<{ id: string; subject: string }>(
    `SELECT id, texts->'en'->>'subject' AS subject FROM announcements`,
  )
  const happened = [
    ...comments.map(({ id }) => toGlobalId('comment', id)),
    ...announcements.map(({ id }) => toGlobalId('announcement', id)),
  ]
  expect(acknowledged.filter((id) => !happened.includes(id))).toEqual([])
  expect(comments.length).toBeGreaterThan(PER_LIFE / 2)
  expect(announcements.length).toBeGreaterThan(0)

  for (const { id, postId } of comments) {
    const { author } = posts.find((post) => post.id === postId)!
    const told = await toldOf(toGlobalId('comment', id), author)
    const mails = mailsTo(author, (subject) => subject.endsWith('commented on your post'))
    expect({ told, mails }).toEqual({ told: 1, mails: 1 })
  }
  for (const { id, subject } of announcements)
    for (const [index, reader] of readers.entries()) {
      const told = await toldOf(`announcement:${id}`, reader)
      const mails = mailsTo(reader, (each) => each === subject)
      expect({ told, mails }).toEqual({ told: 1, mails: index % MAILED === 0 ? 1 : 0 })
    }
  expect(await count('notifications')).toBe(comments.length + announcements.length * READERS)
}, 300_000)
