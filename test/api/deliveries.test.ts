import { createHmac, randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/clock'
import { DeliveryFailure, type FailureKind } from '../../src/core/delivery-failure'
import { idOf } from '../../src/core/id'
import type { Mail } from '../../src/core/mail'
import { Database } from '../../src/db/database'
import { DeliveryChannel } from '../../src/modules/delivery/delivery-channel'
import { DeliveryRepository } from '../../src/modules/delivery/delivery.repository'
import { forgetLetters, sendGivenUpAgain } from '../../src/modules/delivery/delivery.task'
import { giveUpRestored } from '../../src/modules/delivery/restored-deliveries'
import { MailService } from '../../src/modules/mail/mail.service'
import { SmsService } from '../../src/modules/sms/sms.service'
import { account, applicant, beginSignUp, codes, passwordResetOf } from '../support/account'
import { deadLetterTo, deliveriesTo, sendDueMessages } from '../support/deliveries'
import { useWorld, type Person } from '../support/world'

const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const world = useWorld({ MAIL_EVENTS_SECRET: SECRET })

const mailsTo = ({ email }: { email: string }) => world.portico.mailbox!.read(email)

/** Has somebody told something. */
const tell = (person: Person, db = world.db) =>
  db.transaction((tx) => new MailService(tx).send(person.id, 'accountReinstated'))

/** Has somebody told what they can do without. */
const disabled = (person: Person) =>
  world.db.transaction((tx) => new MailService(tx).send(person.id, 'webhookDisabled', { host: 'x.example' }))

/** Lets the provider fail so, until the function that is returned is called. */
function failing(kind: FailureKind, response = '451 4.7.1 (RCPT TO)', resumesAt: Date | null = null) {
  const mailbox = world.portico.mailbox!
  mailbox.send = async () => {
    throw new DeliveryFailure(kind, response, resumesAt)
  }
  return () => {
    delete (mailbox as Partial<typeof mailbox>).send
  }
}

afterEach(() => {
  delete (world.portico.mailbox as { send?: unknown }).send
})

const letterOf = async (id: string) => {
  const [row] = await world.db.query<{ letter: Buffer | null; keys: number }>(
    `SELECT letter, (SELECT count(*)::int FROM data_keys WHERE owner_id = deliveries.id) AS keys FROM deliveries WHERE id = $1`,
    [idOf('delivery', id)],
  )
  return row!
}

const replay = async (deliveryId: string, by?: Person) => {
  const { api } = by ?? (await world.person({ role: 'admin' }))
  const { replayDelivery } = await api.data(
    `mutation ($input: ReplayDeliveryInput!) { replayDelivery(input: $input) { delivery { status isReplayable } userErrors { code message } } }`,
    { input: { deliveryId } },
  )
  return replayDelivery
}

describe('a mail commits with its cause', () => {
  test('and is sent by whoever commits, before the answer is there', async () => {
    const person = await world.person()
    await tell(person)
    expect(mailsTo(person)).toHaveLength(1)
    const [delivery] = await deliveriesTo(world, person)
    expect(delivery).toMatchObject({
      ...{ channel: 'EMAIL', template: 'accountReinstated', status: 'SENT', attemptCount: 1 },
      ...{ response: null, nextAttemptAt: null, isReplayable: false, user: { id: person.globalId } },
    })
  })

  test('and with a transaction that is taken back nothing is sent, and nothing is left to send', async () => {
    const person = await world.person()
    const work = world.db.transaction(async (tx) => {
      await new MailService(tx).send(person.id, 'accountReinstated')
      throw new Error('Taken back.')
    })
    await expect(work).rejects.toThrow('Taken back.')
    await sendDueMessages(world)
    expect(mailsTo(person)).toEqual([])
    expect(await deliveriesTo(world, person)).toEqual([])
  })

  test('and what a process has committed that died before it sent is sent by another, once its claim is over', async () => {
    const person = await world.person()
    // As if it had died: what comes after the commit does not come.
    const dying = {
      get isInstant(): boolean {
        throw new Error('It died here.')
      },
      send: () => Promise.resolve(),
    }
    const db = Database.of({ ...world.db.tools, mailer: dying, onEffectError: () => undefined })
    await tell(person, db)
    await sendDueMessages(world)
    expect(mailsTo(person)).toEqual([])
    await world.db.query(
      `UPDATE deliveries SET claimed_until = now() - interval '1 millisecond' WHERE user_id = $1 AND status = 'pending'`,
      [person.id],
    )
    await sendDueMessages(world)
    expect((await deliveriesTo(world, person))[0]).toMatchObject({ status: 'SENT', attemptCount: 1 })
    expect(mailsTo(person)).toHaveLength(1)
  })

  test('and of two that claim at once one gets it', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => world.person()))
    const works = failing('temporary')
    for (const person of people) await tell(person)
    works()
    world.clock.advance(MINUTE)
    await Promise.all([sendDueMessages(world), sendDueMessages(world), sendDueMessages(world)])
    for (const person of people) expect(mailsTo(person)).toHaveLength(1)
  })

  test('and is the same at every try: a receiver knows it again by its Message-ID', async () => {
    const person = await world.person()
    const seen: Mail[] = []
    const mailbox = world.portico.mailbox!
    mailbox.send = async (mail) => {
      seen.push(mail)
      throw new DeliveryFailure('temporary', 'ECONNRESET')
    }
    await tell(person)
    world.clock.advance(MINUTE)
    await sendDueMessages(world)
    expect(seen).toHaveLength(2)
    expect(seen[0]!.messageId).toMatch(/^delivery_\w{26}@localhost$/)
    expect(seen[1]).toEqual(seen[0])
  })

  test('and of what tells of one event there is one, however often its cause is done', async () => {
    const person = await world.person()
    const eventId = person.sessionId
    for (let round = 0; round < 2; round++)
      await world.db.transaction((tx) => new MailService(tx).send(person.id, 'passwordChanged', { eventId }))
    expect(mailsTo(person)).toHaveLength(1)
    const deliveries = await deliveriesTo(world, person)
    expect(deliveries).toHaveLength(1)
    const [orphans] = await world.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM data_keys WHERE NOT EXISTS (SELECT FROM deliveries WHERE id = owner_id AND letter IS NOT NULL)
         AND EXISTS (SELECT FROM deliveries WHERE id = owner_id)`,
    )
    expect(orphans!.count).toBe(0)
  })
})

describe('a mail that cannot be laid out', () => {
  test('counts as tried, is tried again later, and is sent by whoever can', async () => {
    const person = await world.person()
    const works = failing('temporary')
    await tell(person)
    works()
    const change = (template: string) =>
      world.db.query('UPDATE deliveries SET template = $2 WHERE user_id = $1', [person.id, template])
    await change('ofTomorrow')
    world.clock.advance(MINUTE)
    const errors: unknown[] = []
    await sendDueMessages(world, undefined, { onError: (error) => void errors.push(error) })
    expect(errors).toEqual([new Error('There is no mail ofTomorrow.')])
    expect((await deliveriesTo(world, person))[0]).toMatchObject({
      status: 'PENDING',
      attemptCount: 2,
      response: 'unexpected',
    })
    await sendDueMessages(world)
    await change('accountReinstated')
    world.clock.advance(HOUR)
    await sendDueMessages(world)
    expect(mailsTo(person)).toHaveLength(1)
  })
})

describe('what a mail says', () => {
  test('is encrypted while it waits, and gone with its key once it is sent', async () => {
    const works = failing('temporary')
    const input = applicant()
    await beginSignUp(world, input)
    const waiting = await world.db.query<{ row: string }>(
      `SELECT row_to_json(deliveries)::text AS row FROM deliveries WHERE status = 'pending'`,
    )
    expect(waiting.length).toBeGreaterThan(0)
    for (const { row } of waiting) {
      expect(row).not.toContain(input.email)
      expect(Buffer.from(row).toString()).not.toContain(Buffer.from(input.email).toString('hex'))
    }
    works()
    world.clock.advance(MINUTE)
    await sendDueMessages(world)
    expect(mailsTo(input)[0]!.code).toMatch(/^\w{8}$/)
    const left = await world.db.query(
      `SELECT FROM deliveries WHERE status = 'sent' AND (letter IS NOT NULL OR EXISTS (SELECT FROM data_keys WHERE owner_id = id))`,
    )
    expect(left).toEqual([])
  })

  test('goes with the person who is erased, and so does its key', async () => {
    const person = await world.person()
    const id = await deadLetterTo(world, person)
    expect(await letterOf(id)).toMatchObject({ letter: expect.any(Buffer), keys: 1 })
    await world.db.query('DELETE FROM deliveries WHERE user_id = $1', [person.id])
    const keys = await world.db.query('SELECT FROM data_keys WHERE owner_id = $1', [idOf('delivery', id)])
    expect(keys).toEqual([])
  })

  test('is in the language and the time of its reader when it was posted', async () => {
    const person = await account(world, { locale: 'de' })
    const works = failing('temporary')
    await passwordResetOf(world, { email: person.email }).catch(() => undefined)
    works()
    await person.api.data('mutation { updateProfile(input: { locale: "en" }) { userErrors { code } } }')
    world.clock.advance(MINUTE)
    await sendDueMessages(world)
    expect(mailsTo(person)[0]!.subject).toBe('Wähle ein neues Passwort')
  })
})

describe('what is not taken', () => {
  test('is tried again later each time, and given up after hours', async () => {
    const person = await world.person()
    const works = failing('temporary')
    await tell(person)
    const [first] = await deliveriesTo(world, person)
    expect(first).toMatchObject({ status: 'PENDING', response: '451 4.7.1 (RCPT TO)', attemptCount: 1 })
    for (let tries = 1; tries < 12; tries++) {
      const [{ nextAttemptAt } = first!] = await deliveriesTo(world, person)
      world.clock.advance(Math.max(0, Date.parse(nextAttemptAt!) - world.clock.now().getTime()) + SECOND)
      await sendDueMessages(world)
    }
    const [last] = await deliveriesTo(world, person)
    expect(last).toMatchObject({
      status: 'FAILED',
      nextAttemptAt: null,
      attemptCount: 12,
      isReplayable: true,
    })
    works()
    expect(mailsTo(person)).toEqual([])
  })

  test('by a provider that says when to come again is not tried before', async () => {
    const person = await world.person()
    const resumesAt = new Date(world.clock.now().getTime() + 10 * MINUTE)
    failing('temporary', '429', resumesAt)
    await tell(person)
    const [{ nextAttemptAt } = { nextAttemptAt: null }] = await deliveriesTo(world, person)
    expect(Date.parse(nextAttemptAt!)).toBeGreaterThanOrEqual(resumesAt.getTime())
  })

  test('before its code has expired is not sent any more, and what it said is gone', async () => {
    const works = failing('temporary')
    const input = applicant()
    await beginSignUp(world, input)
    works()
    world.clock.advance(10 * MINUTE)
    await sendDueMessages(world)
    expect(mailsTo(input)).toEqual([])
    const [row] = await world.db.query<{ status: string; letter: Buffer | null }>(
      `SELECT status, letter FROM deliveries WHERE template = 'signUpCode' ORDER BY created_at DESC LIMIT 1`,
    )
    expect(row).toEqual({ status: 'expired', letter: null })
  })

  test('waits for nobody else: one that fails keeps the others from nothing', async () => {
    const [unlucky, lucky] = [await world.person(), await world.person()]
    failing('temporary')
    await tell(unlucky)
    delete (world.portico.mailbox as { send?: unknown }).send
    await tell(lucky)
    expect(mailsTo(lucky)).toHaveLength(1)
  })

  test('goes behind what matters more: a code goes first, then what concerns safety and rights, and news last', async () => {
    await world.db.query("UPDATE deliveries SET next_attempt_at = 'infinity' WHERE status = 'pending'")
    const [told, safe, waiting] = [await world.person(), await world.person(), await world.person()]
    failing('temporary')
    await disabled(told)
    await tell(safe)
    await world.anonymous.data(
      `mutation { requestPasswordReset(input: { login: "${waiting.email}" }) { userErrors { code } } }`,
    )
    // What matters least has waited the longest.
    await world.db.query(
      "UPDATE deliveries SET next_attempt_at = created_at WHERE status = 'pending' AND next_attempt_at < 'infinity'",
    )
    const next = async () =>
      (await new DeliveryRepository(world.db).claim(DeliveryChannel.EMAIL, 1)).map(({ template }) => template)
    expect([await next(), await next(), await next(), await next()]).toEqual([
      ['passwordReset'],
      ['accountReinstated'],
      ['webhookDisabled'],
      [],
    ])
  })

  test.each([
    ['what concerns safety and rights', tell],
    ['news', disabled],
  ])('is sent however long it has waited for its turn: %s', async (_what, post) => {
    const person = await world.person()
    const works = failing('temporary')
    await post(person)
    works()
    world.clock.advance(9 * DAY)
    await sendDueMessages(world)
    expect(mailsTo(person)).toHaveLength(1)
  })
})

describe('dead letters', () => {
  test('are shown to holders of deliveries:manage without what they say, and sent again', async () => {
    const person = await world.person()
    const id = await deadLetterTo(world, person)
    const [delivery] = await deliveriesTo(world, person)
    expect(delivery).toMatchObject({ id, status: 'FAILED', response: '554 5.7.1 (DATA)', isReplayable: true })
    expect(JSON.stringify(delivery)).not.toContain(person.email)
    expect(await replay(id)).toMatchObject({ delivery: { status: 'PENDING' }, userErrors: [] })
    await sendDueMessages(world)
    expect(mailsTo(person)).toHaveLength(1)
    expect((await deliveriesTo(world, person))[0]).toMatchObject({ id, status: 'SENT', attemptCount: 2 })
    const again = await replay(id)
    expect(codes(again)).toEqual(['INVALID'])
    expect(again.userErrors[0].message).toMatch(/nothing to send again/)
  })

  test('cannot be sent again when a week has passed: what they said is gone', async () => {
    const person = await world.person()
    const id = await deadLetterTo(world, person)
    await world.db.query(
      `UPDATE deliveries SET finished_at = finished_at - interval '8 days' WHERE id = $1`,
      [idOf('delivery', id)],
    )
    await world.do(forgetLetters, {})
    expect(await letterOf(id)).toEqual({ letter: null, keys: 0 })
    const refused = await replay(id)
    expect(codes(refused)).toEqual(['INVALID'])
    expect(refused.userErrors[0].message).toMatch(/not kept any more/)
  })

  test('cannot be sent again when their code has expired', async () => {
    const person = await world.person()
    const id = await deadLetterTo(world, person)
    await world.db.query(`UPDATE deliveries SET expires_at = $2 WHERE id = $1`, [
      idOf('delivery', id),
      world.clock.now(),
    ])
    const refused = await replay(id)
    expect(codes(refused)).toEqual(['INVALID'])
    expect(refused.userErrors[0].message).toMatch(/has expired/)
  })

  test('of a backup do not come back by themselves', async () => {
    const person = await world.person()
    const works = failing('temporary')
    await tell(person)
    works()
    // What a restore does when the rows are back.
    await giveUpRestored(world.db)
    world.clock.advance(HOUR)
    await sendDueMessages(world)
    expect(mailsTo(person)).toEqual([])
    expect((await deliveriesTo(world, person))[0]).toMatchObject({ status: 'FAILED', response: 'restored' })
  })
})

describe('dead letters of an outage', () => {
  const DOCUMENT = `mutation ($input: ReplayDeliveriesInput!) { replayDeliveries(input: $input) { count userErrors { code field } } }`
  const replayAll = async (input: object) => {
    const { api } = await world.person({ role: 'admin' })
    return (await api.data(DOCUMENT, { input })).replayDeliveries as { count: number | null }
  }
  /** Does what has been asked for since then. */
  const work = async (since: string, channel: DeliveryChannel | null = DeliveryChannel.EMAIL) => {
    const until = world.clock.now().toISOString()
    await world.do(sendGivenUpAgain, { channel, since, until })
    await sendDueMessages(world)
  }

  test('are all sent again that were given up since a moment, and are of use still', async () => {
    const [before, one, two, expired, restored] = await Promise.all(
      Array.from({ length: 5 }, () => world.person()),
    )
    await deadLetterTo(world, before!)
    world.clock.advance(HOUR)
    const since = world.clock.now().toISOString()
    world.clock.advance(SECOND)
    await deadLetterTo(world, one!)
    await deadLetterTo(world, two!)
    const [late, again] = [await deadLetterTo(world, expired!), await deadLetterTo(world, restored!)]
    const change = (id: string, what: string) =>
      world.db.query(`UPDATE deliveries SET ${what} WHERE id = $1`, [idOf('delivery', id)])
    await change(late, `expires_at = finished_at`)
    await change(again, `response = 'restored'`)
    expect(await replayAll({ channel: 'SMS', since })).toMatchObject({ count: 0 })
    expect(await replayAll({ channel: 'EMAIL', since })).toEqual({ count: 2, userErrors: [] })
    await work(since)
    const came = [before!, one!, two!, expired!, restored!].map((person) => mailsTo(person).length)
    expect(came).toEqual([0, 1, 1, 0, 0])
    expect(await replayAll({ since })).toMatchObject({ count: 0 })
  })

  test('come back by a job, which is asked for with the request', async () => {
    const since = new Date(world.clock.now().getTime() - MINUTE).toISOString()
    await replayAll({ since })
    const jobs = await world.db.query<{ payload: object }>(
      `SELECT payload FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id
       WHERE task.identifier = 'delivery:send-given-up-again' AND payload->>'since' = $1`,
      [since],
    )
    expect(jobs).toEqual([{ payload: { channel: null, since, until: expect.any(String) } }])
  })

  test.each([
    ['to come', MINUTE],
    ['of more than a week ago', -8 * DAY],
  ])('are not of a moment %s', async (_when, away) => {
    const since = new Date(world.clock.now().getTime() + away).toISOString()
    expect(await replayAll({ since })).toEqual({
      count: null,
      userErrors: [{ code: 'INVALID', field: ['since'] }],
    })
  })
})

describe('what is to nobody', () => {
  test('is worked on like what is to somebody, is never sent, and shown to no staff', async () => {
    const seen: string[] = []
    const mailbox = world.portico.mailbox!
    mailbox.send = async ({ to }) => void seen.push(to)
    await world.anonymous.data(
      'mutation { requestPasswordReset(input: { login: "nobody@example.org" }) { userErrors { code } } }',
    )
    const [decoy] = await world.db.query(
      `SELECT status, letter, attempt_count AS attempts FROM deliveries WHERE is_decoy ORDER BY created_at DESC LIMIT 1`,
    )
    expect(decoy).toEqual({ status: 'sent', letter: null, attempts: 1 })
    expect(seen).toEqual([])
    const { api } = await world.person({ role: 'admin' })
    const { deliveries } = await api.data(
      '{ deliveries(first: 100) { edges { node { template user { id } } } } }',
    )
    const ofNobody = deliveries.edges.filter(
      ({ node }: { node: { template: string; user: object | null } }) =>
        node.template === 'passwordReset' && node.user === null,
    )
    expect(ofNobody).toEqual([])
    await world.do(forgetLetters, {})
    expect(await world.db.query('SELECT FROM deliveries WHERE is_decoy')).toEqual([])
  })
})

/** Says what became of a mail, as a provider would. */
async function report(type: string, data: object, secret = SECRET, at = world.clock.now()): Promise<number> {
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data })
  const id = `msg_${randomBytes(8).toString('hex')}`
  const response = await fetch(`${world.portico.url}/webhooks/mail-events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / SECOND)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
    body,
  })
  return response.status
}

const marksOf = async ({ api }: Pick<Person, 'api'>) => {
  const { viewer } = await api.data('{ viewer { emails { bouncedAt complainedAt } } }')
  return viewer.emails[0] as { bouncedAt: string | null; complainedAt: string | null }
}

describe('an address that does not take mails', () => {
  test('is marked when the recipient is refused, and gets nothing more but what proves it anew', async () => {
    const person = await account(world)
    failing('recipient', '550 5.1.1 (RCPT TO)')
    const { user } = await world.anonymous.data(
      `{ user: userByUsername(username: "${person.username}") { id } }`,
    )
    const known = { ...person, id: idOf('user', user.id)! } as unknown as Person
    await tell(known)
    delete (world.portico.mailbox as { send?: unknown }).send
    expect(await marksOf(person)).toMatchObject({ bouncedAt: expect.any(String), complainedAt: null })

    const before = mailsTo(person).length
    await tell(known)
    expect(mailsTo(person)).toHaveLength(before)
    const { code, challengeId } = await passwordResetOf(world, person)
    expect(mailsTo(person)).toHaveLength(before + 1)

    await world.anonymous.data(
      `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }`,
      { input: { challengeId, code, newPassword: 'harbour lantern at dusk again' } },
    )
    const [email] = await world.db.query(`SELECT bounced_at FROM emails WHERE user_id = $1`, [known.id])
    expect(email).toEqual({ bounced_at: null })
    await tell(known)
    expect(mailsTo(person)[0]!.subject).toBe('You can use your account again')
  })

  test('is bounced no longer once a link in a mail has signed its owner in', async () => {
    const person = await world.person()
    await report('mail.bounced', { address: person.email })
    const { requestSignInLink: begun } = await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${person.email}" }) { challenge { id } userErrors { code } } }`,
    )
    const { code } = mailsTo(person)[0]!
    const { completeSignIn } = await world.anonymous.data(
      `mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { token userErrors { code } } }`,
      { input: { challengeId: begun.challenge.id, method: 'EMAIL_CODE', code, transport: 'BEARER' } },
    )
    expect(completeSignIn.token).not.toBeNull()
    expect((await marksOf(person)).bouncedAt).toBeNull()
    await tell(person)
    expect(mailsTo(person)[0]!.subject).toBe('You can use your account again')
  })

  test('is not for a full mailbox, a policy or a message that is refused', async () => {
    const person = await world.person()
    failing('permanent', '552 5.2.2 (RCPT TO)')
    await tell(person)
    expect(await marksOf(person)).toEqual({ bouncedAt: null, complainedAt: null })
  })
})

describe('a provider says what became of mails', () => {
  test('and a bounce for good marks the address, by the address or by the Message-ID', async () => {
    const [one, two] = [await world.person(), await world.person()]
    expect(await report('mail.bounced', { address: one.email.toUpperCase() })).toBe(204)
    expect((await marksOf(one)).bouncedAt).not.toBeNull()

    await tell(two)
    const { messageId } = mailsTo(two)[0]!
    expect(await report('mail.bounced', { messageId: `<${messageId}>` })).toBe(204)
    expect((await marksOf(two)).bouncedAt).not.toBeNull()
    const events = await world.db.query<{ action: string }>(
      `SELECT action FROM audit_events WHERE subject_id = $1 AND action LIKE 'email.%'`,
      [two.id],
    )
    expect(events).toEqual([{ action: 'email.bounced' }])
    // The same again is no other event.
    await report('mail.bounced', { messageId })
    expect(
      await world.db.query(`SELECT FROM audit_events WHERE subject_id = $1 AND action = 'email.bounced'`, [
        two.id,
      ]),
    ).toHaveLength(1)
  })

  test('and one that may pass does not', async () => {
    const person = await world.person()
    expect(await report('mail.bounced', { address: person.email, isPermanent: false })).toBe(204)
    expect((await marksOf(person)).bouncedAt).toBeNull()
  })

  test('and who has complained gets what concerns safety and rights, and nothing else', async () => {
    const person = await world.person()
    await report('mail.complained', { address: person.email })
    expect((await marksOf(person)).complainedAt).not.toBeNull()
    await tell(person)
    expect(mailsTo(person)).toHaveLength(1)
    await disabled(person)
    expect(mailsTo(person)).toHaveLength(1)
    expect((await deliveriesTo(world, person))[0]).toMatchObject({
      status: 'SUPPRESSED',
      template: 'webhookDisabled',
    })
  })

  test('and what is not signed, or not of now, or not for us, changes nothing', async () => {
    const person = await world.person()
    const data = { address: person.email }
    const other = `whsec_${randomBytes(32).toString('base64')}`
    expect(await report('mail.bounced', data, other)).toBe(401)
    expect(await report('mail.bounced', data, SECRET, new Date(world.clock.now().getTime() - HOUR))).toBe(401)
    expect(await report('mail.opened', data)).toBe(204)
    expect(await report('mail.bounced', {})).toBe(400)
    const unsigned = await fetch(`${world.portico.url}/webhooks/mail-events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect(unsigned.status).toBe(401)
    expect(await marksOf(person)).toEqual({ bouncedAt: null, complainedAt: null })
  })

  test('and of an address whose owner is erased a keyed hash alone stays', async () => {
    const person = await world.person()
    await report('mail.complained', { address: person.email })
    const index = world.db.tools.keyring.blindIndex('emails.address', person.email)
    await world.db.query('DELETE FROM emails WHERE user_id = $1', [person.id])
    const [row] = await world.db.query('SELECT * FROM suppressions WHERE address_index = $1', [index])
    expect(row).toEqual({ address_index: index, reason: 'complained', created_at: expect.any(Date) })
  })
})

describe('one click ends the mails of a topic (RFC 8058)', () => {
  test('by a POST without cookies, and without signing in', async () => {
    const person = await world.person()
    await disabled(person)
    const { unsubscribeUrl } = mailsTo(person)[0]!
    const url = unsubscribeUrl!.replace('http://localhost:4000', world.portico.url)

    const page = await fetch(url)
    expect(page.status).toBe(200)
    expect(await page.text()).toMatch(/<form method="post">/)
    await disabled(person)
    expect(mailsTo(person)).toHaveLength(2)

    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    })
    expect(answer.status).toBe(200)
    await disabled(person)
    expect(mailsTo(person)).toHaveLength(2)
    expect((await deliveriesTo(world, person))[0]!.status).toBe('SUPPRESSED')
    // Others of this person still come, and once more is no error.
    await tell(person)
    expect(mailsTo(person)).toHaveLength(3)
    expect((await fetch(url, { method: 'POST', body: new FormData() })).status).toBe(200)
    const events = await world.db.query(
      `SELECT details FROM audit_events WHERE subject_id = $1 AND action = 'mail.unsubscribed'`,
      [person.id],
    )
    expect(events).toEqual([{ details: { topic: 'integrations' } }])
  })

  test('and no link of another person, topic or making does', async () => {
    const [one, two] = [await world.person(), await world.person()]
    await disabled(one)
    await disabled(two)
    const tokenOf = (person: Person) => mailsTo(person)[0]!.unsubscribeUrl!.split('/').at(-1)!
    const mixed = Buffer.concat([
      Buffer.from(tokenOf(one), 'base64url').subarray(0, 16),
      Buffer.from(tokenOf(two), 'base64url').subarray(16),
    ]).toString('base64url')
    const forged = createHmac('sha256', 'guess').update(one.id).digest('base64url')
    for (const path of [
      `integrations/${mixed}`,
      `integrations/${forged}`,
      `other/${tokenOf(one)}`,
      'integrations/x',
    ]) {
      const answer = await fetch(`${world.portico.url}/unsubscribe/${path}`, { method: 'POST' })
      expect(answer.status).toBe(404)
    }
    await disabled(one)
    expect(mailsTo(one)).toHaveLength(2)
  })

  test('and mails about the safety of an account, and about rights, have no such link', async () => {
    const person = await world.person()
    await tell(person)
    expect(mailsTo(person)[0]!.unsubscribeUrl).toBeUndefined()
  })
})

describe('text messages', () => {
  const PHONE = '+436601234567'
  const text = (number: string, locale = 'de') =>
    world.db.transaction((tx) =>
      new SmsService(tx).send({ number, locale, timeZone: 'UTC', userId: null }, 'phoneCode', {
        code: 'BCDF-GHJK',
        minutes: 10,
      }),
    )

  test('stand beside mails in the mailbox, in the language of their reader', async () => {
    await text(PHONE)
    await text(PHONE, 'en')
    const [english, german] = world.portico.mailbox!.read(PHONE)
    expect(german).toMatchObject({
      channel: 'sms',
      code: 'BCDF-GHJK',
      text: expect.stringMatching(/ist dein Code/),
    })
    expect(english!.text).toMatch(/is your code, for 10 minutes/)
  })

  test('to a number that is nobody’s are not sent a second time', async () => {
    const number = '+436609999999'
    const { phone } = world.portico.mailbox! as unknown as { phone: { send: unknown } }
    const { send } = phone
    phone.send = async () => {
      throw new DeliveryFailure('recipient', '422')
    }
    await text(number)
    phone.send = send
    await text(number)
    expect(world.portico.mailbox!.read(number)).toEqual([])
    await new SmsService(world.db).noteArrival(number)
    await text(number)
    expect(world.portico.mailbox!.read(number)).toHaveLength(1)
  })
})

describe('the figures', () => {
  test('tell how much waits, and for how long', async () => {
    const person = await world.person()
    failing('temporary')
    await tell(person)
    delete (world.portico.mailbox as { send?: unknown }).send
    await tell(await world.person())
    world.clock.advance(30 * MINUTE)
    const metrics = await (await fetch(`${world.portico.url}/metrics`)).text()
    expect(metrics).toMatch(/portico_deliveries\{channel="email",state="waiting"\} [1-9]/)
    expect(metrics).toMatch(/portico_deliveries\{channel="email",state="sent"\} [1-9]/)
    const [, seconds] = /portico_deliveries_oldest_seconds\{channel="email"\} ([\d.]+)/.exec(metrics)!
    expect(Number(seconds)).toBeGreaterThan(1_500)
  })
})
