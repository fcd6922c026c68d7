import { DAY, later, MINUTE } from '../../src/core/clock'
import { fromGlobalId, toGlobalId, type Id } from '../../src/core/id'
import { codes, SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { unverifiedEmail } from '../support/administration'
import {
  ADD_EMAIL,
  beginEmail,
  changeEmailOf,
  CHANGE_EMAIL,
  CONFIRM_EMAIL,
  newAddress,
  secondEmailOf,
  tokenSentTo,
} from '../support/recovery'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'a quiet morning by the sea'

interface ShownEmail {
  id: string
  address: string
  isPrimary: boolean
  verifiedAt: string | null
}

const MAKE_PRIMARY =
  'mutation ($emailId: ID!) { makeEmailPrimary(input: { emailId: $emailId }) { endedCount userErrors { code field } } }'
const REMOVE =
  'mutation ($emailId: ID!) { removeEmail(input: { emailId: $emailId }) { user { emails { id } } userErrors { code field } } }'

type Speaker = Pick<Person, 'api'>

const person = () => world.person({ password: PASSWORD })
const mailsTo = (email: string) => world.portico.mailbox!.read(email)
const begin = async ({ api }: Speaker, email: string) =>
  (await api.data(ADD_EMAIL, { input: { email } })).addEmail
const confirm = async ({ api }: Speaker, { challengeId, code }: { challengeId: string; code: string }) =>
  (await api.data(CONFIRM_EMAIL, { input: { challengeId, code } })).confirmEmail
const emails = async ({ api }: Speaker): Promise<ShownEmail[]> =>
  (await api.data('{ viewer { emails { id address isPrimary verifiedAt } } }')).viewer.emails
const makePrimary = async ({ api }: Speaker, emailId: string) =>
  (await api.data(MAKE_PRIMARY, { emailId })).makeEmailPrimary
const remove = async ({ api }: Speaker, emailId: string) => (await api.data(REMOVE, { emailId })).removeEmail
const signIn = async (login: string) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password: PASSWORD } })).signIn
const requestReset = (login: string) =>
  world.anonymous.data(
    'mutation ($login: String!) { requestPasswordReset(input: { login: $login }) { userErrors { code } } }',
    { login },
  )
const undo = async (token: string) =>
  (
    await world.anonymous.data(
      'mutation ($token: String!) { undoEmailChange(input: { token: $token }) { userErrors { code field } } }',
      { token },
    )
  ).undoEmailChange
/** What somebody's account has, by the database: nobody may be signed in any more. */
const standing = async ({ id }: { id: Id }) => {
  const rows = await world.db.query<{ id: Id; is_primary: boolean }>(
    'SELECT id, is_primary FROM emails WHERE user_id = $1 AND replaced_at IS NULL ORDER BY is_primary DESC, created_at',
    [id],
  )
  return rows.map((row) => [toGlobalId('email', row.id), row.is_primary])
}
const primaryOf = async (who: Speaker) => (await emails(who)).find(({ isPrimary }) => isPrimary)!

describe('a further e-mail address', () => {
  test('is added with the code that was sent there, beside the primary one, which a mail tells of it', async () => {
    const ada = await person()
    const email = newAddress()
    const answer = await begin(ada, email)
    expect(answer).toMatchObject({
      challenge: { kind: 'EMAIL_ADDITION', methods: ['EMAIL_CODE'] },
      userErrors: [],
    })
    expect(await emails(ada)).toHaveLength(1)
    const [mail] = mailsTo(email)
    expect(mail!.subject).toBe('A code for your further address')
    const { user } = await confirm(ada, { challengeId: answer.challenge.id, code: mail!.code! })
    expect(user.emails).toMatchObject([
      { address: ada.email, isPrimary: true },
      { address: email, isPrimary: false, verifiedAt: expect.any(String) },
    ])
    const [told] = mailsTo(ada.email)
    expect(told!.subject).toBe('An e-mail address was added')
    expect(JSON.stringify(told)).not.toContain(email)
    expect(told!.text).toContain('/secure-account#token=')
  })

  test('signs in as the primary one does, and staff find its person by it', async () => {
    const ada = await person()
    const email = newAddress()
    await secondEmailOf(world, ada, email)
    expect(codes(await signIn(email.toUpperCase()))).toEqual([])
    const manager = await world.person({ role: 'manager' })
    const { users } = await manager.api.data(
      'query ($email: String!) { users(filter: { email: $email }) { edges { node { id email } } } }',
      { email },
    )
    expect(users.edges).toEqual([{ node: { id: ada.globalId, email: ada.email } }])
  })

  test('names the account whose password was forgotten; the way in goes to the primary one alone', async () => {
    const ada = await person()
    const email = newAddress()
    await secondEmailOf(world, ada, email)
    await requestReset(email)
    expect(mailsTo(email)).toEqual([])
    expect(mailsTo(ada.email)[0]!.link).toContain('/reset-password#token=')
  })

  test('before its code has come is nobody’s: it neither signs in nor keeps it from anybody', async () => {
    const [mallory, ada] = [await person(), await person()]
    const email = newAddress()
    await beginEmail(world, mallory, email)
    expect(codes(await signIn(email))).toEqual(['INVALID_CREDENTIALS'])
    // Whoever reads its mails has it, and what was begun is of no use then.
    const theirs = await beginEmail(world, ada, email)
    expect(codes(await confirm(ada, theirs))).toEqual([])
    expect((await emails(mallory)).map(({ address }) => address)).not.toContain(email)
  })

  test('of somebody who has begun it first and gives the code later is taken by then', async () => {
    const [ada, grace] = [await person(), await person()]
    const email = newAddress()
    const [first, second] = [await beginEmail(world, ada, email), await beginEmail(world, grace, email)]
    expect(codes(await confirm(grace, second))).toEqual([])
    expect(codes(await confirm(ada, first))).toEqual(['TAKEN'])
    expect(await emails(ada)).toHaveLength(1)
  })

  test('that is one’s own already, is none, or the eleventh, is refused, and nothing is sent', async () => {
    const ada = await person()
    const own = newAddress()
    await secondEmailOf(world, ada, own)
    for (const email of [own.toUpperCase(), ada.email, 'nonsense', 'a@b', `${'a'.repeat(65)}@example.com`])
      expect(await begin(ada, email)).toMatchObject({
        challenge: null,
        userErrors: [{ code: 'INVALID', field: ['email'] }],
      })
    const grace = await person()
    for (let count = 1; count < 10; count++) await secondEmailOf(world, grace)
    const eleventh = newAddress()
    expect(await begin(grace, eleventh)).toMatchObject({
      userErrors: [{ code: 'NOT_PERMITTED', field: ['email'] }],
    })
    expect([...mailsTo(own), ...mailsTo(eleventh)]).toEqual([])
  })

  test('is added to no account whose primary one was never proven: whoever does so finds in it nobody else’s', async () => {
    const mallory = await person()
    await unverifiedEmail(world, mallory)
    const email = newAddress()
    expect(await begin(mallory, email)).toMatchObject({
      challenge: null,
      userErrors: [{ code: 'NOT_PERMITTED', field: ['email'] }],
    })
    expect(mailsTo(email)).toEqual([])
  })

  test('that mails come back from can be proven anew, and takes them again', async () => {
    const ada = await person()
    const email = newAddress()
    const emailId = await secondEmailOf(world, ada, email)
    await world.db.query('UPDATE emails SET bounced_at = now() WHERE id = $1', [fromGlobalId(emailId)!.id])
    expect(codes(await makePrimary(ada, emailId))).toEqual(['NOT_PERMITTED'])
    expect(codes(await confirm(ada, await beginEmail(world, ada, email)))).toEqual([])
    expect((await emails(ada)).map(({ id }) => id)).toContain(emailId)
    expect(codes(await makePrimary(ada, emailId))).toEqual([])
  })
})

describe('R30 nobody learns whether somebody else has an address', () => {
  test('the answer is the same, the owner is sent nothing, and no code is right', async () => {
    const [ada, grace] = [await person(), await person()]
    const shapeOf = (answer: object) =>
      JSON.stringify(answer).replaceAll(/challenge_\w+|\d{4}-[\d-]+T[\d:.]+Z/g, '…')
    const free = await begin(ada, newAddress())
    const taken = await begin(ada, grace.email)
    expect(shapeOf(taken)).toBe(shapeOf(free))
    expect(mailsTo(grace.email)).toEqual([])
    expect(codes(await confirm(ada, { challengeId: taken.challenge.id, code: 'BBBBBBBB' }))).toEqual([
      'INVALID_CODE',
    ])
  })

  test('nor by how long it takes: as many statements', async () => {
    const grace = await person()
    const secondary = newAddress()
    await secondEmailOf(world, grace, secondary)
    const count = async (email: string) => {
      const ada = await person()
      return (await world.statements(() => begin(ada, email))).length
    }
    await count(newAddress())
    const [free, primary, further] = [
      await count(newAddress()),
      await count(grace.email),
      await count(secondary),
    ]
    expect([primary, further]).toEqual([free, free])
  })
})

describe('R14 the code of a further address', () => {
  test('serves once, for ten minutes, and is void after a newer one, also of a change', async () => {
    const ada = await person()
    const late = await beginEmail(world, ada)
    world.clock.advance(10 * MINUTE)
    expect(codes(await confirm(ada, late))).toEqual(['INVALID_CODE'])

    const grace = await person()
    const superseded = await beginEmail(world, grace)
    const pending = await beginEmail(world, grace)
    expect(codes(await confirm(grace, superseded))).toEqual(['INVALID_CODE'])
    expect(codes(await confirm(grace, pending))).toEqual([])
    expect(codes(await confirm(grace, pending))).toEqual(['INVALID_CODE'])
    const besides = await beginEmail(world, grace)
    await grace.api.data(CHANGE_EMAIL, { input: { email: newAddress() } })
    expect(codes(await confirm(grace, besides))).toEqual(['INVALID_CODE'])
  })

  test('is nobody else’s', async () => {
    const [ada, grace] = [await person(), await person()]
    const pending = await beginEmail(world, ada)
    expect(codes(await confirm(grace, pending))).toEqual(['INVALID_CODE'])
    expect(await emails(grace)).toHaveLength(1)
    expect(codes(await confirm(ada, pending))).toEqual([])
  })

  test('is not guessed', async () => {
    const ada = await person()
    const pending = await beginEmail(world, ada)
    for (let wrong = 0; wrong < 5; wrong++)
      expect(codes(await confirm(ada, { ...pending, code: 'BBBBBBBB' }))).toEqual(['INVALID_CODE'])
    const { challengeId, code } = pending
    expect(await ada.api.errorCode(CONFIRM_EMAIL, { input: { challengeId, code } })).toBe('RATE_LIMITED')
    expect(await emails(ada)).toHaveLength(1)
  })
})

test('R41 adding, removing and making primary need a fresh proof; the code may come later', async () => {
  const ada = await person()
  const emailId = await secondEmailOf(world, ada)
  world.clock.advance(5 * MINUTE)
  const pending = await beginEmail(world, ada)
  world.clock.advance(5 * MINUTE)
  expect(await ada.api.errorCode(ADD_EMAIL, { input: { email: newAddress() } })).toBe(
    'REAUTHENTICATION_REQUIRED',
  )
  for (const mutation of [MAKE_PRIMARY, REMOVE])
    expect(await ada.api.errorCode(mutation, { emailId })).toBe('REAUTHENTICATION_REQUIRED')
  expect(codes(await confirm(ada, pending))).toEqual([])
})

test('mails to addresses of one’s choice are counted, those of changes and additions together', async () => {
  const ada = await person()
  for (let count = 0; count < 4; count++) expect(codes(await begin(ada, newAddress()))).toEqual([])
  await ada.api.data(CHANGE_EMAIL, { input: { email: newAddress() } })
  expect(await ada.api.errorCode(ADD_EMAIL, { input: { email: newAddress() } })).toBe('RATE_LIMITED')
})

describe('R37 another primary address', () => {
  test('takes the place of the one until now, which stays, and learns of it; other sessions end', async () => {
    const ada = await person()
    const { token: other } = await signIn(ada.username)
    const [before] = await emails(ada)
    const email = newAddress()
    const emailId = await secondEmailOf(world, ada, email)
    expect(await makePrimary(ada, emailId)).toEqual({ endedCount: 1, userErrors: [] })
    expect(await standing(ada)).toEqual([
      [emailId, true],
      [before!.id, false],
    ])
    expect((await new ApiClient(world.url, other).data('{ viewer { id } }')).viewer).toBeNull()
    const [told] = mailsTo(ada.email)
    expect(told!.subject).toBe('Another address of your account is the primary one now')
    expect(JSON.stringify(told)).not.toContain(email)
    expect(told!.link).toMatch(/\/undo-email-change#token=[\w-]{64}$/)
    // Both sign in; mails go to the new one.
    for (const login of [email, ada.email]) expect(codes(await signIn(login))).toEqual([])
    await requestReset(ada.email)
    expect(mailsTo(email)[0]!.link).toContain('/reset-password#token=')
  })

  test('is none of somebody else’s, and once more changes nothing', async () => {
    const [ada, grace] = [await person(), await person()]
    const emailId = await secondEmailOf(world, ada)
    for (const mutation of [MAKE_PRIMARY, REMOVE])
      expect(await grace.api.errorCode(mutation, { emailId })).toBe('NOT_FOUND')
    await makePrimary(ada, emailId)
    expect(await makePrimary(ada, emailId)).toEqual({ endedCount: 0, userErrors: [] })
    expect(mailsTo(ada.email)).toHaveLength(1)
  })

  test('what was sent to the one until now is void', async () => {
    const ada = await person()
    const emailId = await secondEmailOf(world, ada)
    await requestReset(ada.email)
    const token = tokenSentTo(world, ada.email)
    await makePrimary(ada, emailId)
    const { resetPassword } = await world.anonymous.data(
      'mutation ($token: String!) { resetPassword(input: { token: $token, newPassword: "another morning by the lake" }) { userErrors { code } } }',
      { token },
    )
    expect(codes(resetPassword)).toEqual(['INVALID_CODE'])
  })

  test('can be taken back for a week from the one until now, also when that was removed meanwhile; what was added is gone', async () => {
    const ada = await person()
    const [own] = await emails(ada)
    const stolen = await secondEmailOf(world, ada)
    await makePrimary(ada, stolen)
    const token = tokenSentTo(world, ada.email)
    expect(codes(await remove(ada, own!.id))).toEqual([])
    expect(codes(await signIn(ada.email))).toEqual(['INVALID_CREDENTIALS'])
    world.clock.advance(6 * DAY)
    expect(codes(await undo(token))).toEqual([])
    expect(await standing(ada)).toEqual([[own!.id, true]])
    // The way back in is a mail to the address that is theirs again.
    expect(mailsTo(ada.email)[0]!.link).toContain('/reset-password#token=')
  })

  test('cannot be taken back after a week', async () => {
    const ada = await person()
    const emailId = await secondEmailOf(world, ada)
    await makePrimary(ada, emailId)
    world.clock.advance(7 * DAY)
    expect(codes(await undo(tokenSentTo(world, ada.email)))).toEqual(['INVALID_CODE'])
    expect((await standing(ada))[0]).toEqual([emailId, true])
  })

  test('an older one that was added a year ago is not taken for the one of a week ago', async () => {
    const ada = await person()
    const [own] = await emails(ada)
    const older = await secondEmailOf(world, ada)
    await world.db.query(`UPDATE emails SET created_at = created_at - interval '2 years' WHERE id = $1`, [
      fromGlobalId(older)!.id,
    ])
    await makePrimary(ada, older)
    const event = await world.db.query<{ id: Id }>(
      `SELECT id FROM audit_events WHERE subject_id = $1 AND action = 'email.made-primary'`,
      [ada.id],
    )
    await ada.api.data(
      'mutation ($eventId: ID!) { disownSecurityEvent(input: { eventId: $eventId }) { userErrors { code } } }',
      { eventId: toGlobalId('event', event[0]!.id) },
    )
    expect((await standing(ada))[0]).toEqual([own!.id, true])
  })

  test('back and forth, the one of a week ago is still the one that is given back', async () => {
    const ada = await person()
    const [own] = await emails(ada)
    const other = await secondEmailOf(world, ada)
    await makePrimary(ada, other)
    await makePrimary(ada, own!.id)
    await makePrimary(ada, other)
    const [token] = mailsTo(ada.email).map(({ link }) => link!.split('#token=')[1]!)
    expect(codes(await undo(token!))).toEqual([])
    expect(await standing(ada)).toEqual([[own!.id, true]])
  })
})

describe('an address that is removed', () => {
  test('does not sign in any more, of which the primary one is told; it can be added again', async () => {
    const ada = await person()
    const email = newAddress()
    const emailId = await secondEmailOf(world, ada, email)
    const { user } = await remove(ada, emailId)
    expect(user.emails).toHaveLength(1)
    expect(mailsTo(ada.email)[0]!.subject).toBe('An e-mail address was removed')
    expect(codes(await signIn(email))).toEqual(['INVALID_CREDENTIALS'])
    expect(codes(await confirm(ada, await beginEmail(world, ada, email)))).toEqual([])
    expect((await emails(ada)).map(({ address }) => address)).toEqual([ada.email, email])
  })

  test('is never the primary one', async () => {
    const ada = await person()
    await secondEmailOf(world, ada)
    const { id } = await primaryOf(ada)
    expect(await remove(ada, id)).toEqual({
      user: null,
      userErrors: [{ code: 'NOT_PERMITTED', field: ['emailId'] }],
    })
    expect(await emails(ada)).toHaveLength(2)
  })

  test('is nobody else’s for a week, and anybody’s then', async () => {
    const [ada, grace] = [await person(), await person()]
    const email = newAddress()
    await remove(ada, await secondEmailOf(world, ada, email))
    const taken = await begin(grace, email)
    expect(taken.userErrors).toEqual([])
    expect(mailsTo(email)).toEqual([])
    await world.db.query(
      `UPDATE emails SET replaced_at = replaced_at - interval '8 days' WHERE user_id = $1`,
      [ada.id],
    )
    expect(codes(await confirm(grace, await beginEmail(world, grace, email)))).toEqual([])
  })
})

describe('in parallel', () => {
  test('one address is the primary one', async () => {
    const ada = await person()
    const [own] = await emails(ada)
    const ids = [await secondEmailOf(world, ada), await secondEmailOf(world, ada), own!.id]
    await Promise.all([...ids, ...ids].map((id) => makePrimary(ada, id)))
    expect((await standing(ada)).filter(([, isPrimary]) => isPrimary)).toHaveLength(1)
    expect(await standing(ada)).toHaveLength(3)
  })

  test('an address that becomes primary is not removed, and one that is removed does not become primary', async () => {
    const ada = await person()
    const emailId = await secondEmailOf(world, ada)
    await Promise.all([ada.api.send(MAKE_PRIMARY, { emailId }), ada.api.send(REMOVE, { emailId })])
    const left = await standing(ada)
    expect(left.filter(([, isPrimary]) => isPrimary)).toHaveLength(1)
    expect([1, 2]).toContain(left.length)
  })

  test('one code adds one address', async () => {
    const ada = await person()
    const pending = await beginEmail(world, ada)
    const answers = await Promise.all(Array.from({ length: 4 }, () => confirm(ada, pending)))
    expect(answers.filter((answer) => codes(answer).length === 0)).toHaveLength(1)
    expect(await emails(ada)).toHaveLength(2)
  })

  test('no more than ten are somebody’s', async () => {
    const ada = await person()
    const added = await Promise.allSettled(Array.from({ length: 12 }, () => secondEmailOf(world, ada)))
    expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(9)
    expect(await emails(ada)).toHaveLength(10)
  })
})

test('a change of the primary address leaves the others as they are', async () => {
  const ada = await person()
  const emailId = await secondEmailOf(world, ada)
  const changed = newAddress()
  await changeEmailOf(world, ada, changed)
  expect((await emails(ada)).map(({ address, isPrimary }) => [address, isPrimary])).toContainEqual([
    changed,
    true,
  ])
  expect(await standing(ada)).toContainEqual([emailId, false])
  expect(await standing(ada)).toHaveLength(2)
})

test('a change to an address that is one’s own already takes the place of the primary one, which goes', async () => {
  const ada = await person()
  const email = newAddress()
  const emailId = await secondEmailOf(world, ada, email)
  const token = await changeEmailOf(world, ada, email)
  expect(await standing(ada)).toEqual([[emailId, true]])
  expect(codes(await signIn(ada.email))).toEqual(['INVALID_CREDENTIALS'])
  expect(codes(await undo(token))).toEqual([])
  expect(await standing(ada)).toHaveLength(1)
  await requestReset(ada.email)
  expect(mailsTo(ada.email)[0]!.link).toContain('/reset-password#token=')
})

test('while how somebody signs in is frozen, no address comes, goes or becomes primary', async () => {
  const ada = await person()
  const emailId = await secondEmailOf(world, ada)
  const pending = await beginEmail(world, ada)
  await world.db.query('UPDATE users SET credentials_frozen_until = $2 WHERE id = $1', [
    ada.id,
    later(world.clock.now(), DAY),
  ])
  expect(codes(await begin(ada, newAddress()))).toEqual(['FROZEN'])
  expect(codes(await confirm(ada, pending))).toEqual(['FROZEN'])
  expect(codes(await makePrimary(ada, emailId))).toEqual(['FROZEN'])
  expect(codes(await remove(ada, emailId))).toEqual(['FROZEN'])
  expect(await emails(ada)).toHaveLength(2)
})
