import { dictionary } from '@zxcvbn-ts/language-common'
import { MINUTE } from '../../src/core/clock'
import { PasswordHasher } from '../../src/crypto/password-hash'
import { Challenge } from '../../src/modules/challenge/challenge.entity'
import { Email } from '../../src/modules/email/email.entity'
import { Password } from '../../src/modules/password/password.entity'
import { User } from '../../src/modules/user/user.entity'
import {
  account,
  applicant,
  beginSignUp,
  codes,
  codeSentTo,
  COMPLETE_SIGN_UP,
  completeSignUp,
  SIGN_IN,
  SIGN_UP,
  type Applicant,
} from '../support/account'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { startSecondProcess } from '../support/second-process'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const signUp = async (input: Applicant) => (await world.anonymous.data(SIGN_UP, { input })).signUp

const signIn = async (login: string, password: string) =>
  (await world.anonymous.data(SIGN_IN, { input: { login, password } })).signIn

const complete = async (challengeId: string, code: string) =>
  (await completeSignUp(world.anonymous, challengeId, code)).data.completeSignUp

/** A code that is not this one. */
const otherThan = (code: string) => code.replace(/^./, (first) => (first === '2' ? '3' : '2'))

const refusedPassword = async (password: string, changes: Partial<Applicant> = {}) => {
  const { challenge, userErrors } = await signUp(applicant({ ...changes, password }))
  expect(challenge).toBeNull()
  expect(userErrors).toEqual(userErrors.map(() => expect.objectContaining({ field: ['password'] })))
  return codes({ userErrors })
}

describe('signing up', () => {
  test('somebody proves an address with the code from the mail, and is signed in', async () => {
    const input = applicant({ username: unique('Ada'), displayName: 'Ada Lovelace', locale: 'en-GB' })
    const challengeId = await beginSignUp(world, input)
    const [mail] = world.portico.mailbox!.read(input.email)
    expect(mail).toMatchObject({
      to: input.email,
      code: expect.stringMatching(/^[2-9BCDFGHJKMNPQRSTVWXYZ]{8}$/),
    })

    const { user, token, session, userErrors } = await complete(challengeId, ` ${mail!.code!.toLowerCase()} `)
    expect({ user, userErrors }).toEqual({
      user: { id: user.id, username: input.username.toLowerCase() },
      userErrors: [],
    })

    const { viewer } = await new ApiClient(world.url, token).data(`{ viewer {
      id username displayName locale timeZone email emails { address isPrimary verifiedAt } roles { name }
      sessions { edges { node { id isCurrent transport } } }
    } }`)
    expect(viewer).toEqual({
      id: user.id,
      username: input.username.toLowerCase(),
      displayName: 'Ada Lovelace',
      locale: 'en-GB',
      timeZone: 'UTC',
      email: input.email,
      emails: [{ address: input.email, isPrimary: true, verifiedAt: expect.any(String) }],
      roles: [{ name: 'user' }],
      sessions: { edges: [{ node: { id: session.id, isCurrent: true, transport: 'BEARER' } }] },
    })
  })

  test('what may be left out may be null as well', async () => {
    const { api, username } = await account(world, { displayName: null, locale: null })
    expect(await api.data('{ viewer { displayName locale } }')).toEqual({
      viewer: { displayName: username, locale: 'en' },
    })
  })

  test('until the code comes back there is no account', async () => {
    const input = applicant()
    await beginSignUp(world, input)
    const { userByUsername } = await world.anonymous.data(
      'query ($username: String!) { userByUsername(username: $username) { id } }',
      {
        username: input.username,
      },
    )
    expect(userByUsername).toBeNull()
    expect(codes(await signIn(input.email, input.password))).toEqual(['INVALID_CREDENTIALS'])
    expect(await world.db.repo(User).countBy({ username: input.username })).toBe(0)
  })

  test('R88 what waits for its code is nowhere readable, and an address never is', async () => {
    const input = applicant({ displayName: unique('Canary name ') })
    const challengeId = await beginSignUp(world, input)
    for (const canary of [input.username, input.email, input.displayName!, input.password]) {
      expect(await columnsHolding(world.db, canary)).toEqual([])
    }
    await completeSignUp(world.anonymous, challengeId, codeSentTo(world, input.email))
    expect(await columnsHolding(world.db, input.username)).toEqual([
      'user_search.search_text',
      'user_search.username',
      'users.username',
    ])
    expect(await columnsHolding(world.db, input.displayName!)).toEqual(['users.display_name'])
    expect(await columnsHolding(world.db, input.email)).toEqual([])
    expect(await columnsHolding(world.db, input.password)).toEqual([])
  })

  test('a cookie carries the token where the client wants it to', async () => {
    const input = applicant()
    const challengeId = await beginSignUp(world, input)
    const response = await world.anonymous.send(COMPLETE_SIGN_UP, {
      input: { challengeId, code: codeSentTo(world, input.email), transport: 'COOKIE' },
    })
    expect(response.data.completeSignUp).toMatchObject({
      user: { username: input.username },
      token: null,
      userErrors: [],
    })
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/^__Host-portico=ptc_[\w-]{43}; /)
    const api = world.anonymous.with({ cookie: cookie.split(';')[0]! })
    expect(await api.data('{ viewer { username } }')).toEqual({ viewer: { username: input.username } })
  })

  test('a form learns of everything that it has to put right, by its field', async () => {
    const problems = async (changes: Partial<Applicant>) =>
      (await signUp(applicant(changes))).userErrors.map(
        ({ code, field }: { code: string; field: string[] }) => [code, ...field],
      )
    expect(await problems({ username: 'x', email: '', displayName: '\u200b \u3164' })).toEqual([
      ['TOO_SHORT', 'username'],
      ['REQUIRED', 'email'],
      ['REQUIRED', 'displayName'],
    ])
    expect(await problems({ username: '_underscored_' })).toEqual([['INVALID', 'username']])
    expect(await problems({ username: 'ｆｕｌｌｗｉｄｔｈ' })).toEqual([['INVALID', 'username']])
    expect(await problems({ email: 'nobody' })).toEqual([['INVALID', 'email']])
    expect(await problems({ locale: 'tlh_Klingon' })).toEqual([['INVALID', 'locale']])
  })
})

describe('passwords', () => {
  test('R1 14 characters are refused, 15 are accepted', async () => {
    expect(await refusedPassword('vexing quartz ')).toEqual(['TOO_SHORT'])
    expect((await signUp(applicant({ password: 'vexing quartz j' }))).userErrors).toEqual([])
  })

  test('R2 64 characters of any script are accepted, each counted once', async () => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')
    const emoji = Array.from({ length: 64 }, (_, index) => String.fromCodePoint(0x1f600 + index)).join('')
    const ideographs = Array.from({ length: 64 }, (_, index) =>
      String.fromCodePoint(0x5000 + index * 7),
    ).join('')
    for (const password of [printable, emoji, ideographs]) {
      expect((await signUp(applicant({ password }))).userErrors).toEqual([])
    }
    expect(await refusedPassword([...emoji].slice(0, 14).join(''))).toEqual(['TOO_SHORT'])
  })

  test('R3 nothing is asked of the composition: 15 small letters do', async () => {
    expect((await signUp(applicant({ password: 'bqzrvwmxkfjhdtg' }))).userErrors).toEqual([])
  })

  test.each([64, 72, 73, 128])('R4 all %i bytes of a password count, the last as well', async (length) => {
    const password = `${unique('violet harbour ')}${'.-'.repeat(64)}`.slice(0, length - 1) + 'y'
    const { username } = await account(world, { password })
    expect(codes(await signIn(username, password.slice(0, -1) + 'z'))).toEqual(['INVALID_CREDENTIALS'])
    expect(codes(await signIn(username, password.slice(0, -1)))).toEqual(['INVALID_CREDENTIALS'])
    expect(codes(await signIn(username, password))).toEqual([])
  })

  test('R4 what is longer than 256 bytes is refused, not cut', async () => {
    const long = `${unique('violet harbour ')}${'.-'.repeat(128)}`
    expect(await refusedPassword(long.slice(0, 257))).toEqual(['TOO_LONG'])
    expect(await refusedPassword(`${long.slice(0, 255)}é`)).toEqual(['TOO_LONG'])
    expect((await signUp(applicant({ password: long.slice(0, 256) }))).userErrors).toEqual([])
  })

  test('R5 the passwords that are guessed first are refused, with the reason', async () => {
    const common = dictionary['passwords-common']
    const topMost = common.slice(0, 3_000).filter((_, index) => index % 100 === 0)
    const longest = common
      .filter((password) => password.length >= 15 && !/portico/i.test(password))
      .slice(0, 10)
    expect(longest).toHaveLength(10)
    for (const password of [...topMost, ...longest]) {
      expect(await refusedPassword(password)).toContain('PASSWORD_TOO_COMMON')
    }
    const { userErrors } = await signUp(applicant({ password: longest[0] }))
    expect(userErrors[0].message).toBe(
      'This is one of the passwords that are guessed first. Choose one that nobody else would think of.',
    )
  })

  test('R6 a password about its owner or the product is refused', async () => {
    const owner = {
      username: unique('brontosaur'),
      email: `${unique('gertrude')}@example.com`,
      displayName: 'Wilhelmina Slater',
    }
    for (const word of [owner.username, owner.email, owner.email.split('@')[0]!, 'wilhelmina', 'PORTICO']) {
      expect(await refusedPassword(`vexing ${word} quartz`, owner)).toEqual(['PASSWORD_TOO_SIMILAR'])
    }
  })

  test('R7 a password is the same however a keyboard composes it', async () => {
    const password = `${unique()} crème brûlée`
    const { username } = await account(world, { password: password.normalize('NFD') })
    for (const form of ['NFC', 'NFD', 'NFKC'] as const)
      expect(codes(await signIn(username, password.normalize(form)))).toEqual([])
  })

  test.each([
    ['NUL', '\0'],
    ['a lone surrogate', '\ud800'],
  ])('R8 %s in a password is refused, never cut', async (_, character) => {
    const { username, password } = await account(world)
    const variants = [`${password}${character}`, `${password}${character}more`, `${character}${password}`]
    for (const variant of variants) {
      expect(await world.anonymous.errorCode(SIGN_UP, { input: applicant({ password: variant }) })).toBe(
        'BAD_USER_INPUT',
      )
      expect(
        await world.anonymous.errorCode(SIGN_IN, { input: { login: username, password: variant } }),
      ).toBe('BAD_USER_INPUT')
    }
  })

  test('R9 what is stored is bcrypt of a cost that is said, under a salt of its own', async () => {
    const password = `${unique()} shared secret`
    const people = [await account(world, { password }), await account(world, { password })]
    const users = await world.db.repo(User).findBy(people.map(({ username }) => ({ username })))
    const [first, second] = await world.db.repo(Password).findBy(users.map(({ id }) => ({ userId: id })))
    for (const { hash } of [first!, second!]) {
      const [, cost] = /^\$bcrypt-hmac-sha384\$v=1\$2b\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash)!
      expect(Number(cost)).toBe(world.portico.config.bcryptCost)
    }
    expect(first!.hash).not.toBe(second!.hash)
  })

  test('R13 there are no hints, no secret questions, and no field for a hash', async () => {
    const { __schema } = await world.anonymous.data(`{ __schema { types { name
      fields(includeDeprecated: true) { name args { name } } inputFields { name } enumValues { name } } } }`)
    type Named = { name: string; args?: Named[] }
    const names = __schema.types.flatMap(({ name, ...members }: Named & Record<string, Named[] | null>) => [
      name,
      ...Object.values(members).flatMap((list) =>
        (list ?? []).flatMap((member) => [member.name, ...(member.args ?? []).map((arg) => arg.name)]),
      ),
    ])
    expect(names.length).toBeGreaterThan(200)
    // Of webhooks there are secrets, which whoever makes one is told once.
    const ofWebhooks = /^(?:secret|previousSecretExpiresAt|rotateWebhookSecret(?:Payload|Input)?)$/i
    const suspicious = names.filter((name: string) => /hint|question|hash|salt|secret/i.test(name))
    expect(suspicious.filter((name: string) => !ofWebhooks.test(name))).toEqual([])
  })

  test('R13 no answer holds a hash', async () => {
    const input = applicant()
    const { headers: _, ...begun } = await world.anonymous.send(SIGN_UP, { input })
    const { headers: __, ...completed } = await completeSignUp(
      world.anonymous,
      begun.data.signUp.challenge.id,
      codeSentTo(world, input.email),
    )
    const answer = JSON.stringify([begun, completed, await signIn(input.email, input.password)])
    const { id } = await world.db.repo(User).findOneByOrFail({ username: input.username })
    const { hash } = await world.db.repo(Password).findOneByOrFail({ userId: id })
    for (const part of [hash, hash.slice(-31), '$2b$', 'bcrypt']) expect(answer).not.toContain(part)
  })
})

describe('an address that is taken', () => {
  test('R30 is answered as a free one is, and its owner is told by mail', async () => {
    const owner = await account(world)
    const shape = async (email: string) => {
      const input = applicant({ email })
      const begun = await world.anonymous.send(SIGN_UP, { input })
      const { challenge } = begun.data.signUp
      const tried = await completeSignUp(world.anonymous, challenge.id, 'BCDF2345')
      // Of what names this request alone, only the form remains.
      return JSON.stringify(
        [begun, tried].map(({ headers, ...answer }) => [[...headers.keys()].sort(), answer]),
      )
        .replaceAll(challenge.id, 'ID')
        .replace(challenge.expiresAt, 'TIME')
    }
    expect(await shape(owner.email)).toBe(await shape(applicant().email))

    const mails = world.portico.mailbox!.read(owner.email)
    expect(mails[0]).toMatchObject({ subject: 'You already have an account' })
    expect(mails[0]).not.toHaveProperty('code')
    expect(mails).toHaveLength(2)
    expect(codes(await signIn(owner.email, owner.password))).toEqual([])
  })

  test('R66 is recognised however it is spelled', async () => {
    const name = unique('josé.')
    const stored = `${name}@xn--bcher-kva.example`
    const owner = await account(world, { email: stored })
    const spellings = [
      `${name.toUpperCase()}@BÜCHER.EXAMPLE`,
      `  ${name}@bücher.example `,
      `${name.normalize('NFD')}@bücher.example`,
      `${name}＠ｂücher.example`,
      `${name}@bücher.example`,
    ]
    for (const email of spellings) {
      await beginSignUp(world, applicant({ email }))
      expect(codes(await signIn(email, owner.password))).toEqual([])
    }
    expect(world.portico.mailbox!.read(stored).map(({ subject }) => subject)).toEqual([
      ...spellings.map(() => 'You already have an account'),
      expect.stringContaining('is your code'),
    ])
    const index = world.db.codec.blindIndex(Email, 'address', stored)
    expect(await world.db.repo(Email).countBy({ addressIndex: index })).toBe(1)
  })

  test('can be completed once, whoever else waits for a code', async () => {
    const first = applicant()
    const second = applicant({ email: first.email })
    const firstChallenge = await beginSignUp(world, first)
    const firstCode = codeSentTo(world, first.email)
    const secondChallenge = await beginSignUp(world, second)
    expect(codes(await complete(secondChallenge, codeSentTo(world, first.email)))).toEqual([])
    expect(await complete(firstChallenge, firstCode)).toEqual({
      user: null,
      session: null,
      token: null,
      userErrors: [
        {
          code: 'TAKEN',
          field: [],
          message: 'There is an account with this address already. Sign in instead.',
        },
      ],
    })
    expect(await world.db.repo(User).countBy({ username: first.username })).toBe(0)
  })

  test('a username can go to somebody else while the code is under way', async () => {
    const first = applicant()
    const second = applicant({ username: first.username })
    const challenges = [await beginSignUp(world, first), await beginSignUp(world, second)]
    expect(codes(await complete(challenges[0]!, codeSentTo(world, first.email)))).toEqual([])
    expect((await complete(challenges[1]!, codeSentTo(world, second.email))).userErrors).toEqual([
      { code: 'TAKEN', field: [], message: 'This username is taken. Choose another.' },
    ])
    expect(codes(await signUp(applicant({ username: first.username.toUpperCase() })))).toEqual(['TAKEN'])
  })

  test('fault 15: 200 sign-ups of one address at once give one account, and answers that are alike', async () => {
    // As in life, but for what only takes time: hashes are cheap.
    const { keyring } = world.db.tools
    const hasher = new PasswordHasher({ pepper: keyring.pepper, cost: 4, queue: 200, maxWaitMs: 60_000 })
    const replica = await startSecondProcess(world, { hasher })
    try {
      const api = new ApiClient(`${replica.url}/graphql`)
      const email = applicant().email
      const inputs = Array.from({ length: 200 }, () => applicant({ email }))
      const begun = await Promise.all(inputs.map((input) => api.send(SIGN_UP, { input })))
      const answers = begun.map(({ status, data, errors }) => {
        const { id, expiresAt } = data?.signUp.challenge ?? {}
        return JSON.stringify([status, data, errors]).replace(id, 'ID').replace(expiresAt, 'TIME')
      })
      expect(new Set(answers)).toEqual(new Set([answers[0]]))

      // Each mail names its challenge. So many can be completed at once as there are connections.
      const links = replica
        .mailbox!.read(email)
        .map(({ link }) => new URLSearchParams(new URL(link!).hash.slice(1)))
      expect(links).toHaveLength(200)
      const completed = await Promise.all(
        links.slice(0, 20).map((link) => completeSignUp(api, link.get('challenge')!, link.get('code')!)),
      )
      const outcomes = completed.map(({ data, errors }) => errors ?? codes(data.completeSignUp))
      expect(outcomes.sort()).toEqual([[], ...Array.from({ length: 19 }, () => ['TAKEN'])])
      const index = world.db.codec.blindIndex(Email, 'address', email)
      expect(await world.db.repo(Email).countBy({ addressIndex: index })).toBe(1)
    } finally {
      await replica.stop()
    }
  })
})

describe('a code', () => {
  const pending = async () => {
    const input = applicant()
    const challengeId = await beginSignUp(world, input)
    return { challengeId, code: codeSentTo(world, input.email) }
  }
  const INVALID = {
    user: null,
    session: null,
    token: null,
    userErrors: [
      {
        code: 'INVALID_CODE',
        field: ['code'],
        message: 'This proof is wrong, used or expired. Check it, or begin again for a new one.',
      },
    ],
  }

  test('may be mistyped four times, and no more', async () => {
    const forgiven = await pending()
    for (let attempt = 0; attempt < 4; attempt++)
      expect(await complete(forgiven.challengeId, otherThan(forgiven.code))).toEqual(INVALID)
    expect(codes(await complete(forgiven.challengeId, forgiven.code))).toEqual([])

    const closed = await pending()
    for (let attempt = 0; attempt < 5; attempt++)
      expect(await complete(closed.challengeId, otherThan(closed.code))).toEqual(INVALID)
    expect(await complete(closed.challengeId, closed.code)).toEqual(INVALID)
  })

  test('is not guessed by trying at once: 20 tries count as 5', async () => {
    const { challengeId, code } = await pending()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => complete(challengeId, otherThan(code))),
    )
    expect(answers).toEqual(answers.map(() => INVALID))
    const [challenge] = await world.db.query<{ failures: number }>(
      'SELECT failures FROM challenges ORDER BY created_at DESC LIMIT 1',
    )
    expect(challenge).toEqual({ failures: 5 })
    expect(await complete(challengeId, code)).toEqual(INVALID)
  })

  test('serves once', async () => {
    const { challengeId, code } = await pending()
    const answers = await Promise.all([complete(challengeId, code), complete(challengeId, code)])
    expect(answers.map(codes).sort()).toEqual([[], ['INVALID_CODE']])
    expect(await complete(challengeId, code)).toEqual(INVALID)
  })

  test('serves its own challenge, and no other', async () => {
    const [one, other] = [await pending(), await pending()]
    expect(await complete(one.challengeId, other.code)).toEqual(INVALID)
    expect(await complete('challenge_01h455vb4pex5vsknk084sn02q', one.code)).toEqual(INVALID)
    expect(await complete('user_01h455vb4pex5vsknk084sn02q', one.code)).toEqual(INVALID)
  })

  test('is stored as a hash, and stands in no link that a server would see', async () => {
    const { challengeId, code } = await pending()
    expect(await columnsHolding(world.db, code)).toEqual([])
    const [mail] = world.portico.mailbox!.read().filter((received) => received.code === code)
    const link = new URL(mail!.link!)
    expect(link.hash).toContain(challengeId)
    expect(link.pathname + link.search).not.toContain(code)
  })

  test('expires after ten minutes', async () => {
    const inTime = await pending()
    world.clock.advance(9 * MINUTE)
    expect(codes(await complete(inTime.challengeId, inTime.code))).toEqual([])
    const late = await pending()
    world.clock.advance(10 * MINUTE)
    expect(await complete(late.challengeId, late.code)).toEqual(INVALID)
    expect(await world.db.repo(Challenge).countBy({ failures: 1 })).toBeGreaterThan(0)
  })
})
