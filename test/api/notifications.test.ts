import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { idOf, toGlobalId } from '../../src/core/id'
import { CommentService } from '../../src/modules/comment/comment.service'
import { approveComment } from '../../src/modules/comment/remove-comment'
import {
  reschedulePeople,
  rescheduleGroup,
  sendNotifications,
} from '../../src/modules/notifier/notifier.task'
import { forgetOldNotifications } from '../../src/modules/notification/notification.task'
import { inboxTopic } from '../../src/modules/notification/notifications-changed'
import type { ApiClient } from '../support/api-client'
import { commentOn } from '../support/content'
import { beginningOf, follow } from '../support/follower'
import { blockBy, conversationOf } from '../support/messages'
import { prefer } from '../support/preferences'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld({ APP_URL: 'https://app.example.com' })

const INBOX = `query ($filter: NotificationFilterInput) { viewer { unreadNotificationCount notifications(filter: $filter) { totalCount edges { node {
  id topic kind text actorCount count readAt happenedAt actors { username } target { id }
} } } } }`
const MARK_READ =
  'mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { notifications { id readAt } userErrors { code field } } }'
const MARK_UNREAD =
  'mutation ($input: MarkNotificationsUnreadInput!) { markNotificationsUnread(input: $input) { notifications { id readAt } userErrors { code field } } }'
const MARK_ALL =
  'mutation ($input: MarkAllNotificationsReadInput!) { markAllNotificationsRead(input: $input) { count userErrors { code } } }'
const SET =
  'mutation ($input: SetNotificationSettingsInput!) { setNotificationSettings(input: $input) { settings { topic channels { channel isOn mandatoryBecause } } userErrors { code field message } } }'
const MUTE =
  'mutation ($input: MuteThreadInput!) { muteThread(input: $input) { post { isThreadMuted } userErrors { code } } }'
const UNMUTE =
  'mutation ($input: UnmuteThreadInput!) { unmuteThread(input: $input) { post { isThreadMuted } userErrors { code } } }'

interface Told {
  id: string
  topic: string
  kind: string
  text: string
  actorCount: number
  count: number
  readAt: string | null
  happenedAt: string
  actors: { username: string }[]
  target: { id: string } | null
}

async function inboxOf({ api }: { api: ApiClient }, filter: object = {}) {
  const { viewer } = await api.data(INBOX, { filter })
  const { edges, totalCount } = viewer.notifications as { edges: { node: Told }[]; totalCount: number }
  return {
    unread: viewer.unreadNotificationCount as number,
    totalCount,
    told: edges.map(({ node }) => node),
  }
}

const textsOf = async (person: Person) => (await inboxOf(person)).told.map(({ text }) => text)
const nameOf = ({ username }: Person) => `Name of ${username}`
const mailsTo = ({ email }: Person) =>
  world.portico.mailbox!.read(email).filter(({ subject }) => /comment|post|wrote|News/.test(subject))

const updateProfile = ({ api }: Person, what: string) =>
  api.data(`mutation { updateProfile(input: { ${what} }) { userErrors { code } } }`)

/** Staff put somebody into a group. */
async function join(person: Person) {
  const staff = await world.person({ role: 'admin' })
  const groupId = toGlobalId('group', await world.group())
  await staff.api.data(
    'mutation ($input: AddGroupMemberInput!) { addGroupMember(input: $input) { userErrors { code } } }',
    { input: { groupId, userId: person.globalId } },
  )
}

/** Sends what is due so long from now on. */
async function sendAfter(milliseconds: number) {
  world.clock.advance(milliseconds)
  await world.do(sendNotifications, {})
}

describe('somebody is told', () => {
  test('who mentions them, answers them, and comments on their posts; of one comment once', async () => {
    const [ada, bob, kay] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    const comment = await commentOn(world, post, bob, { body: 'Well.' })
    await commentOn(world, post, kay, {
      body: `@${ada.username} and @${bob.username}, no.`,
      parentId: comment,
    })
    expect(await textsOf(ada)).toEqual([
      `${nameOf(kay)} mentioned you in a comment`,
      `${nameOf(bob)} commented on your post`,
    ])
    expect((await inboxOf(bob)).told).toMatchObject([
      {
        topic: 'MENTIONS',
        kind: 'MENTION',
        text: `${nameOf(kay)} mentioned you in a comment`,
        actors: [{ username: kay.username }],
      },
    ])
    expect((await inboxOf(kay)).told).toEqual([])
  })

  test('nothing of what they do themselves, nor of what only another may see', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    await ada.api.data(
      'mutation ($id: ID!) { updatePost(input: { postId: $id, visibility: ONLY_ME }) { userErrors { code } } }',
      { id: post.globalId },
    )
    await commentOn(world, post, ada, { body: `@${bob.username} cannot see it.` })
    expect(await textsOf(ada)).toEqual([])
    expect(await textsOf(bob)).toEqual([])
  })

  test.each<[string, () => ReturnType<typeof world.post>]>([
    ['a draft', () => world.post({ publish: false })],
    ['what is published later', () => world.scheduledPost()],
  ])('nothing of what is said to %s, which nobody sees but its author', async (_, written) => {
    const [post, bob, staff] = [await written(), await world.person(), await world.person({ role: 'admin' })]
    await commentOn(world, post, post.author, { body: `@${bob.username}, not yet.` })
    await commentOn(world, post, staff, { body: `@${bob.username}, wait.` })
    expect(await textsOf(bob)).toEqual([])
    expect(await textsOf(post.author)).toEqual([`${nameOf(staff)} commented on your post`])
  })

  test.each([
    ['in the trash', `deleted_at = now()`],
    ['removed', `status = 'removed'`],
  ])('nothing of a comment that is approved when its post is %s', async (_, is) => {
    const [ada, bob, kay] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    const comment = await commentOn(world, post, kay, { body: 'Well.' })
    const answer = await commentOn(world, post, bob, { body: `@${kay.username}!`, parentId: comment })
    await world.db.query('UPDATE comments SET held_at = now() WHERE id = $1', [idOf('comment', answer)])
    await world.db.query('DELETE FROM notifications WHERE user_id = $1', [kay.id])
    await world.db.query(`UPDATE posts SET ${is} WHERE id = $1`, [post.id])
    const staff = await world.asViewer(await world.person({ role: 'admin' }))
    await staff.transaction((tx) => approveComment(tx, idOf('comment', answer)!))
    expect(await textsOf(kay)).toEqual([])
  })

  test('as one of what happens to one thing, until they have read it: the last first, each person once', async () => {
    const author = await world.person()
    const post = await world.post({ author })
    const people = [await world.person(), await world.person(), await world.person(), await world.person()]
    for (const person of people) await commentOn(world, post, person)
    await commentOn(world, post, people[3]!)
    const { unread, told } = await inboxOf(author)
    expect(unread).toBe(1)
    expect(told).toMatchObject([
      {
        text: `${nameOf(people[3]!)} and 3 others commented on your post`,
        actorCount: 4,
        count: 5,
        actors: [people[3], people[2], people[1]].map((person) => ({ username: person!.username })),
      },
    ])
    await author.api.data(MARK_READ, { input: { notificationIds: [told[0]!.id] } })
    await commentOn(world, post, people[0]!)
    expect(await textsOf(author)).toEqual([
      `${nameOf(people[0]!)} commented on your post`,
      `${nameOf(people[3]!)} and 3 others commented on your post`,
    ])
  })

  test('in the language of their profile', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    await world.db.query(`UPDATE users SET locale = 'de-AT' WHERE id = $1`, [ada.id])
    await commentOn(world, await world.post({ author: ada }), bob)
    expect(await textsOf(ada)).toEqual([`${nameOf(bob)} hat deinen Beitrag kommentiert`])
  })

  test('no more of a comment that is deleted', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    const comment = await commentOn(world, post, bob)
    expect((await inboxOf(ada)).unread).toBe(1)
    await bob.api.data(
      'mutation ($id: ID!) { deleteComment(input: { commentId: $id }) { userErrors { code } } }',
      { id: comment },
    )
    expect(await inboxOf(ada)).toEqual({ unread: 0, totalCount: 0, told: [] })
  })

  test('nothing by whom they have blocked or muted, nor of a thread that they have muted, until they unmute it', async () => {
    const [ada, blocked, muted, kay] = [
      await world.person(),
      await world.person(),
      await world.person(),
      await world.person(),
    ]
    await blockBy(ada, blocked)
    await ada.api.data('mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }', {
      id: muted.globalId,
    })
    const post = await world.post()
    await commentOn(world, post, blocked, { body: `@${ada.username}` })
    await commentOn(world, post, muted, { body: `@${ada.username}` })
    const { muteThread } = await ada.api.data(MUTE, { input: { postId: post.globalId } })
    expect(muteThread).toEqual({ post: { isThreadMuted: true }, userErrors: [] })
    await commentOn(world, post, kay, { body: `@${ada.username}` })
    expect(await textsOf(ada)).toEqual([])
    await ada.api.data(UNMUTE, { input: { postId: post.globalId } })
    await commentOn(world, post, kay, { body: `@${ada.username}` })
    expect(await textsOf(ada)).toEqual([`${nameOf(kay)} mentioned you in a comment`])
  })

  test('of messages, until they read the conversation; nothing of one that they have muted', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const { conversationId } = await conversationOf(bob, [ada])
    const say = () =>
      bob.api.data(
        'mutation ($id: ID!) { sendMessage(input: { conversationId: $id, body: "Hello." }) { message { number } userErrors { code } } }',
        { id: conversationId },
      )
    const { sendMessage } = await say()
    expect((await inboxOf(ada)).told).toMatchObject([
      { topic: 'MESSAGES', text: `${nameOf(bob)} wrote to you`, target: { id: conversationId } },
    ])
    await ada.api.data(
      'mutation ($id: ID!, $number: Int!) { markConversationRead(input: { conversationId: $id, number: $number }) { userErrors { code } } }',
      { id: conversationId, number: sendMessage.message.number },
    )
    expect((await inboxOf(ada)).unread).toBe(0)
    await ada.api.data(
      'mutation ($id: ID!) { muteConversation(input: { conversationId: $id, until: "2099-01-01T00:00:00Z" }) { userErrors { code } } }',
      { id: conversationId },
    )
    await say()
    expect((await inboxOf(ada)).unread).toBe(0)
  })

  test('within its transaction: what is rolled back tells nobody', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    const db = await world.asViewer(bob)
    const work = db.transaction(async (tx) => {
      await new CommentService(tx).add({ postId: post.id, body: 'Never.' })
      throw new Error('Rolled back.')
    })
    await expect(work).rejects.toThrow('Rolled back.')
    expect(await inboxOf(ada)).toEqual({ unread: 0, totalCount: 0, told: [] })
  })
})

describe('an inbox', () => {
  test('is listed by topic, and by what is to be read; each marks their own alone', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    await commentOn(world, post, bob)
    await commentOn(world, post, bob, { body: `@${ada.username}` })
    const [mention, comment] = (await inboxOf(ada)).told
    expect((await inboxOf(ada, { topic: 'REPLIES' })).told).toEqual([comment])
    const refused = await bob.api.data(MARK_READ, { input: { notificationIds: [mention!.id] } })
    expect(refused.markNotificationsRead).toEqual({
      notifications: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['notificationIds', '0'] }],
    })
    await ada.api.data(MARK_READ, { input: { notificationIds: [mention!.id] } })
    expect(await inboxOf(ada, { isUnread: true })).toEqual({ unread: 1, totalCount: 1, told: [comment] })
    const again = await ada.api.data(MARK_UNREAD, { input: { notificationIds: [mention!.id] } })
    expect(again.markNotificationsUnread.notifications).toEqual([{ id: mention!.id, readAt: null }])
    const all = await ada.api.data(MARK_ALL, { input: { until: comment!.happenedAt } })
    expect(all.markAllNotificationsRead.count).toBe(1)
    expect((await ada.api.data(MARK_ALL, { input: {} })).markAllNotificationsRead.count).toBe(1)
    expect((await inboxOf(ada)).unread).toBe(0)
  })

  test('tells its owner live what comes, with how much there is to read, and nobody else', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const query = `subscription ($after: String) { viewerNotificationsChanged(after: $after) { kind unreadCount notification { text readAt } } }`
    const follower = follow<{ kind: string; unreadCount: number; notification: object | null }>(
      world,
      ada,
      query,
      {
        after: beginningOf(inboxTopic(ada.id)),
      },
    )
    const stranger = follow<object>(world, null, query, {})
    try {
      const post = await world.post({ author: ada })
      await commentOn(world, post, bob)
      await until(async () => follower.told.length === 1)
      await ada.api.data(MARK_ALL, { input: {} })
      await until(async () => follower.told.length === 2)
      expect(follower.told).toMatchObject([
        { kind: 'NOTIFIED', notification: { text: `${nameOf(bob)} commented on your post` } },
        { kind: 'READ', unreadCount: 0 },
      ])
      await until(async () => stranger.codes.length > 0)
      expect(stranger.told).toEqual([])
    } finally {
      await Promise.all([follower.end(), stranger.end()])
    }
  })

  test('forgets after 90 days', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    await commentOn(world, await world.post({ author: ada }), bob)
    await world.db.query(
      `UPDATE notifications SET happened_at = happened_at - interval '91 days' WHERE user_id = $1`,
      [ada.id],
    )
    await world.do(forgetOldNotifications, {})
    expect(await textsOf(ada)).toEqual([])
  })

  test('is read with as many statements whatever its size', async () => {
    const ada = await world.person()
    const comment = async () => commentOn(world, await world.post({ author: ada }), await world.person())
    await comment()
    // Who asks may be known from the request before.
    const read = async () =>
      (await world.statements(() => inboxOf(ada))).filter((sql) => !sql.includes('token_hash'))
    const few = await read()
    for (let more = 0; more < 5; more++) await comment()
    expect(await read()).toHaveLength(few.length)
  })
})

describe('a mail', () => {
  test('that cannot be written keeps nobody else from theirs, and is tried again in an hour', async () => {
    const [unlucky, lucky] = [await world.person(), await world.person()]
    for (const author of [unlucky, lucky])
      await commentOn(world, await world.post({ author }), await world.person())
    const [row] = await world.db.query<{ address: Buffer }>('SELECT address FROM emails WHERE user_id = $1', [
      unlucky.id,
    ])
    const setAddress = (address: Buffer) =>
      world.db.query('UPDATE emails SET address = $2 WHERE user_id = $1', [unlucky.id, address])
    await setAddress(Buffer.concat([row!.address.subarray(0, -1), Buffer.from([row!.address.at(-1)! ^ 1])]))
    await sendAfter(3 * MINUTE)
    expect([mailsTo(unlucky).length, mailsTo(lucky).length]).toEqual([0, 1])
    await setAddress(row!.address)
    await sendAfter(30 * MINUTE)
    expect(mailsTo(unlucky)).toEqual([])
    await sendAfter(31 * MINUTE)
    expect(mailsTo(unlucky)).toHaveLength(1)
  })

  test('comes after two minutes, one about all that has not been read by then, and none about what has', async () => {
    const [ada, bob, kay] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    await commentOn(world, post, bob)
    await commentOn(world, post, kay)
    await commentOn(world, await world.post({ author: bob }), ada)
    await bob.api.data(MARK_ALL, { input: {} })
    await sendAfter(MINUTE)
    expect(mailsTo(ada)).toEqual([])
    await sendAfter(MINUTE)
    expect(mailsTo(ada).map(({ subject }) => subject)).toEqual([
      `${nameOf(kay)} and ${nameOf(bob)} commented on your post`,
    ])
    expect(mailsTo(ada)[0]!.link).toMatch(/^https:\/\/app\.example\.com\/notifications#id=notification_/)
    expect(mailsTo(bob)).toEqual([])
    await sendAfter(HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('tells of several things in one, and of more of the same no sooner than an hour later', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const [one, two] = [await world.post({ author: ada }), await world.post({ author: ada })]
    await commentOn(world, one, bob)
    await commentOn(world, two, bob)
    await sendAfter(2 * MINUTE)
    expect(mailsTo(ada).map(({ subject }) => subject)).toEqual(['News for you: 2'])
    await commentOn(world, one, bob)
    await sendAfter(58 * MINUTE)
    expect(mailsTo(ada)).toHaveLength(1)
    await sendAfter(2 * MINUTE)
    expect(mailsTo(ada)).toHaveLength(2)
  })

  test('waits while the person sleeps, where they live, or has muted everything; what they decide later counts', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    await world.db.query(`UPDATE users SET time_zone = 'Asia/Kathmandu' WHERE id = $1`, [ada.id])
    const hour = (hours: number) => new Date(world.clock.now().getTime() + hours * HOUR)
    const inKathmandu = (moment: Date) =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Asia/Kathmandu',
        hour: '2-digit',
        minute: '2-digit',
      }).format(moment)
    await prefer(world, ada, 'notifications.quietHours', {
      from: inKathmandu(hour(-1)),
      to: inKathmandu(hour(3)),
    })
    await commentOn(world, await world.post({ author: ada }), bob)
    await sendAfter(2 * HOUR)
    expect(mailsTo(ada)).toEqual([])
    await prefer(world, ada, 'notifications.mutedUntil', hour(30).toISOString())
    await sendAfter(2 * HOUR)
    expect(mailsTo(ada)).toEqual([])
    await prefer(world, ada, 'notifications.quietHours', { from: '00:00', to: '00:00' })
    await sendAfter(30 * HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('is not sent of a topic that is switched off, which a weekly summary tells of instead', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    await ada.api.data(SET, { input: { settings: [{ topic: 'REPLIES', channel: 'EMAIL', isOn: false }] } })
    await commentOn(world, await world.post({ author: ada }), bob)
    await sendAfter(HOUR)
    expect(mailsTo(ada)).toEqual([])
    await sendAfter(8 * DAY)
    expect(mailsTo(ada).map(({ subject }) => subject)).toEqual([`${nameOf(bob)} commented on your post`])
    await sendAfter(8 * DAY)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  describe.each([
    ['a mail', ['in-app', 'email']],
    ['a summary', ['in-app']],
  ])('is %s or not,', (_what, ways) => {
    test.each([
      ['blocked whoever has done it', (ada: Person, bob: Person) => blockBy(ada, bob)],
      [
        'muted whoever has done it',
        (ada: Person, bob: Person) =>
          ada.api.data('mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }', {
            id: bob.globalId,
          }),
      ],
      [
        'muted the thread',
        (ada: Person, _bob: Person, postId: string) => ada.api.data(MUTE, { input: { postId } }),
      ],
    ])('it does not tell of what somebody has %s since then', async (_why, keepAway) => {
      const [ada, bob, kay] = [await world.person(), await world.person(), await world.person()]
      await prefer(world, ada, 'notifications.replies', ways)
      const [one, other] = [await world.post({ author: ada }), await world.post({ author: ada })]
      await commentOn(world, one, bob)
      await keepAway(ada, bob, one.globalId)
      await commentOn(world, other, kay)
      await sendAfter(8 * DAY)
      expect(mailsTo(ada).map(({ subject }) => subject)).toEqual([`${nameOf(kay)} commented on your post`])
    })
  })

  test('names nobody whom its reader has blocked since then', async () => {
    const [ada, bob, kay] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    await commentOn(world, post, kay)
    await commentOn(world, post, bob)
    await blockBy(ada, bob)
    await sendAfter(3 * MINUTE)
    expect(mailsTo(ada).map(({ subject }) => subject)).toEqual([`${nameOf(kay)} commented on your post`])
  })

  test('is ended with one click in it, which their preferences show', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const comment = async () => commentOn(world, await world.post({ author: ada }), bob)
    await comment()
    await sendAfter(2 * MINUTE)
    const { unsubscribeUrl } = mailsTo(ada)[0]!
    const url = unsubscribeUrl!.replace(/^https?:\/\/[^/]+/, world.portico.url)
    expect((await fetch(url, { method: 'POST' })).status).toBe(200)
    await comment()
    await sendAfter(2 * MINUTE)
    expect(mailsTo(ada)).toHaveLength(1)
    expect((await inboxOf(ada)).unread).toBe(2)
    const { viewer } = await ada.api.data(
      '{ viewer { preference(key: "notifications.email") { value source } } }',
    )
    expect(viewer.preference).toEqual({ value: false, source: 'PERSON' })
  })

  test('is not sent any more once it is switched off, be it due by then', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    await commentOn(world, await world.post({ author: ada }), bob)
    await prefer(world, ada, 'notifications.email', false)
    await sendAfter(2 * MINUTE)
    expect(mailsTo(ada)).toEqual([])
  })

  test('is sent once by however many processes that send at once', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    await commentOn(world, await world.post({ author: ada }), bob)
    world.clock.advance(2 * MINUTE)
    await Promise.all([1, 2, 3, 4].map(() => world.do(sendNotifications, {})))
    expect(mailsTo(ada)).toHaveLength(1)
  })
})

describe('what is to come follows what somebody decides meanwhile:', () => {
  /** A time of day, so many hours from now. */
  const at = (hours: number, timeZone = 'UTC') =>
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(
      new Date(world.clock.now().getTime() + hours * HOUR),
    )
  /** Somebody who has something to read of which a summary will tell next week, or tomorrow. */
  async function waiting(digest: 'weekly' | 'daily') {
    const ada = await world.person()
    await prefer(world, ada, 'notifications.replies', ['in-app'])
    await prefer(world, ada, 'notifications.digest', digest)
    await prefer(world, ada, 'notifications.digestAt', at(-3))
    await commentOn(world, await world.post({ author: ada }), await world.person())
    return ada
  }

  test('a summary comes daily at once, where it was to come weekly', async () => {
    const ada = await waiting('weekly')
    await prefer(world, ada, 'notifications.digest', 'daily')
    await sendAfter(20 * HOUR)
    expect(mailsTo(ada)).toEqual([])
    await sendAfter(2 * HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('a summary comes at another hour', async () => {
    const ada = await waiting('daily')
    await prefer(world, ada, 'notifications.digestAt', at(1))
    await sendAfter(HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('a summary comes at the same hour where somebody lives by then', async () => {
    const ada = await waiting('daily')
    // Where it is three and a half hours earlier, so that the hour has yet to come.
    await ada.api.data(
      'mutation { updateProfile(input: { timeZone: "America/St_Johns" }) { userErrors { code } } }',
    )
    await sendAfter(HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('no summary comes where none is wanted any more, nor is one left to come', async () => {
    const ada = await waiting('daily')
    await prefer(world, ada, 'notifications.digest', 'never')
    expect(await world.db.query('SELECT FROM notification_digests WHERE user_id = $1', [ada.id])).toEqual([])
  })

  describe('a summary that is put off beyond its time is never skipped:', () => {
    /** Somebody whose weekly summary was to come an hour ago, and comes in an hour. */
    async function putOff() {
      world.clock.set(nextMonday())
      const ada = await waiting('weekly')
      await prefer(world, ada, 'notifications.digestAt', '08:00')
      await prefer(world, ada, 'notifications.quietHours', { from: '07:00', to: '10:00' })
      world.clock.advance(2 * HOUR)
      await world.do(sendNotifications, {})
      expect(mailsTo(ada)).toEqual([])
      return ada
    }
    /** A Monday at seven. */
    const nextMonday = () => {
      const day = new Date(world.clock.now().getTime() + DAY)
      while (day.getUTCDay() !== 1) day.setTime(day.getTime() + DAY)
      day.setUTCHours(7, 0, 0, 0)
      return day
    }

    test.each<[string, (ada: Person) => Promise<unknown>]>([
      ['choose a theme', (ada) => prefer(world, ada, 'theme', 'dark')],
      ['write a bio', (ada) => updateProfile(ada, 'bio: "Likes to read."')],
      ['move', (ada) => updateProfile(ada, 'timeZone: "Europe/London"')],
      ['come into a group', (ada) => join(ada)],
      ['want fewer mails', (ada) => prefer(world, ada, 'notifications.mentions', ['in-app'])],
      ['want it daily', (ada) => prefer(world, ada, 'notifications.digest', 'daily')],
    ])('it comes all the same once they %s', async (_what, decide) => {
      const ada = await putOff()
      await decide(ada)
      await sendAfter(HOUR)
      expect(mailsTo(ada)).toHaveLength(1)
    })

    test('it comes at once where the night is over sooner', async () => {
      const ada = await putOff()
      await prefer(world, ada, 'notifications.quietHours', { from: '00:00', to: '00:00' })
      await sendAfter(0)
      expect(mailsTo(ada)).toHaveLength(1)
    })

    test('so does one that could not be written', async () => {
      const ada = await waiting('daily')
      const [row] = await world.db.query<{ address: Buffer }>(
        'SELECT address FROM emails WHERE user_id = $1',
        [ada.id],
      )
      const setAddress = (address: Buffer) =>
        world.db.query('UPDATE emails SET address = $2 WHERE user_id = $1', [ada.id, address])
      await setAddress(Buffer.concat([row!.address.subarray(0, -1), Buffer.from([row!.address.at(-1)! ^ 1])]))
      await sendAfter(DAY)
      await setAddress(row!.address)
      await prefer(world, ada, 'notifications.mentions', ['in-app'])
      await sendAfter(HOUR)
      expect(mailsTo(ada)).toHaveLength(1)
    })
  })

  test('a summary that is wanted again comes, though nothing new has happened', async () => {
    const ada = await waiting('daily')
    await prefer(world, ada, 'notifications.digest', 'never')
    await sendAfter(2 * DAY)
    await prefer(world, ada, 'notifications.digest', 'daily')
    await sendAfter(DAY)
    expect(mailsTo(ada)).toHaveLength(1)
    await prefer(world, ada, 'notifications.digest', 'weekly')
    await sendAfter(8 * DAY)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test.each([
    ['the night is over', 'notifications.quietHours', { from: '00:00', to: '00:00' }],
    ['they are not to be left alone any more', 'notifications.mutedUntil', '1970-01-01T00:00:00Z'],
  ])('a mail comes as soon as %s', async (_when, key, value) => {
    const [ada, bob] = [await world.person(), await world.person()]
    const quiet =
      key === 'notifications.quietHours'
        ? { from: at(-1), to: at(5) }
        : new Date(world.clock.now().getTime() + 5 * HOUR).toISOString()
    await prefer(world, ada, key, quiet)
    await commentOn(world, await world.post({ author: ada }), bob)
    await sendAfter(3 * MINUTE)
    expect(mailsTo(ada)).toEqual([])
    await prefer(world, ada, key, value)
    await sendAfter(0)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('a mail about more of the same still comes no sooner than an hour later', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    await commentOn(world, post, bob)
    await sendAfter(3 * MINUTE)
    await commentOn(world, post, bob)
    await prefer(world, ada, 'notifications.quietHours', { from: at(-2), to: at(-1) })
    await sendAfter(50 * MINUTE)
    expect(mailsTo(ada)).toHaveLength(1)
    await sendAfter(11 * MINUTE)
    expect(mailsTo(ada)).toHaveLength(2)
  })

  test('and what a group of theirs says', async () => {
    const [ada, staff] = [await waiting('weekly'), await world.person({ role: 'admin' })]
    await ada.api.data(
      'mutation { resetPreferences(input: { preferences: { keys: ["notifications.digest", "notifications.digestAt"] } }) { userErrors { code } } }',
    )
    const groupId = await world.group(ada)
    await staff.api.data(
      `mutation ($input: SetGroupPreferencesInput!) { setGroupPreferences(input: $input) { userErrors { code } } }`,
      {
        input: {
          groupId: toGlobalId('group', groupId),
          preferences: [
            { key: 'notifications.digest', value: 'daily' },
            { key: 'notifications.digestAt', value: at(1) },
          ],
        },
      },
    )
    const [job] = await world.db.query<{ payload: { groupId: string } }>(
      `SELECT payload FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id
       WHERE task.identifier = 'notifier:reschedule-group' AND payload->>'groupId' = $1`,
      [groupId],
    )
    await world.do(rescheduleGroup, job!.payload)
    await sendAfter(HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  test('be it that the group is gone', async () => {
    const [ada, staff] = [await waiting('daily'), await world.person({ role: 'admin' })]
    const groupId = toGlobalId('group', await world.group(ada))
    await staff.api.data(
      `mutation ($input: SetGroupPreferencesInput!) { setGroupPreferences(input: $input) { userErrors { code } } }`,
      {
        input: {
          groupId,
          preferences: [{ key: 'notifications.quietHours', value: { from: at(-1), to: at(6) } }],
        },
      },
    )
    await prefer(world, ada, 'notifications.digestAt', at(1))
    await staff.api.data(
      'mutation ($id: ID!) { deleteGroup(input: { groupId: $id }) { userErrors { code } } }',
      { id: groupId },
    )
    for (const { payload } of await rescheduledWith(ada)) await world.do(reschedulePeople, payload)
    await sendAfter(HOUR)
    expect(mailsTo(ada)).toHaveLength(1)
  })

  /** What is to be decided anew of somebody in the background. */
  const rescheduledWith = ({ id }: Person) =>
    world.db.query<{ payload: { userIds: string[] } }>(
      `SELECT payload FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id
       WHERE task.identifier = 'notifier:reschedule' AND payload::jsonb->'userIds' ? $1`,
      [id],
    )
})

describe('how somebody is told of a topic', () => {
  test('they choose, in their preferences; what they do not name stays', async () => {
    const ada = await world.person()
    const off = [
      { topic: 'REPLIES', channel: 'IN_APP', isOn: false },
      { topic: 'REPLIES', channel: 'EMAIL', isOn: false },
      { topic: 'MENTIONS', channel: 'EMAIL', isOn: false },
    ]
    const { setNotificationSettings } = await ada.api.data(SET, { input: { settings: off } })
    const chosen = (topic: string) =>
      (
        setNotificationSettings.settings as {
          topic: string
          channels: { channel: string; isOn: boolean }[]
        }[]
      )
        .find((each) => each.topic === topic)!
        .channels.flatMap(({ channel, isOn }) => (isOn ? [channel] : []))
    expect([chosen('REPLIES'), chosen('MENTIONS'), chosen('MESSAGES'), chosen('SECURITY')]).toEqual([
      [],
      ['IN_APP'],
      ['IN_APP', 'EMAIL'],
      ['EMAIL'],
    ])
    const { viewer } = await ada.api.data(
      '{ viewer { preference(key: "notifications.replies") { value source } } }',
    )
    expect(viewer.preference).toEqual({ value: [], source: 'PERSON' })
    await commentOn(world, await world.post({ author: ada }), await world.person())
    expect(await textsOf(ada)).toEqual([])
  })

  test('what everybody has to know cannot be switched off, and why is said; nothing is changed', async () => {
    const ada = await world.person()
    const settings = [
      { topic: 'REPLIES', channel: 'EMAIL', isOn: false },
      { topic: 'SECURITY', channel: 'EMAIL', isOn: false },
    ]
    const { setNotificationSettings } = await ada.api.data(SET, { input: { settings } })
    expect(setNotificationSettings).toEqual({
      settings: null,
      userErrors: [
        {
          code: 'NOT_PERMITTED',
          field: ['settings', '1', 'isOn'],
          message:
            'This cannot be switched off. Whoever gets into your account could keep you from noticing.',
        },
      ],
    })
    const { viewer } = await ada.api.data(
      '{ viewer { preference(key: "notifications.replies") { source } } }',
    )
    expect(viewer.preference.source).toBe('BUILT_IN')
  })
})
