import { HOUR, MINUTE } from '../../src/core/clock'
import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { DeliveryRepository } from '../../src/modules/delivery/delivery.repository'
import { beginDue } from '../../src/modules/delivery/send-delivery'
import { mailChannel } from '../../src/modules/mail/mail-channel'
import { MailService } from '../../src/modules/mail/mail.service'
import { SuppressionService } from '../../src/modules/suppression/suppression.service'
import { applicant, beginSignUp } from '../support/account'
import { deliveriesTo, sendDueMessages } from '../support/deliveries'
import { TestSmtpServer } from '../support/smtp-server'
import { until } from '../support/until'
import { World, type Person } from '../support/world'

const server = new TestSmtpServer()
const world = new World()
let url: string

beforeAll(async () => {
  url = await server.start()
  await world.start({ SMTP_URL: url, MAIL_FROM: 'Portico <no-reply@portico.example>' })
})
afterAll(async () => {
  await world.stop()
  await server.stop()
})
beforeEach(() => {
  server.recipient = () => null
  server.message = () => null
})

const tell = (person: Person, name: 'accountReinstated' | 'webhookDisabled' = 'accountReinstated') =>
  world.db.transaction((tx) =>
    name === 'webhookDisabled'
      ? new MailService(tx).send(person.id, name, { host: 'x.example' })
      : new MailService(tx).send(person.id, name),
  )

const takenBy = ({ email }: { email: string }) => server.taken.filter(({ to }) => to === email)

/** When the last mail to somebody has this state; it is sent behind whoever has caused it. */
const whenIs = async (person: Person, status: string) => {
  let last = (await deliveriesTo(world, person))[0]!
  await until(
    async () => (last = (await deliveriesTo(world, person))[0]!).status === status && last.attemptCount > 0,
  )
  return last
}

test('an SMTP server gets a mail at once, with a Message-ID of its own and nothing that anybody could answer', async () => {
  const input = applicant()
  await beginSignUp(world, input)
  await until(() => takenBy(input).length === 1)
  const [mail] = takenBy(input)
  expect(mail!.headers).toMatchObject({
    from: 'Portico <no-reply@portico.example>',
    to: input.email,
    'auto-submitted': 'auto-generated',
  })
  expect(mail!.messageId).toMatch(/^<delivery_\w{26}@localhost>$/)
  expect(mail!.headers).not.toHaveProperty('list-unsubscribe')
})

test('a mail that can be switched off says where, for one click (RFC 8058)', async () => {
  const person = await world.person()
  await tell(person, 'webhookDisabled')
  await until(() => takenBy(person).length === 1)
  expect(takenBy(person)[0]!.headers).toMatchObject({
    'list-unsubscribe': expect.stringMatching(
      /^<http:\/\/localhost:4000\/unsubscribe\/integrations\/[\w-]{64}>$/,
    ),
    'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
  })
})

test('a server that greylists has the mail when it lets it pass', async () => {
  const person = await world.person()
  const passesAt = world.clock.now().getTime() + 5 * MINUTE
  server.recipient = () =>
    world.clock.now().getTime() < passesAt
      ? { code: 451, response: '4.7.1 Greylisted, come back later' }
      : null
  await tell(person)
  const waiting = await whenIs(person, 'PENDING')
  expect(waiting.response).toBe('451 4.7.1 (RCPT TO)')
  for (let rounds = 0; rounds < 12 && takenBy(person).length === 0; rounds++) {
    world.clock.advance(2 * MINUTE)
    await sendDueMessages(world)
  }
  expect(takenBy(person)).toHaveLength(1)
  expect((await deliveriesTo(world, person))[0]!.status).toBe('SENT')
})

test('a recipient that the server does not know marks the address, and its words are kept nowhere', async () => {
  const person = await world.person()
  server.recipient = (address) => ({ code: 550, response: `5.1.1 <${address}> is unknown here` })
  await tell(person)
  const failed = await whenIs(person, 'FAILED')
  expect(failed.response).toBe('550 5.1.1 (RCPT TO)')
  const { viewer } = await person.api.data('{ viewer { emails { bouncedAt } } }')
  expect(viewer.emails[0].bouncedAt).not.toBeNull()
  const tries = server.tries
  await tell(person)
  await until(async () => (await deliveriesTo(world, person))[0]!.status === 'SUPPRESSED')
  expect(server.tries).toBe(tries)
  expect(world.logLines.join('')).not.toContain(person.email)
})

test.each([
  ['a full mailbox', { code: 552, response: '5.2.2 Mailbox full' }],
  ['a policy', { code: 550, response: '5.7.1 We do not like you' }],
])('a refusal because of %s is for good, and says nothing of the address', async (_why, refusal) => {
  const person = await world.person()
  server.recipient = () => refusal
  await tell(person)
  await whenIs(person, 'FAILED')
  const { viewer } = await person.api.data('{ viewer { emails { bouncedAt } } }')
  expect(viewer.emails[0].bouncedAt).toBeNull()
})

test('a message that is refused for good is given up', async () => {
  const person = await world.person()
  server.message = () => ({ code: 554, response: '5.6.0 No' })
  await tell(person)
  expect((await whenIs(person, 'FAILED')).response).toBe('554 5.6.0 (DATA)')
})

test('a connection that is dropped after the message leaves it unknown: it comes again under the same Message-ID', async () => {
  const person = await world.person()
  server.message = () => 'drop'
  await tell(person)
  await whenIs(person, 'PENDING')
  expect(takenBy(person)).toHaveLength(1)
  server.message = () => null
  world.clock.advance(HOUR)
  await sendDueMessages(world)
  expect(takenBy(person)).toHaveLength(2)
  expect(new Set(takenBy(person).map(({ messageId }) => messageId)).size).toBe(1)
})

test('a connection that is dropped before it costs nothing but time', async () => {
  const person = await world.person()
  server.recipient = () => 'drop'
  await tell(person)
  await whenIs(person, 'PENDING')
  server.recipient = () => null
  world.clock.advance(HOUR)
  await sendDueMessages(world)
  expect(takenBy(person)).toHaveLength(1)
})

test('a server that is down delays nobody who waits for an answer, and gets the mails when it is back', async () => {
  // Nobody else listens there now.
  const gone = new TestSmtpServer()
  const address = await gone.start()
  await gone.stop()
  const away = new World()
  await away.start({ SMTP_URL: address })
  const person = await away.person()
  await away.db.transaction((tx) => new MailService(tx).send(person.id, 'accountReinstated'))
  await until(async () => (await deliveriesTo(away, person))[0]!.attemptCount === 1)
  expect((await deliveriesTo(away, person))[0]).toMatchObject({
    status: 'PENDING',
    response: expect.stringMatching(/^E/),
  })
  const back = new TestSmtpServer()
  await back.start(Number(new URL(address).port))
  away.clock.advance(MINUTE)
  await sendDueMessages(away)
  expect(back.taken.map(({ to }) => to)).toEqual([person.email])
  expect((await deliveriesTo(away, person))[0]).toMatchObject({ status: 'SENT', attemptCount: 2 })
  await away.stop()
  await back.stop()
})

describe('a rate', () => {
  test('is for what matters: what people can do without is left to whoever sends what is next', async () => {
    const slow = new World()
    await slow.start({ MAIL_RATE: '1' })
    const [told, safe] = [await slow.person(), await slow.person()]
    await slow.db.transaction((tx) =>
      new MailService(tx).send(told.id, 'webhookDisabled', { host: 'x.example' }),
    )
    await slow.db.transaction((tx) => new MailService(tx).send(safe.id, 'accountReinstated'))
    expect((await deliveriesTo(slow, told))[0]).toMatchObject({ status: 'PENDING', attemptCount: 0 })
    expect((await deliveriesTo(slow, safe))[0]).toMatchObject({ status: 'SENT', attemptCount: 1 })
    await sendDueMessages(slow)
    expect((await deliveriesTo(slow, told))[0]).toMatchObject({ status: 'SENT', attemptCount: 1 })
    await slow.stop()
  })

  test('is not used up by what is not sent after all', async () => {
    const slow = new World()
    await slow.start({ MAIL_RATE: '1' })
    const person = await slow.person()
    await new SuppressionService(slow.db).unsubscribe(person.id, 'integrations')
    await slow.db.transaction((tx) =>
      new MailService(tx).send(person.id, 'webhookDisabled', { host: 'x.example' }),
    )
    const { claimed, work } = await beginDue(slow.db.tools, mailChannel, 16, new AbortController().signal)
    await Promise.all(work)
    const deliveries = new DeliveryRepository(slow.db)
    expect([claimed, await deliveries.takePlace(DeliveryChannel.EMAIL, { perSecond: 1 })]).toEqual([1, true])
    expect((await deliveriesTo(slow, person))[0]!.status).toBe('SUPPRESSED')
    await slow.stop()
  })

  test('holds for all that send, and none of them looks again and again in vain', async () => {
    const slow = new World()
    await slow.start({ SMTP_URL: url, MAIL_RATE: '20' })
    const people: Person[] = []
    while (people.length < 30) people.push(await slow.person())
    const began = performance.now()
    const takenAt: number[] = []
    server.message = () => {
      takenAt.push(performance.now())
      return null
    }
    for (const person of people)
      await slow.db.transaction((tx) => new MailService(tx).send(person.id, 'accountReinstated'))
    const looks = await slow.statements(() => Promise.all([sendDueMessages(slow), sendDueMessages(slow)]))
    await until(() => takenAt.length === 30)
    await slow.stop()
    // At 20 a second, of which two may go at once: none is there before its place has come.
    expect(takenAt.filter((at, place) => at - began < ((place + 1 - 2) / 20) * 1_000)).toEqual([])
    expect(looks.filter((sql) => sql.includes('delivery_rates AS rate')).length).toBeLessThan(30 * 6)
  })
})
