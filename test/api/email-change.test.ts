import { DAY, MINUTE } from '../../src/core/clock'
import { ApiClient } from '../support/api-client'
import {
  applicant,
  beginSignUp,
  codes,
  codeSentTo,
  completeSignUp,
  passwordResetOf,
  SIGN_IN,
} from '../support/account'
import {
  beginEmailChange,
  changeEmailOf,
  CHANGE_EMAIL,
  CONFIRM,
  newAddress,
  signInEvent,
  tokenSentTo,
} from '../support/recovery'
import { withPasskey } from '../support/second-factor'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'a quiet morning by the sea'
const NEW_PASSWORD = 'another morning by the lake'

const person = () => world.person({ password: PASSWORD })
const mailsTo = (email: string) => world.portico.mailbox!.read(email)
const as = (token: string) => new ApiClient(world.url, token)

const begin = async (who: Pick<Person, 'api'>, email: string) =>
  (await who.api.data(CHANGE_EMAIL, { input: { email } })).changeEmail
const confirm = async (input: Record<string, string>, api = world.anonymous) =>
  (await api.data(CONFIRM, { input })).confirmEmailChange
const undo = async (token: string) =>
  (
    await world.anonymous.data(
      'mutation ($token: String!) { undoEmailChange(input: { token: $token }) { userErrors { code field } } }',
      { token },
    )
  ).undoEmailChange
const signIn = async (login: string, password = PASSWORD) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn
const resetPassword = async (token: string, newPassword = NEW_PASSWORD) =>
  (
    await world.anonymous.data(
      'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }',
      { input: { token, newPassword } },
    )
  ).resetPassword
const isAlive = async (token: string) => (await as(token).data('{ viewer { id } }')).viewer !== null

/** The address that an account has, by its own word. */
async function addressOf({ id }: Person): Promise<string | null> {
  const admin = await world.person({ role: 'admin' })
  const [{ username } = { username: '' }] = await world.db.query<{ username: string }>(
    'SELECT username FROM users WHERE id = $1',
    [id],
  )
  const { userByUsername } = await admin.api.data(
    'query ($name: String!) { userByUsername(username: $name) { email } }',
    {
      name: username,
    },
  )
  return userByUsername.email
}

describe('R37 a change of the e-mail address', () => {
  test('is confirmed at the new one, by link; other sessions end and the one that began it stays', async () => {
    const ada = await person()
    const { token: other } = await signIn(ada.username)
    const { email, token } = await beginEmailChange(world, ada)
    expect(await addressOf(ada)).toBe(ada.email)
    expect(await confirm({ token })).toEqual({ endedCount: 1, userErrors: [] })
    expect([await isAlive(ada.token), await isAlive(other)]).toEqual([true, false])
    const { viewer } = await ada.api.data(
      '{ viewer { email emails { address isPrimary verifiedAt } sessions(includeEnded: true) { edges { node { endReason } } } } }',
    )
    expect(viewer.email).toBe(email)
    expect(viewer.emails).toEqual([{ address: email, isPrimary: true, verifiedAt: expect.any(String) }])
    expect(viewer.sessions.edges[0].node.endReason).toBe('EMAIL_CHANGED')
    expect(codes(await signIn(email))).toEqual([])
    expect(codes(await signIn(ada.email))).toEqual(['INVALID_CREDENTIALS'])
  })

  test('by code as well, and is told to the old one, which does not learn the new one', async () => {
    const ada = await person()
    const { email, challengeId, code } = await beginEmailChange(world, ada)
    expect(codes(await confirm({ challengeId, code }))).toEqual([])
    const [told] = mailsTo(ada.email)
    expect(told!.subject).toBe('Your account has another address now')
    expect(told!.link).toMatch(/^http:\/\/localhost:4000\/undo-email-change#token=[\w-]{64}$/)
    expect(JSON.stringify(told)).not.toContain(email)
  })

  test('R41 needs a proof of identity that is less than ten minutes old', async () => {
    const ada = await person()
    world.clock.advance(10 * MINUTE)
    expect(await ada.api.errorCode(CHANGE_EMAIL, { input: { email: newAddress() } })).toBe(
      'REAUTHENTICATION_REQUIRED',
    )
  })

  test('does not begin for what is no address, nor for one’s own', async () => {
    const ada = await person()
    for (const email of ['nonsense', ada.email.toUpperCase()])
      expect(await begin(ada, email)).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['email'] }] })
  })

  test('R14 serves once, for ten minutes, and is void after a newer one, a change of password and the end of its session', async () => {
    const ada = await person()
    const late = await beginEmailChange(world, ada)
    world.clock.advance(11 * MINUTE)
    expect(codes(await confirm({ token: late.token }))).toEqual(['INVALID_CODE'])

    const grace = await person()
    const superseded = await beginEmailChange(world, grace)
    const voided = await beginEmailChange(world, grace)
    expect(codes(await confirm({ token: superseded.token }))).toEqual(['INVALID_CODE'])
    await grace.api.data(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }',
      { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } },
    )
    expect(codes(await confirm({ token: voided.token }))).toEqual(['INVALID_CODE'])

    const { token } = await beginEmailChange(world, grace)
    expect(codes(await confirm({ token }))).toEqual([])
    expect(codes(await confirm({ token }))).toEqual(['INVALID_CODE'])

    const orphaned = await beginEmailChange(world, grace)
    await grace.api.data('mutation { signOut { userErrors { code } } }')
    expect(codes(await confirm({ token: orphaned.token }))).toEqual(['INVALID_CODE'])
    expect(await addressOf(grace)).not.toBe(orphaned.email)
  })

  test('is not confirmed for somebody who has been suspended', async () => {
    const ada = await person()
    const { token } = await beginEmailChange(world, ada)
    await world.suspend(ada)
    expect(codes(await confirm({ token }))).toEqual(['INVALID_CODE'])
  })

  test('R25 a code is not guessed, not even with one new mail after the other', async () => {
    const ada = await person()
    let answers: (string | undefined)[] = []
    for (let mails = 0; mails < 2; mails++) {
      const { challengeId } = await beginEmailChange(world, ada)
      answers = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const { data, errors } = await world.anonymous.send(CONFIRM, {
            input: { challengeId, code: 'BBBB-BBBB' },
          })
          return errors?.[0]?.extensions.code ?? codes(data.confirmEmailChange)[0]
        }),
      )
    }
    expect(new Set(answers)).toEqual(new Set(['RATE_LIMITED']))
  })

  test('no more than a handful of mails are sent, by one person or to one address', async () => {
    const [ada, address] = [await person(), newAddress()]
    for (let mails = 0; mails < 5; mails++) await begin(ada, newAddress())
    expect(await ada.api.errorCode(CHANGE_EMAIL, { input: { email: newAddress() } })).toBe('RATE_LIMITED')
    for (let mails = 0; mails < 5; mails++) await begin(await person(), address)
    const next = await person()
    expect(await next.api.errorCode(CHANGE_EMAIL, { input: { email: address } })).toBe('RATE_LIMITED')
  })

  test('R30 answers alike for an address that somebody has, after the same statements, sends them nothing and takes nothing from them', async () => {
    const [ada, grace] = [await person(), await person()]
    const [free, taken] = [newAddress(), grace.email]
    await begin(ada, newAddress())
    const answers: Awaited<ReturnType<typeof begin>>[] = []
    const statements: string[][] = []
    for (const email of [free, taken])
      statements.push(await world.statements(async () => answers.push(await begin(ada, email))))
    expect(statements[1]).toEqual(statements[0])
    const shapes = answers.map(({ challenge, ...rest }) => ({ ...rest, challenge: { ...challenge, id: '' } }))
    expect(shapes[1]).toEqual(shapes[0])
    expect(mailsTo(taken)).toEqual([])
    expect(mailsTo(free)).toHaveLength(1)
    const { code } = mailsTo(free)[0]!
    expect(codes(await confirm({ challengeId: answers[1]!.challenge.id, code: code! }))).toEqual([
      'INVALID_CODE',
    ])
    expect(await addressOf(grace)).toBe(taken)
  })

  test('is refused when somebody else has got the address meanwhile', async () => {
    const ada = await person()
    const input = applicant()
    const { token } = await beginEmailChange(world, ada, input.email)
    const challengeId = await beginSignUp(world, input)
    await completeSignUp(world.anonymous, challengeId, codeSentTo(world, input.email))
    expect(await confirm({ token })).toMatchObject({ userErrors: [{ code: 'TAKEN', field: [] }] })
    expect(await addressOf(ada)).toBe(ada.email)
  })

  test('of two confirmations at the same moment one succeeds, and of two people who want one address one gets it', async () => {
    const ada = await person()
    const { token } = await beginEmailChange(world, ada)
    expect((await Promise.all([confirm({ token }), confirm({ token })])).flatMap(codes)).toEqual([
      'INVALID_CODE',
    ])

    const [grace, eve, email] = [await person(), await person(), newAddress()]
    const wishes = [await beginEmailChange(world, grace, email), await beginEmailChange(world, eve, email)]
    const answers = await Promise.all(wishes.map((wish) => confirm({ token: wish.token })))
    expect(answers.flatMap(codes)).toEqual(['TAKEN'])
    expect(
      [await addressOf(grace), await addressOf(eve)].filter((address) => address === email),
    ).toHaveLength(1)
  })

  test('R14 makes what was sent to the old address void', async () => {
    const ada = await person()
    const { token } = await passwordResetOf(world, ada)
    await changeEmailOf(world, ada)
    expect(codes(await resetPassword(token))).toEqual(['INVALID_CODE'])
  })

  test('an address that was replaced is nobody’s to take for a week, and anybody’s after that', async () => {
    const [ada, grace] = [await person(), await person()]
    await changeEmailOf(world, ada)
    // It answers as a free one that gets no mail.
    expect(codes(await begin(grace, ada.email))).toEqual([])
    const mails = mailsTo(ada.email).length
    const input = applicant({ email: ada.email })
    const challengeId = await beginSignUp(world, input)
    expect(mailsTo(ada.email)).toHaveLength(mails + 1)
    const { data } = await completeSignUp(world.anonymous, challengeId, codeSentTo(world, ada.email))
    expect(codes(data.completeSignUp)).toEqual(['TAKEN'])

    world.clock.advance(7 * DAY)
    const again = await beginSignUp(world, input)
    const late = await completeSignUp(world.anonymous, again, codeSentTo(world, ada.email))
    expect(codes(late.data.completeSignUp)).toEqual([])
  })

  test('R34 of what proves it nothing is stored as it is, and the new address not in clear', async () => {
    const ada = await person()
    const { token, code, email } = await beginEmailChange(world, ada)
    const rows = await world.db.query<{ text: string }>('SELECT challenges::text AS text FROM challenges')
    const stored = rows.map(({ text }) => text).join('\n')
    for (const secret of [token, code, email]) {
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })
})

describe('taking a change of the address back, from the old one', () => {
  test('R37 gives the account the address again, ends all sessions and starts a reset', async () => {
    const ada = await person()
    const token = await changeEmailOf(world, ada)
    expect(await undo(token)).toEqual({ userErrors: [] })
    expect(await addressOf(ada)).toBe(ada.email)
    expect(await isAlive(ada.token)).toBe(false)
    expect(codes(await signIn(ada.username))).toEqual(['INVALID_CREDENTIALS'])
    expect(mailsTo(ada.email)[0]!.subject).toBe('Your account is safe; choose a new password')
    expect(codes(await resetPassword(tokenSentTo(world, ada.email)))).toEqual([])
    expect(codes(await signIn(ada.email, NEW_PASSWORD))).toEqual([])
  })

  test('R14 serves once, for seven days, and for nothing else than what it was sent for', async () => {
    const ada = await person()
    const token = await changeEmailOf(world, ada)
    const forged = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`
    for (const wrong of [forged, token.slice(0, 40), 'nonsense', ''.padEnd(64, 'A')])
      expect(codes(await undo(wrong))).toEqual(['INVALID_CODE'])
    world.clock.advance(7 * DAY - MINUTE)
    expect(codes(await undo(token))).toEqual([])
    expect(codes(await undo(token))).toEqual(['INVALID_CODE'])

    const grace = await person()
    const late = await changeEmailOf(world, grace)
    world.clock.advance(7 * DAY)
    expect(codes(await undo(late))).toEqual(['INVALID_CODE'])
    expect(await addressOf(grace)).not.toBe(grace.email)
  })

  test('of two at the same moment one is done', async () => {
    const ada = await person()
    const token = await changeEmailOf(world, ada)
    expect((await Promise.all([undo(token), undo(token)])).flatMap(codes)).toEqual(['INVALID_CODE'])
  })

  test('leaves what was older: whoever goes back one step can still go back two', async () => {
    const ada = await person()
    const toFirst = await changeEmailOf(world, ada)
    const { viewer } = await ada.api.data('{ viewer { email } }')
    const second = { ...ada, email: viewer.email as string }
    const toSecond = await changeEmailOf(world, second)
    expect(codes(await undo(toSecond))).toEqual([])
    expect(await addressOf(ada)).toBe(second.email)
    expect(codes(await undo(toFirst))).toEqual([])
    expect(await addressOf(ada)).toBe(ada.email)
  })
})

/** The same person, in whose account somebody else is at work: what they do, they do through the API, with all its tokens. */
describe('R37 whoever has got into an account cannot stop its owner from taking it back, whether they', () => {
  const MOVES: Record<string, (stolen: Person, address: string) => Promise<{ token: string } | void>> = {
    'change the address once more': async (stolen, address) => {
      await changeEmailOf(world, { ...stolen, email: address })
    },
    'change it many times': async (stolen, address) => {
      let email = address
      for (let times = 0; times < 3; times++) {
        const next = newAddress()
        await changeEmailOf(world, { ...stolen, email }, next)
        email = next
      }
    },
    'change it back and away again': async (stolen, address) => {
      await changeEmailOf(world, { ...stolen, email: address }, stolen.email)
      await changeEmailOf(world, stolen, newAddress())
    },
    'take their own second change back': async (stolen, address) => {
      const token = await changeEmailOf(world, { ...stolen, email: address })
      expect(codes(await undo(token))).toEqual([])
    },
    'let an account of their own claim the old address': async (stolen) => {
      const eve = await person()
      await begin(eve, stolen.email)
    },
    'begin another change and confirm it after that': async (stolen) => beginEmailChange(world, stolen),
    'replace the password': async (_stolen, address) => {
      const { token } = await passwordResetOf(world, { email: address })
      expect(codes(await resetPassword(token))).toEqual([])
    },
    'add a passkey': async (stolen) => {
      await withPasskey(stolen)
    },
    'say themselves that something else was not them': async (stolen) => {
      const eventId = await signInEvent(world, stolen.sessionId)
      await stolen.api.data(
        'mutation ($id: ID!) { disownSecurityEvent(input: { eventId: $id }) { userErrors { code } } }',
        { id: eventId },
      )
    },
  }

  test.each(Object.keys(MOVES))('%s', async (name) => {
    const ada = await person()
    const address = newAddress()
    const token = await changeEmailOf(world, ada, address)
    const begun = await MOVES[name]!(ada, address)

    expect(codes(await undo(token))).toEqual([])
    expect(await addressOf(ada)).toBe(ada.email)
    if (begun) expect(codes(await confirm({ token: begun.token }))).toEqual(['INVALID_CODE'])
    expect(await isAlive(ada.token)).toBe(false)

    expect(
      codes(await resetPassword(tokenSentTo(world, ada.email), 'only the owner knows this one')),
    ).toEqual([])
    const { token: own } = await signIn(ada.email, 'only the owner knows this one')
    const { viewer } = await as(own).data(
      '{ viewer { email emails { address } security { secondFactors } } }',
    )
    expect(viewer).toEqual({
      email: ada.email,
      emails: [{ address: ada.email }],
      security: { secondFactors: [] },
    })
  })

  test('change it again at the very moment', async () => {
    const ada = await person()
    const address = newAddress()
    const token = await changeEmailOf(world, ada, address)
    const { token: again } = await beginEmailChange(world, ada)
    const [undone] = await Promise.all([undo(token), confirm({ token: again })])
    expect(codes(undone)).toEqual([])
    expect(await addressOf(ada)).toBe(ada.email)
    expect(await isAlive(ada.token)).toBe(false)
  })

  test('replace the password at the very moment', async () => {
    const ada = await person()
    const address = newAddress()
    const token = await changeEmailOf(world, ada, address)
    const { token: reset } = await passwordResetOf(world, { email: address })
    const [undone] = await Promise.all([undo(token), resetPassword(reset)])
    expect(codes(undone)).toEqual([])
    expect(codes(await signIn(ada.username, NEW_PASSWORD))).toEqual(['INVALID_CREDENTIALS'])
    expect(await addressOf(ada)).toBe(ada.email)
  })
})
