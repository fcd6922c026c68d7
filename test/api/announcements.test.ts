import { DAY, MINUTE, SECOND } from '../../src/core/clock'
import { fromGlobalId, newId, toGlobalId } from '../../src/core/id'
import { tellNext } from '../../src/modules/announcement/announcement-run'
import {
  forgetOldAnnouncements,
  sendAnnouncement,
  sendDueAnnouncements,
} from '../../src/modules/announcement/announcement.task'
import { sendNotifications } from '../../src/modules/notifier/notifier.task'
import type { ApiClient } from '../support/api-client'
import { commentOn } from '../support/content'
import { prefer } from '../support/preferences'
import { consentOf } from '../support/privacy'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld({ APP_URL: 'https://app.example.com' })

const CREATE = `mutation ($input: CreateAnnouncementInput!) { createAnnouncement(input: $input) {
  announcement { id subject status isForEverybody perMinute sendAt servedCount toldCount mailedCount texts { language subject } }
  userErrors { code field message }
} }`
const CANCEL =
  'mutation ($input: CancelAnnouncementInput!) { cancelAnnouncement(input: $input) { announcement { id status } userErrors { code field message } } }'
const READ = `query ($id: ID!) { node(id: $id) { ... on Announcement {
  id subject text status servedCount toldCount mailedCount readCount startedAt endedAt failure
} } }`
const INBOX =
  '{ viewer { unreadNotificationCount notifications { edges { node { id kind topic text actorCount actors { id } target { id ... on Announcement { subject text } } } } } } }'

const texts = (title = unique('News '), text = 'It is here.') => [
  { language: 'en', subject: title, text },
  { language: 'de', subject: `${title} auf Deutsch`, text: 'Es ist da.' },
]

/** Whoever may announce something, and sees everybody. */
const announcer = () => world.person({ permissions: ['announcements:send', 'users:read', 'groups:read'] })

interface Progress {
  id: string
  status: string
  servedCount: number
}

async function create(by: Person, input: object = {}) {
  const given = { texts: texts(), audience: { everybody: true }, ...input }
  const { createAnnouncement } = await by.api.data(CREATE, { input: given })
  return createAnnouncement as {
    announcement: Progress
    userErrors: { code: string; field: string[]; message: string }[]
  }
}

/** A group with these people in it. */
const groupOf = async (...people: Person[]): Promise<string> =>
  toGlobalId('group', await world.group(...people))

/** Gives somebody a permission over everybody. */
async function grantEverywhere({ id }: Person, permission: string): Promise<void> {
  const other = await world.person({ permissions: [permission] })
  await world.db.query(
    'UPDATE role_grants SET user_id = $1 WHERE user_id = $2 AND role_id NOT IN (SELECT role_id FROM role_grants WHERE user_id = $1)',
    [id, other.id],
  )
}

/** A group with this person in it, and so many others who came after them. */
async function crowdAround(person: Person, others: number): Promise<string> {
  const groupId = await groupOf(person)
  const ids = Array.from({ length: others }, () => newId(world.clock.now()))
  await world.db.query(
    `INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
     SELECT id, 'r' || substr(md5(id::text), 1, 20), 'Somebody', 'en', 'UTC', 'active', now(), now(), 1 FROM unnest($1::uuid[]) AS id`,
    [ids],
  )
  await world.join(idIn(groupId), ...ids.map((id) => ({ id })))
  return groupId
}

const idIn = (globalId: string) => fromGlobalId(globalId)!.id
const send = (globalId: string) => world.do(sendAnnouncement, { announcementId: idIn(globalId) })
const read = async ({ api }: { api: ApiClient }, id: string) => (await api.data(READ, { id })).node
const inboxOf = async ({ api }: Person) => {
  const { viewer } = await api.data(INBOX)
  return viewer.notifications.edges.map(({ node }: { node: object }) => node)
}
const mailsTo = ({ email }: Person, title: string) =>
  world.portico.mailbox!.read(email).filter(({ subject }) => subject.includes(title))

/** Announces something to these people; answers its id and title. */
async function announceTo(by: Person, people: Person[], input: object = {}) {
  const said = texts()
  const { announcement, userErrors } = await create(by, {
    texts: said,
    audience: { filter: { groupId: await groupOf(...people) } },
    ...input,
  })
  expect(userErrors).toEqual([])
  return { id: announcement.id, title: said[0]!.subject }
}

describe('an announcement', () => {
  test('is told everybody in their inbox, in their language, once, by nobody in particular', async () => {
    const [by, ada, kay] = [await announcer(), await world.person(), await world.person()]
    await world.db.query("UPDATE users SET locale = 'de-AT' WHERE id = $1", [kay.id])
    const said = texts()
    const { announcement } = await create(by, { texts: said })
    expect(announcement).toMatchObject({
      subject: said[0]!.subject,
      isForEverybody: true,
    })
    await send(announcement.id)
    await send(announcement.id)
    for (const [person, title, text] of [
      [ada, said[0]!.subject, 'It is here.'],
      [kay, said[1]!.subject, 'Es ist da.'],
    ] as const) {
      const told = (await inboxOf(person)).filter(
        ({ target }: { target: { id: string } | null }) => target?.id === announcement.id,
      )
      expect(told).toEqual([
        expect.objectContaining({
          kind: 'ANNOUNCEMENT',
          topic: 'PRODUCT',
          text: title,
          actorCount: 0,
          actors: [],
          target: { id: announcement.id, subject: title, text },
        }),
      ])
    }
    const { status, servedCount, toldCount, mailedCount, endedAt } = await read(by, announcement.id)
    expect({ status, mailedCount }).toEqual({ status: 'SENT', mailedCount: 0 })
    expect(toldCount).toBe(servedCount)
    expect(toldCount).toBeGreaterThanOrEqual(3)
    expect(endedAt).not.toBeNull()
  })

  test('is for the members of a group, and read by nobody else', async () => {
    const [by, member, other] = [await announcer(), await world.person(), await world.person()]
    const { id } = await announceTo(by, [member])
    expect(await read(member, id)).toBeNull()
    await send(id)
    const { node } = await member.api.data(
      'query ($id: ID!) { node(id: $id) { ... on Announcement { text } } }',
      { id },
    )
    expect(node).toEqual({ text: 'It is here.' })
    expect(await inboxOf(other)).toEqual([])
    expect(await read(other, id)).toBeNull()
    expect(await read(by, id)).toMatchObject({ servedCount: 1, toldCount: 1 })
  })

  test('is for the holders of a role, and for nobody else', async () => {
    const [by, holder, other] = [await announcer(), await world.person(), await world.person()]
    await grantEverywhere(by, 'roles:read')
    await grantEverywhere(holder, 'posts:moderate')
    const [role] = await world.db.query<{ id: string }>(
      `SELECT role.id FROM roles role JOIN role_grants held ON held.role_id = role.id
       WHERE held.user_id = $1 AND role.permissions = '{posts:moderate}'`,
      [holder.id],
    )
    const { announcement, userErrors } = await create(by, {
      audience: { filter: { roleId: toGlobalId('role', role!.id) } },
    })
    expect(userErrors).toEqual([])
    await send(announcement.id)
    const inboxes = [await inboxOf(holder), await inboxOf(other)]
    expect(inboxes.map(({ length }) => length)).toEqual([1, 0])
    expect(await read(by, announcement.id)).toMatchObject({ servedCount: 1, toldCount: 1 })
  })

  test('is told as each wants to be told of news', async () => {
    const [by, inbox, mail, both, none, noMails] = await Promise.all([
      announcer(),
      ...Array.from({ length: 5 }, () => world.person()),
    ])
    await prefer(world, mail!, 'notifications.product', ['email'])
    await prefer(world, both!, 'notifications.product', ['in-app', 'email'])
    await prefer(world, none!, 'notifications.product', [])
    await prefer(world, noMails!, 'notifications.product', ['in-app', 'email'])
    await prefer(world, noMails!, 'notifications.email', false)
    const { id, title } = await announceTo(by, [inbox!, mail!, both!, none!, noMails!])
    await send(id)
    expect(await read(by, id)).toMatchObject({ servedCount: 5, toldCount: 4, mailedCount: 2 })
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    const told = async (person: Person) => [(await inboxOf(person)).length, mailsTo(person, title).length]
    expect(await Promise.all([inbox!, mail!, both!, none!, noMails!].map(told))).toEqual([
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 0],
      [1, 0],
    ])
    const [written] = mailsTo(both!, title)
    expect(written!.subject).toBe(title)
    expect(written!.text).toContain('It is here.')
    expect(written!.text).toContain('https://app.example.com/notifications#id=notification_')
  })

  test('is not told those whose data is kept and no more, who are suspended, or have deactivated their account', async () => {
    const [by, restricted, suspended, deactivated, active] = await Promise.all([
      announcer(),
      ...Array.from({ length: 4 }, () => world.person()),
    ])
    await world.db.query('UPDATE users SET restricted_at = now() WHERE id = $1', [restricted!.id])
    await world.db.query("UPDATE users SET status = 'suspended' WHERE id = $1", [suspended!.id])
    await world.db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [deactivated!.id])
    const { id } = await announceTo(by, [restricted!, suspended!, deactivated!, active!])
    await send(id)
    const rows = await world.db.query<{ userId: string }>(
      'SELECT user_id AS "userId" FROM notifications WHERE group_key = $1',
      [`announcement:${idIn(id)}`],
    )
    expect(rows).toEqual([{ userId: active!.id }])
    expect((await read(by, id)).toldCount).toBe(1)
  })

  test('reaches those who have blocked its author, who is told as well', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    await world.db.query(
      "INSERT INTO blocks (id, person_id, blocked_id, kind, created_at) VALUES ($1, $2, $3, 'BLOCKED', now())",
      [newId(), ada.id, by.id],
    )
    const { id } = await announceTo(by, [ada, by])
    await send(id)
    expect([(await inboxOf(ada)).length, (await inboxOf(by)).length]).toEqual([1, 1])
  })

  test('is told in its first language whoever has none of its languages', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    await world.db.query("UPDATE users SET locale = 'fr' WHERE id = $1", [ada.id])
    const { id, title } = await announceTo(by, [ada])
    await send(id)
    expect(await inboxOf(ada)).toEqual([
      expect.objectContaining({ text: title, target: { id, subject: title, text: 'It is here.' } }),
    ])
  })

  test('has no button in a mail to who does not want it in the inbox', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    await prefer(world, ada, 'notifications.product', ['email'])
    const { id, title } = await announceTo(by, [ada])
    await send(id)
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    const [mail] = mailsTo(ada, title)
    expect(mail!.text).toContain('It is here.')
    expect(mail!.text).not.toContain('https://app.example.com')
  })

  test('says how many have read it', async () => {
    const [by, ada, kay] = [await announcer(), await world.person(), await world.person()]
    const { id } = await announceTo(by, [ada, kay])
    await send(id)
    expect((await read(by, id)).readCount).toBe(0)
    await ada.api.data('mutation { markAllNotificationsRead(input: {}) { count } }')
    expect((await read(by, id)).readCount).toBe(1)
  })

  test('is in no summary, for whoever has not asked for mails about news gets none', async () => {
    const [by, ada, kay] = [await announcer(), await world.person(), await world.person()]
    await prefer(world, kay, 'notifications.product', ['in-app', 'email'])
    const { id, title } = await announceTo(by, [ada, kay])
    await send(id)
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    const [mail] = mailsTo(kay, title)
    await fetch(new URL(new URL(mail!.unsubscribeUrl!).pathname, world.url), { method: 'POST' })
    const next = await announceTo(by, [ada, kay])
    await send(next.id)
    // Something else of which a summary tells.
    await prefer(world, ada, 'notifications.replies', ['in-app'])
    await commentOn(world, await world.post({ author: ada }), await world.person())
    world.clock.advance(8 * DAY)
    await world.do(sendNotifications, {})
    const subjects = (person: Person) =>
      world.portico.mailbox!.read(person.email).map(({ subject }) => subject)
    expect(subjects(ada)).toEqual([expect.stringMatching(/commented on your post$/)])
    expect(subjects(kay)).toEqual([title])
  })
})

describe('when it is sent', () => {
  test('is not before its moment, and by itself then', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    const sendAt = new Date(world.clock.now().getTime() + 30 * MINUTE).toISOString()
    const { id } = await announceTo(by, [ada], { sendAt })
    await send(id)
    expect(await read(by, id)).toMatchObject({ status: 'SCHEDULED', servedCount: 0, startedAt: null })
    world.clock.advance(30 * MINUTE + SECOND)
    await world.do(sendDueAnnouncements, {})
    const [job] = await world.db.query<{ payload: object }>(
      "SELECT payload FROM graphile_worker._private_jobs WHERE key LIKE '%' || $1",
      [idIn(id)],
    )
    expect(job).toBeDefined()
    await send(id)
    expect(await read(by, id)).toMatchObject({ status: 'SENT', toldCount: 1 })
  })

  test('so many have their turn in a minute, and no more', async () => {
    const by = await announcer()
    const groupId = await crowdAround(await world.person(), 449)
    const { announcement } = await create(by, { audience: { filter: { groupId } }, perMinute: 600 })
    const id = idIn(announcement.id)
    const served: number[] = []
    for (let seconds = 0; seconds <= 60; seconds += 5) {
      await tellNext(world.db, id)
      served.push((await read(by, announcement.id)).servedCount)
      world.clock.advance(5 * SECOND)
    }
    // 200 people take twenty seconds.
    expect([served[0], served[3], served[5], served[9]]).toEqual([200, 200, 400, 450])
    const slow = await create(by, { audience: { filter: { groupId } }, perMinute: 60 })
    await tellNext(world.db, idIn(slow.announcement.id))
    expect((await read(by, slow.announcement.id)).servedCount).toBe(60)
  })

  test('people come and go meanwhile, and it goes on where a process has stopped: nobody is told twice, nobody left out', async () => {
    const by = await announcer()
    const early = await world.person()
    const groupId = await crowdAround(await world.person(), 449)
    const members = () =>
      world.db.query<{ id: string }>(
        'SELECT user_id AS id FROM group_members WHERE group_id = $1 ORDER BY user_id',
        [idIn(groupId)],
      )
    const before = (await members()).map(({ id }) => id)
    const { announcement } = await create(by, { audience: { filter: { groupId } } })
    const id = idIn(announcement.id)
    await tellNext(world.db, id)
    // Somebody who was told goes, somebody goes before their turn, and somebody comes who is to have one.
    const goes = [before[10]!, before[210]!]
    await world.db.query('DELETE FROM group_members WHERE user_id = ANY($1)', [goes])
    const late = await world.person()
    await world.join(idIn(groupId), late)
    // And somebody whose turn would have been before.
    await world.join(idIn(groupId), early)
    world.clock.advance(MINUTE)
    // A process dies in the middle of its work; two others go on.
    const dying = world.db.transaction(async (tx) => {
      await tellNext(tx, id)
      throw new Error('It died here.')
    })
    await expect(dying).rejects.toThrow('It died here.')
    await Promise.all([tellNext(world.db, id), tellNext(world.db, id)])
    world.clock.advance(MINUTE)
    await send(announcement.id)
    const told = await world.db.query<{ userId: string }>(
      'SELECT user_id AS "userId" FROM notifications WHERE group_key = $1',
      [`announcement:${id}`],
    )
    const expected = [...before.filter((each) => each !== goes[1]), late.id]
    expect(told.map(({ userId }) => userId).sort()).toEqual(expected.sort())
    expect(await read(by, announcement.id)).toMatchObject({
      status: 'SENT',
      servedCount: 450,
      toldCount: 450,
    })
  })

  test.each([
    ['may not announce anything', (id: string) => [`DELETE FROM role_grants WHERE user_id = '${id}'`]],
    ['is suspended', (id: string) => [`UPDATE users SET status = 'suspended' WHERE id = '${id}'`]],
    [
      'has deactivated their account',
      (id: string) => [`UPDATE users SET deactivated_at = now() WHERE id = '${id}'`],
    ],
    [
      'sees no groups any more',
      (id: string) => [
        `UPDATE roles SET permissions = array_remove(permissions, 'groups:read') WHERE id IN (SELECT role_id FROM role_grants WHERE user_id = '${id}')`,
      ],
    ],
  ])('nobody is told any more once its author %s', async (_, statements) => {
    const [by, admin, ada] = [await announcer(), await world.person({ role: 'admin' }), await world.person()]
    const { id } = await announceTo(by, [ada])
    for (const statement of statements(by.id)) await world.db.query(statement)
    await send(id)
    expect(await read(admin, id)).toMatchObject({ status: 'CANCELLED', servedCount: 0 })
    expect(await inboxOf(ada)).toEqual([])
  })

  test('nobody is told once the group is not there any more for which it is', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    const groupId = await groupOf(ada)
    const { announcement } = await create(by, { audience: { filter: { groupId } } })
    await world.db.query('DELETE FROM groups WHERE id = $1', [idIn(groupId)])
    await send(announcement.id)
    expect(await read(by, announcement.id)).toMatchObject({ status: 'CANCELLED', servedCount: 0 })
  })

  test('it reaches nobody whom its author does not see', async () => {
    const [member, other] = [await world.person(), await world.person()]
    const groupId = await groupOf(member)
    const by = await world.person({ permissions: ['users:read'], over: idIn(groupId) })
    await grantEverywhere(by, 'announcements:send')
    const { announcement } = await create(by)
    await send(announcement.id)
    expect([(await inboxOf(member)).length, (await inboxOf(other)).length]).toEqual([1, 0])
  })
})

describe('one that cannot be told', () => {
  /** Makes it fail at every try, as a fault of ours would, until the function that is returned is called. */
  async function broken(id: string) {
    const [row] = await world.db.query<{ whom: Buffer }>('SELECT whom FROM announcements WHERE id = $1', [
      idIn(id),
    ])
    const set = (whom: Buffer) =>
      world.db.query('UPDATE announcements SET whom = $2 WHERE id = $1', [idIn(id), whom])
    await set(Buffer.concat([row!.whom.subarray(0, -1), Buffer.from([row!.whom.at(-1)! ^ 1])]))
    return () => set(row!.whom)
  }
  const jobs = async (id: string) =>
    (await world.db.query("SELECT FROM graphile_worker._private_jobs WHERE key LIKE '%' || $1", [idIn(id)]))
      .length

  test('is tried again later each time, and given up after hours, which staff see with its cause', async () => {
    const { id } = await announceTo(await announcer(), [await world.person()])
    await broken(id)
    const waits: number[] = []
    for (let isOver = false; !isOver && waits.length < 20;) {
      await send(id)
      const [row] = await world.db.query<{ nextAt: Date; isOver: boolean }>(
        'SELECT next_at AS "nextAt", ended_at IS NOT NULL AS "isOver" FROM announcements WHERE id = $1',
        [idIn(id)],
      )
      isOver = row!.isOver
      const wait = row!.nextAt.getTime() - world.clock.now().getTime()
      if (!isOver) waits.push(wait)
      world.clock.advance(Math.max(0, wait) + SECOND)
    }
    expect(waits).toHaveLength(7)
    expect(waits[0]).toBeGreaterThan(30 * SECOND)
    expect(waits).toEqual([...waits].sort((one, other) => one - other))
    expect(await read(await announcer(), id)).toMatchObject({
      status: 'FAILED',
      failure: 'UNEXPECTED',
      servedCount: 0,
      endedAt: expect.any(String),
    })
    await world.db.query("DELETE FROM graphile_worker._private_jobs WHERE key LIKE '%' || $1", [idIn(id)])
    await world.do(sendDueAnnouncements, {})
    expect(await jobs(id)).toBe(0)
  })

  test('is told all the same once it can be', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    const { id } = await announceTo(by, [ada])
    const mend = await broken(id)
    await send(id)
    await mend()
    world.clock.advance(2 * MINUTE)
    await send(id)
    expect(await read(by, id)).toMatchObject({ status: 'SENT', failure: null, toldCount: 1 })
  })
})

describe('an announcement for a purpose', () => {
  const object = ({ api }: Person) =>
    api.data(
      'mutation { objectToProcessing(input: { purposeId: "analytics", message: "No." }) { userErrors { code } } }',
    )
  const withdraw = ({ api }: Person) =>
    api.data('mutation { withdrawConsent(input: { purposeId: "newsletter" }) { userErrors { code } } }')

  test('R94 is told only to those who agree to it when their turn comes', async () => {
    const [by, agrees, said, silent] = [
      await announcer(),
      await world.person(),
      await world.person(),
      await world.person(),
    ]
    for (const person of [agrees, said]) await consentOf(person)
    await withdraw(said)
    await object(silent)
    for (const [purposeId, told] of [
      ['newsletter', [agrees]],
      ['analytics', [agrees, said]],
    ] as const) {
      const { id, title } = await announceTo(by, [agrees, said, silent], { purposeId })
      await send(id)
      expect(await read(by, id)).toMatchObject({ servedCount: 3, toldCount: told.length })
      for (const person of [agrees, said, silent]) {
        const titles = (await inboxOf(person)).map(({ text }: { text: string }) => text)
        expect(titles.includes(title)).toBe((told as readonly Person[]).includes(person))
      }
    }
  })

  test('R94 is not written about to whoever has changed their mind since they were told', async () => {
    const [by, ada, kay] = [await announcer(), await world.person(), await world.person()]
    for (const person of [ada, kay]) {
      await consentOf(person)
      await prefer(world, person, 'notifications.product', ['in-app', 'email'])
    }
    const { id, title } = await announceTo(by, [ada, kay], { purposeId: 'newsletter' })
    await send(id)
    await withdraw(ada)
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    expect(mailsTo(ada, title)).toEqual([])
    expect(mailsTo(kay, title)).toHaveLength(1)
  })

  test('is refused where there is no such purpose', async () => {
    const { userErrors } = await create(await announcer(), {
      texts: texts(),
      audience: { everybody: true },
      purposeId: 'world-domination',
    })
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['purposeId'] }])
  })
})

describe('cancelling', () => {
  test('keeps everybody else from being told, and mails from being written', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    await prefer(world, ada, 'notifications.product', ['in-app', 'email'])
    const [title, groupId] = [unique('News '), await crowdAround(ada, 250)]
    const { announcement } = await create(by, { texts: texts(title), audience: { filter: { groupId } } })
    const { id } = announcement as { id: string }
    await tellNext(world.db, idIn(id))
    const { cancelAnnouncement } = await by.api.data(CANCEL, { input: { announcementId: id } })
    expect(cancelAnnouncement).toEqual({ announcement: { id, status: 'CANCELLED' }, userErrors: [] })
    world.clock.advance(MINUTE)
    await send(id)
    expect(await read(by, id)).toMatchObject({ servedCount: 200, toldCount: 200, mailedCount: 1 })
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    expect(mailsTo(ada, title)).toEqual([])
    expect(await inboxOf(ada)).toHaveLength(1)
  })

  test('also keeps mails from being written once everybody has had their turn', async () => {
    const [by, ada] = [await announcer(), await world.person()]
    await prefer(world, ada, 'notifications.product', ['in-app', 'email'])
    const { id, title } = await announceTo(by, [ada])
    await send(id)
    expect(await read(by, id)).toMatchObject({ status: 'SENT', mailedCount: 1 })
    const { cancelAnnouncement } = await by.api.data(CANCEL, { input: { announcementId: id } })
    expect(cancelAnnouncement).toEqual({ announcement: { id, status: 'CANCELLED' }, userErrors: [] })
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    expect(mailsTo(ada, title)).toEqual([])
    expect((await inboxOf(ada)).map(({ text }: { text: string }) => text)).toEqual([title])
  })

  test('is refused for one that was cancelled before', async () => {
    const by = await announcer()
    const { id } = await announceTo(by, [])
    await by.api.data(CANCEL, { input: { announcementId: id } })
    const { cancelAnnouncement } = await by.api.data(CANCEL, { input: { announcementId: id } })
    expect(cancelAnnouncement.userErrors).toEqual([
      {
        code: 'NOT_FOUND',
        field: ['announcementId'],
        message: 'This announcement was cancelled before.',
      },
    ])
  })
})

test.each([
  ['neither everybody nor a filter', { audience: {} }, ['audience']],
  ['both', { audience: { everybody: true, filter: { status: 'ACTIVE' } } }, ['audience']],
  ['an empty filter', { audience: { filter: {} } }, ['audience', 'filter']],
  [
    'a group that is not there',
    { audience: { filter: { groupId: toGlobalId('group', newId()) } } },
    ['audience', 'filter', 'groupId'],
  ],
  ['no text', { texts: [] }, ['texts']],
  ['a language twice', { texts: [...texts(), texts()[0]] }, ['texts', '2', 'language']],
  ['no language', { texts: [{ language: 'english!', subject: 'A', text: 'B' }] }, ['texts', '0', 'language']],
  ['an empty subject', { texts: [{ language: 'en', subject: ' ', text: 'B' }] }, ['texts', '0', 'subject']],
  ['too few a minute', { perMinute: 59 }, ['perMinute']],
  ['too many a minute', { perMinute: 60_001 }, ['perMinute']],
  ['a moment in two years', { sendAt: new Date(Date.now() + 730 * DAY).toISOString() }, ['sendAt']],
])('%s is refused, and nothing is announced', async (_, input, field) => {
  const by = await announcer()
  const { announcement, userErrors } = await create(by, input)
  expect(announcement).toBeNull()
  expect(userErrors[0]!.field).toEqual(field)
  const [{ count }] = (await world.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM announcements WHERE created_by_id = $1',
    [by.id],
  )) as [{ count: number }]
  expect(count).toBe(0)
})

test('whoever does not want mails about news ends them with one click, and keeps the rest', async () => {
  const [by, ada] = [await announcer(), await world.person()]
  await prefer(world, ada, 'notifications.product', ['in-app', 'email'])
  const { id, title } = await announceTo(by, [ada])
  await send(id)
  world.clock.advance(3 * MINUTE)
  await world.do(sendNotifications, {})
  const [mail] = mailsTo(ada, title)
  const { pathname } = new URL(mail!.unsubscribeUrl!)
  expect(pathname).toMatch(/^\/unsubscribe\/news\//)
  const answer = await fetch(new URL(pathname, world.url), { method: 'POST' })
  expect(answer.status).toBe(200)
  const { viewer } = await ada.api.data(
    '{ viewer { product: preference(key: "notifications.product") { value } mail: preference(key: "notifications.email") { value } } }',
  )
  expect(viewer).toEqual({ product: { value: ['in-app'] }, mail: { value: true } })
})

test('is forgotten three months after its end', async () => {
  const by = await announcer()
  const { id } = await announceTo(by, [])
  await send(id)
  world.clock.advance(89 * DAY)
  await world.do(forgetOldAnnouncements, {})
  const isThere = async () =>
    (await world.db.query('SELECT FROM announcements WHERE id = $1', [idIn(id)])).length === 1
  expect(await isThere()).toBe(true)
  world.clock.advance(2 * DAY)
  await world.do(forgetOldAnnouncements, {})
  expect(await isThere()).toBe(false)
})
