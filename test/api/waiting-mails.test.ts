import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { fromGlobalId } from '../../src/core/id'
import { AnnouncementService } from '../../src/modules/announcement/announcement.service'
import { forgetOldDeliveries } from '../../src/modules/delivery/delivery.task'
import { MailService } from '../../src/modules/mail/mail.service'
import { sendNotifications } from '../../src/modules/notifier/notifier.task'
import { announcementTo } from '../support/announcements'
import { commentOn } from '../support/content'
import { deliveriesTo, sendDueMessages } from '../support/deliveries'
import { blockBy, conversationOf } from '../support/messages'
import { prefer } from '../support/preferences'
import { TestSmtpServer, type TakenMail } from '../support/smtp-server'
import { until } from '../support/until'
import { World, type Person } from '../support/world'

/*
 * A mail may wait for hours: for a server that greylists, for its turn, or for somebody who sends it again by hand. What has been decided
 * meanwhile holds for it as well.
 */

const server = new TestSmtpServer()
const world = new World()
/** The mails that the server has turned away, the last last. */
let greylisted: TakenMail[] = []

beforeAll(async () => {
  await world.start({ SMTP_URL: await server.start() })
})
afterAll(async () => {
  await world.stop()
  await server.stop()
})
beforeEach(() => {
  greylisted = []
  server.message = (mail) => {
    greylisted.push(mail)
    return { code: 451, response: '4.7.1 Greylisted, come back later' }
  }
})

const takenBy = ({ email }: Person) => server.taken.filter(({ to }) => to === email)
const statusOf = async (person: Person) => (await deliveriesTo(world, person))[0]!.status

/** Waits until the newest mail to somebody was turned away. */
const turnedAway = (person: Person) =>
  until(async () => {
    const [newest] = await deliveriesTo(world, person)
    return newest?.status === 'PENDING' && newest.attemptCount > 0
  })

/** Sends what is due after so long, to a server that takes it. */
async function sendLater(milliseconds = HOUR) {
  server.message = () => null
  world.clock.advance(milliseconds)
  await sendDueMessages(world)
}

interface Scene {
  ada: Person
  bob: Person
  post: { id: string; globalId: string }
  commentId: string
}

/** Bob has commented on Ada's post, of which a mail to her waits. */
async function mailed(): Promise<Scene> {
  const [ada, bob] = [await world.person(), await world.person()]
  const post = await world.post({ author: ada })
  const commentId = await commentOn(world, post, bob)
  world.clock.advance(3 * MINUTE)
  await world.do(sendNotifications, {})
  await turnedAway(ada)
  return { ada, bob, post, commentId }
}

/** What a person does with the button of their mail program. */
async function unsubscribe(mail: TakenMail) {
  const [, url] = /^<(.*)>$/.exec(mail.headers['list-unsubscribe']!)!
  expect((await fetch(new URL(new URL(url!).pathname, world.url), { method: 'POST' })).status).toBe(200)
}

const mute = ({ ada, post }: Pick<Scene, 'ada' | 'post'>) =>
  ada.api.data('mutation ($id: ID!) { muteThread(input: { postId: $id }) { userErrors { code } } }', {
    id: post.globalId,
  })

const set = (column: string, { id }: Person) =>
  world.db.query(`UPDATE users SET ${column} = now() WHERE id = $1`, [id])

const OVERTAKEN: Record<string, (scene: Scene) => Promise<unknown>> = {
  'ended these mails with one click': () => unsubscribe(greylisted.at(-1)!),
  'switched the topic off': ({ ada }) => prefer(world, ada, 'notifications.replies', ['in-app']),
  'read it': ({ ada }) => ada.api.data('mutation { markAllNotificationsRead(input: {}) { count } }'),
  'blocked whoever has done it': ({ ada, bob }) => blockBy(ada, bob),
  'muted whoever has done it': ({ ada, bob }) =>
    ada.api.data('mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }', {
      id: bob.globalId,
    }),
  'muted the thread': mute,
  'had their data restricted': ({ ada }) => set('restricted_at', ada),
  'deactivated their account': ({ ada }) => set('deactivated_at', ada),
  'been suspended': ({ ada }) => world.suspend(ada),
}

describe('a mail that waits is not sent to somebody who has meanwhile', () => {
  test.each(Object.entries(OVERTAKEN))('%s', async (_what, happens) => {
    const scene = await mailed()
    await happens(scene)
    await sendLater()
    expect(takenBy(scene.ada)).toEqual([])
    expect(await statusOf(scene.ada)).toBe('SUPPRESSED')
  })
})

test('nor is one of what was taken back', async () => {
  const { ada, bob, commentId } = await mailed()
  await bob.api.data(
    'mutation ($id: ID!) { deleteComment(input: { commentId: $id }) { userErrors { code } } }',
    { id: commentId },
  )
  await sendLater()
  expect(takenBy(ada)).toEqual([])
})

test('nor is a summary that is not wanted any more', async () => {
  const [ada, bob] = [await world.person(), await world.person()]
  await prefer(world, ada, 'notifications.replies', ['in-app'])
  await commentOn(world, await world.post({ author: ada }), bob)
  world.clock.advance(8 * DAY)
  await world.do(sendNotifications, {})
  await turnedAway(ada)
  await prefer(world, ada, 'notifications.digest', 'never')
  await sendLater()
  expect(takenBy(ada)).toEqual([])
})

test('but one of which nothing was decided is, a summary too', async () => {
  const { ada } = await mailed()
  await sendLater()
  expect(takenBy(ada)).toHaveLength(1)
  const [kay, bob] = [await world.person(), await world.person()]
  await prefer(world, kay, 'notifications.replies', ['in-app'])
  await commentOn(world, await world.post({ author: kay }), bob)
  world.clock.advance(8 * DAY)
  await world.do(sendNotifications, {})
  await until(() => takenBy(kay).length === 1)
})

test('one that tells of several things tells of those that are still wanted', async () => {
  const [ada, bob] = [await world.person(), await world.person()]
  const [one, two, three] = [
    await world.post({ author: ada }),
    await world.post({ author: ada }),
    await world.post({ author: ada }),
  ]
  const kay = await world.person()
  for (const post of [one, two]) await commentOn(world, post, bob)
  await commentOn(world, three, kay)
  world.clock.advance(3 * MINUTE)
  await world.do(sendNotifications, {})
  await turnedAway(ada)
  await mute({ ada, post: one })
  await sendLater()
  const [mail] = takenBy(ada)
  expect(mail!.headers.subject).toBe('News for you: 2')
  // As plain text and as HTML.
  const lines = mail!.text.replaceAll('=\r\n', '').match(/Name of \w+ commented on your post/g)!
  const of = ({ username }: Person) => `Name of ${username} commented on your post`
  expect(lines).toEqual([of(kay), of(bob), of(kay), of(bob)])
})

/** So many comments on as many posts of Ada's, of which one mail waits. */
async function mailedOf(count: number) {
  const [ada, bob] = [await world.person(), await world.person()]
  for (let each = 0; each < count; each++) await commentOn(world, await world.post({ author: ada }), bob)
  world.clock.advance(3 * MINUTE)
  await world.do(sendNotifications, {})
  await turnedAway(ada)
  return { ada, bob }
}

/** Somebody reads the last of what they were told. */
async function readLast({ api }: Person, count: number) {
  const { viewer } = await api.data(
    'query ($first: Int) { viewer { notifications(first: $first) { edges { node { id } } } } }',
    { first: count },
  )
  const notificationIds = viewer.notifications.edges.map(({ node }: { node: { id: string } }) => node.id)
  await api.data(
    'mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { userErrors { code } } }',
    { input: { notificationIds } },
  )
}

test('one that tells of more than it lists tells of the rest once the first are read', async () => {
  const { ada } = await mailedOf(25)
  await readLast(ada, 20)
  await sendLater()
  expect(takenBy(ada).map(({ headers }) => headers.subject)).toEqual(['News for you: 5'])
})

test('one that is left with a single thing says it as if there had been no other', async () => {
  const { ada, bob } = await mailedOf(2)
  await readLast(ada, 1)
  await sendLater()
  const [mail] = takenBy(ada)
  expect(mail!.headers.subject).toBe(`Name of ${bob.username} commented on your post`)
})

describe('a mail that waits names nobody', () => {
  test.each<[string, (ada: Person, bob: Person) => Promise<unknown>]>([
    ['whom its reader has blocked meanwhile', (ada, bob) => blockBy(ada, bob)],
    ['who has deactivated their account meanwhile', (_ada, bob) => set('deactivated_at', bob)],
    ['whose data was restricted meanwhile', (_ada, bob) => set('restricted_at', bob)],
  ])('%s', async (_who, happens) => {
    const [ada, bob, kay] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post({ author: ada })
    await commentOn(world, post, kay)
    await commentOn(world, post, bob)
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    await turnedAway(ada)
    await happens(ada, bob)
    await sendLater()
    const [mail] = takenBy(ada)
    const said = JSON.stringify(mail).replaceAll('=\\r\\n', '')
    expect(said).toContain(kay.username)
    expect(said).not.toContain(bob.username)
  })
})

describe('what a mail was to tell, and was not sent,', () => {
  test('a summary tells', async () => {
    const { ada, bob } = await mailed()
    await prefer(world, ada, 'notifications.replies', ['in-app'])
    await sendLater()
    expect(await statusOf(ada)).toBe('SUPPRESSED')
    world.clock.advance(8 * DAY)
    await world.do(sendNotifications, {})
    await until(() => takenBy(ada).length === 1)
    expect(takenBy(ada)[0]!.headers.subject).toBe(`Name of ${bob.username} commented on your post`)
    world.clock.advance(8 * DAY)
    await world.do(sendNotifications, {})
    expect(takenBy(ada)).toHaveLength(1)
  })

  test('a summary does not tell to whoever has read it, or does not want to hear of it', async () => {
    const [one, other] = [await mailed(), await mailed()]
    await OVERTAKEN['read it']!(one)
    await OVERTAKEN['muted the thread']!(other)
    await sendLater()
    for (let week = 0; week < 2; week++) await sendLater(8 * DAY)
    await world.do(sendNotifications, {})
    expect([takenBy(one.ada), takenBy(other.ada)]).toEqual([[], []])
  })

  test.each([
    ['a mail', ['in-app', 'email']],
    ['a summary', ['in-app']],
  ])(
    'is told by %s once its reader is not to be left alone any more, be it after months',
    async (_, ways) => {
      const [ada, bob] = [await world.person(), await world.person()]
      await prefer(world, ada, 'notifications.replies', ways)
      await commentOn(world, await world.post({ author: ada }), bob)
      world.clock.advance(8 * DAY)
      await world.do(sendNotifications, {})
      await turnedAway(ada)
      const end = new Date(world.clock.now().getTime() + 60 * DAY)
      await prefer(world, ada, 'notifications.mutedUntil', end.toISOString())
      await sendLater()
      await sendLater(31 * DAY)
      await world.do(forgetOldDeliveries, {})
      await world.do(sendNotifications, {})
      expect(takenBy(ada)).toEqual([])
      world.clock.set(end)
      await world.do(sendNotifications, {})
      await until(() => takenBy(ada).length === 1)
    },
  )
})

describe('a mail that waits goes on waiting while its reader', () => {
  test.each([
    [
      'has muted everything',
      (ada: Person) =>
        prefer(
          world,
          ada,
          'notifications.mutedUntil',
          new Date(world.clock.now().getTime() + 3 * HOUR).toISOString(),
        ),
    ],
    [
      'sleeps',
      (ada: Person) => {
        const at = (hours: number) =>
          new Date(world.clock.now().getTime() + hours * HOUR).toISOString().slice(11, 16)
        return prefer(world, ada, 'notifications.quietHours', { from: at(-1), to: at(3) })
      },
    ],
  ])('%s', async (_what, decide) => {
    const { ada } = await mailed()
    await decide(ada)
    await sendLater()
    expect(takenBy(ada)).toEqual([])
    expect(await statusOf(ada)).toBe('PENDING')
    await sendLater(3 * HOUR)
    expect(takenBy(ada)).toHaveLength(1)
  })
})

describe('a mail about a message', () => {
  /** Bob has written to Ada, of which a mail to her waits or is due in two minutes. */
  async function written({ isMailed = true } = {}) {
    const [ada, bob] = [await world.person(), await world.person()]
    const { conversationId } = await conversationOf(bob, [ada, await world.person()])
    await bob.api.data(
      'mutation ($id: ID!) { sendMessage(input: { conversationId: $id, body: "Hello." }) { userErrors { code } } }',
      { id: conversationId },
    )
    if (isMailed) {
      world.clock.advance(3 * MINUTE)
      await world.do(sendNotifications, {})
      await turnedAway(ada)
    }
    const mute = (milliseconds: number) =>
      ada.api.data(
        'mutation ($input: MuteConversationInput!) { muteConversation(input: $input) { userErrors { code } } }',
        { input: { conversationId, until: new Date(world.clock.now().getTime() + milliseconds) } },
      )
    const leave = () =>
      ada.api.data(
        'mutation ($id: ID!) { leaveConversation(input: { conversationId: $id }) { userErrors { code } } }',
        { id: conversationId },
      )
    return { ada, mute, leave }
  }

  test('that waits is not sent to somebody who has left the conversation meanwhile', async () => {
    const { ada, leave } = await written()
    expect((await leave()).leaveConversation.userErrors).toEqual([])
    await sendLater()
    expect(takenBy(ada)).toEqual([])
    expect(await statusOf(ada)).toBe('SUPPRESSED')
  })

  test('that waits is not sent to somebody who has muted the conversation meanwhile', async () => {
    const { ada, mute } = await written()
    await mute(3 * HOUR)
    await sendLater()
    expect(takenBy(ada)).toEqual([])
    expect(await statusOf(ada)).toBe('SUPPRESSED')
  })

  test('is not even written then', async () => {
    const { ada, mute } = await written({ isMailed: false })
    await mute(3 * HOUR)
    await sendLater(3 * MINUTE)
    await world.do(sendNotifications, {})
    expect(await deliveriesTo(world, ada)).toEqual([])
  })

  test('is sent once they are not muted any more', async () => {
    const { ada, mute } = await written()
    await mute(HOUR / 2)
    await sendLater()
    expect(takenBy(ada)).toHaveLength(1)
  })
})

describe('an announcement whose mails wait', () => {
  async function announced() {
    const by = await world.person({ permissions: ['announcements:send', 'users:read', 'groups:read'] })
    const ada = await world.person()
    await prefer(world, ada, 'notifications.product', ['in-app', 'email'])
    const id = await announcementTo(world, by, await world.group(ada))
    world.clock.advance(3 * MINUTE)
    await world.do(sendNotifications, {})
    await turnedAway(ada)
    return { by, ada, id: fromGlobalId(id)!.id }
  }

  test('reaches nobody any more once it is cancelled', async () => {
    const { by, ada, id } = await announced()
    await new AnnouncementService(await world.asViewer(by)).cancel(id)
    await sendLater()
    expect(takenBy(ada)).toEqual([])
    expect(await statusOf(ada)).toBe('SUPPRESSED')
  })

  test('does not reach whoever has ended such mails with one click', async () => {
    const { ada } = await announced()
    await unsubscribe(greylisted.at(-1)!)
    await sendLater()
    expect(takenBy(ada)).toEqual([])
  })

  test('reaches everybody else', async () => {
    const { ada } = await announced()
    await sendLater()
    expect(takenBy(ada)).toHaveLength(1)
  })
})

test('what was given up is not sent again by hand to whoever does not want it any more', async () => {
  const { ada } = await mailed()
  server.message = () => ({ code: 554, response: '5.6.0 No' })
  world.clock.advance(HOUR)
  await sendDueMessages(world)
  const [{ id, status } = { id: '', status: '' }] = await deliveriesTo(world, ada)
  expect(status).toBe('FAILED')
  await prefer(world, ada, 'notifications.email', false)
  const staff = await world.person({ role: 'admin' })
  await staff.api.data(
    'mutation ($id: ID!) { replayDelivery(input: { deliveryId: $id }) { userErrors { code } } }',
    { id },
  )
  await sendLater(MINUTE)
  expect(takenBy(ada)).toEqual([])
  expect(await statusOf(ada)).toBe('SUPPRESSED')
})

test('what concerns safety and rights is sent all the same', async () => {
  const ada = await world.person()
  await world.db.transaction((tx) => new MailService(tx).send(ada.id, 'accountReinstated'))
  await turnedAway(ada)
  await prefer(world, ada, 'notifications.mutedUntil', '2099-01-01T00:00:00.000Z')
  await world.suspend(ada)
  await set('restricted_at', ada)
  await sendLater()
  expect(takenBy(ada).map(({ headers }) => headers.subject)).toContain('You can use your account again')
})
