import { DAY, HOUR, MINUTE } from '../../src/core/clock'
import { DeliveryFailure } from '../../src/core/delivery-failure'
import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { sendNotifications } from '../../src/modules/notifier/notifier.task'
import { commentOn } from '../support/content'
import { deliveriesTo, sendDueMessages } from '../support/deliveries'
import { blockBy } from '../support/messages'
import { newNumber, phoneOf } from '../support/phones'
import { prefer } from '../support/preferences'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

afterEach(() => void jest.restoreAllMocks())

const SET =
  'mutation ($input: SetNotificationSettingsInput!) { setNotificationSettings(input: $input) { settings { topic channels { channel isOn } } userErrors { code field message } } }'
const choose = async ({ api }: Person, topic: string, channel = 'SMS') =>
  (await api.data(SET, { input: { settings: [{ topic, channel, isOn: true }] } })).setNotificationSettings

/** Somebody who wants to be told of answers by text message alone, and their number. */
async function texted(): Promise<{ ada: Person; number: string; phoneId: string }> {
  const [ada, number] = [await world.person(), newNumber()]
  const phoneId = await phoneOf(world, ada, number)
  await prefer(world, ada, 'notifications.replies', ['in-app', 'sms'])
  return { ada, number, phoneId }
}

/** Somebody comments on a post of hers. */
async function somethingHappens(ada: Person, bob?: Person): Promise<void> {
  await commentOn(world, await world.post({ author: ada }), bob ?? (await world.person()))
}

async function sendAfter(milliseconds: number): Promise<void> {
  world.clock.advance(milliseconds)
  await world.do(sendNotifications, {})
  await sendDueMessages(world, DeliveryChannel.SMS)
}

const textsTo = (number: string): string[] => world.portico.mailbox!.read(number).map(({ text }) => text)

describe('text messages about what has happened', () => {
  test('are chosen like mails, by whoever has a number', async () => {
    const ada = await world.person()
    expect((await choose(ada, 'REPLIES')).userErrors).toEqual([
      {
        code: 'INVALID',
        field: ['settings', '0', 'channel'],
        message: 'Add a phone number first, with `addPhone`.',
      },
    ])
    await phoneOf(world, ada)
    const { settings, userErrors } = await choose(ada, 'REPLIES')
    expect(userErrors).toEqual([])
    const ways = ['IN_APP', 'EMAIL', 'SMS'].map((channel) => ({ channel, isOn: true }))
    expect(settings).toContainEqual({ topic: 'REPLIES', channels: ways })
    expect(settings).toContainEqual({ topic: 'SECURITY', channels: [{ channel: 'EMAIL', isOn: true }] })
    expect((await choose(ada, 'PRODUCT')).userErrors).toMatchObject([
      { code: 'INVALID', field: ['settings', '0'], message: 'Of this nobody is told in this way.' },
    ])
  })

  test('go to nobody who has not asked for them, be it that they have a number', async () => {
    const [ada, number] = [await world.person(), newNumber()]
    await phoneOf(world, ada, number)
    await somethingHappens(ada)
    await sendAfter(3 * MINUTE)
    expect(textsTo(number)).toEqual([])
  })

  test('come after some minutes, name nobody, and keep a summary from telling of it again', async () => {
    const { ada, number } = await texted()
    await somethingHappens(ada)
    await sendAfter(MINUTE)
    expect(textsTo(number)).toEqual([])
    await sendAfter(2 * MINUTE)
    expect(textsTo(number)).toEqual(['Somebody commented on your post.'])
    await sendAfter(8 * DAY)
    expect(textsTo(number)).toHaveLength(1)
    expect(world.portico.mailbox!.read(ada.email)).toEqual([])
  })

  test('are in the language of whoever reads them, and one for all that has gathered', async () => {
    const { ada, number } = await texted()
    await ada.api.data('mutation { updateProfile(input: { locale: "de-AT" }) { userErrors { code } } }')
    for (let count = 0; count < 3; count++) await somethingHappens(ada)
    await sendAfter(3 * MINUTE)
    expect(textsTo(number)).toEqual(['Du hast 3 Benachrichtigungen.'])
  })

  test('do not come of what was read meanwhile, nor by night', async () => {
    const { ada, number } = await texted()
    await somethingHappens(ada)
    await ada.api.data('mutation { markAllNotificationsRead(input: {}) { userErrors { code } } }')
    await sendAfter(3 * MINUTE)
    expect(textsTo(number)).toEqual([])
    const hour = world.clock.now().getUTCHours()
    const at = (hours: number) => `${String((hour + hours) % 24).padStart(2, '0')}:00`
    await prefer(world, ada, 'notifications.quietHours', { from: at(0), to: at(3) })
    await somethingHappens(ada)
    await sendAfter(30 * MINUTE)
    expect(textsTo(number)).toEqual([])
    await sendAfter(3 * HOUR)
    expect(textsTo(number)).toHaveLength(1)
  })

  test('are ten a day at most; the rest stands in the inbox, and another day is another day', async () => {
    const { ada, number } = await texted()
    const now = world.clock.now()
    world.clock.advance(DAY - (now.getTime() % DAY) + MINUTE)
    for (let count = 0; count < 12; count++) {
      await somethingHappens(ada)
      await sendAfter(65 * MINUTE)
    }
    expect(textsTo(number)).toHaveLength(10)
    const told = await world.db.query("SELECT FROM audit_events WHERE action = 'throttle.closed'")
    expect(told).toEqual([])
    const { viewer } = await ada.api.data('{ viewer { unreadNotificationCount } }')
    expect(viewer.unreadNotificationCount).toBe(12)
    await sendAfter(12 * HOUR)
    for (let count = 0; count < 2; count++) {
      await somethingHappens(ada)
      await sendAfter(65 * MINUTE)
    }
    expect(textsTo(number)).toHaveLength(12)
  })

  test('use up no more than half of what a day allows to a country', async () => {
    const limits = world.db.tools.textLimits
    const given = limits.perCountryAndDay
    Object.assign(limits, { perCountryAndDay: 4 })
    try {
      // Of a country that no other test writes to.
      const numbers = ['+436764100201', '+436764100202', '+436764100203']
      const before = numbers.map((number) => number.replace('+43676', '+35191'))
      for (const number of before) {
        const ada = await world.person()
        await phoneOf(world, ada, number)
        await prefer(world, ada, 'notifications.replies', ['sms'])
        await somethingHappens(ada)
      }
      await sendAfter(3 * MINUTE)
      expect(before.filter((number) => textsTo(number).length === 1)).toHaveLength(2)
    } finally {
      Object.assign(limits, { perCountryAndDay: given })
    }
  })
})

describe('a text message that waits', () => {
  test.each([
    ['has removed the number', (ada: Person, phoneId: string) => removePhone(ada, phoneId)],
    ['has switched it off', (ada: Person) => prefer(world, ada, 'notifications.replies', ['in-app'])],
    ['has blocked whoever has done it', (ada: Person, _: string, bob: Person) => blockBy(ada, bob)],
    [
      'has read it',
      (ada: Person) =>
        ada.api.data('mutation { markAllNotificationsRead(input: {}) { userErrors { code } } }'),
    ],
  ])('is not sent where its reader %s meanwhile', async (_why, decide) => {
    const { ada, number, phoneId } = await texted()
    const bob = await world.person()
    const provider = jest
      .spyOn(world.portico.mailbox!.phone, 'send')
      .mockRejectedValue(new DeliveryFailure('temporary', '503'))
    await somethingHappens(ada, bob)
    await sendAfter(3 * MINUTE)
    await decide(ada, phoneId, bob)
    provider.mockRestore()
    await sendAfter(HOUR)
    expect(textsTo(number)).toEqual([])
    const [delivery] = (await deliveriesTo(world, ada)).filter(({ channel }) => channel === 'SMS')
    expect(delivery).toMatchObject({ status: 'SUPPRESSED' })
  })
})

describe('what a text message was to tell, and was not sent,', () => {
  /** So many things have happened, of which a text message waits. */
  async function waiting(count: number) {
    const { ada, number, phoneId } = await texted()
    const provider = jest
      .spyOn(world.portico.mailbox!.phone, 'send')
      .mockRejectedValue(new DeliveryFailure('temporary', '503'))
    for (let each = 0; each < count; each++) await somethingHappens(ada)
    await sendAfter(3 * MINUTE)
    provider.mockRestore()
    return { ada, number, phoneId }
  }
  const summariesTo = ({ email }: Person) =>
    world.portico.mailbox!.read(email).filter(({ subject }) => subject.endsWith('commented on your post'))

  test('is one thing where one alone is left', async () => {
    const { ada, number } = await waiting(2)
    const { viewer } = await ada.api.data('{ viewer { notifications(first: 1) { edges { node { id } } } } }')
    await ada.api.data(
      'mutation ($ids: [ID!]!) { markNotificationsRead(input: { notificationIds: $ids }) { userErrors { code } } }',
      { ids: [viewer.notifications.edges[0].node.id] },
    )
    await sendAfter(HOUR)
    expect(textsTo(number)).toEqual(['Somebody commented on your post.'])
  })

  test('a summary tells where it was switched off', async () => {
    const { ada, number, phoneId } = await waiting(1)
    await removePhone(ada, phoneId)
    await sendAfter(HOUR)
    await sendAfter(8 * DAY)
    expect(textsTo(number)).toEqual([])
    expect(summariesTo(ada)).toHaveLength(1)
  })

  test('a summary tells where it is a day too late', async () => {
    const { ada, number } = await waiting(1)
    await sendAfter(25 * HOUR)
    await sendAfter(8 * DAY)
    expect(textsTo(number)).toEqual([])
    expect(summariesTo(ada)).toHaveLength(1)
  })

  test('is told once its reader is not to be left alone any more', async () => {
    const { ada, number } = await waiting(1)
    const end = new Date(world.clock.now().getTime() + 3 * DAY)
    await prefer(world, ada, 'notifications.mutedUntil', end.toISOString())
    await sendAfter(HOUR)
    await sendAfter(2 * DAY)
    expect(textsTo(number)).toEqual([])
    await sendAfter(DAY)
    expect(textsTo(number)).toEqual(['Somebody commented on your post.'])
  })

  test('is not told again where a mail has told it', async () => {
    const { ada, number, phoneId } = await texted()
    await prefer(world, ada, 'notifications.replies', ['in-app', 'email', 'sms'])
    const provider = jest
      .spyOn(world.portico.mailbox!.phone, 'send')
      .mockRejectedValue(new DeliveryFailure('temporary', '503'))
    await somethingHappens(ada)
    await sendAfter(3 * MINUTE)
    provider.mockRestore()
    await removePhone(ada, phoneId)
    await sendAfter(HOUR)
    await prefer(world, ada, 'notifications.digestAt', '09:00')
    await sendAfter(8 * DAY)
    expect(textsTo(number)).toEqual([])
    expect(summariesTo(ada)).toHaveLength(1)
  })
})

const removePhone = ({ api }: Person, phoneId: string) =>
  api.data('mutation ($input: RemovePhoneInput!) { removePhone(input: $input) { userErrors { code } } }', {
    input: { phoneId },
  })
