import { later, MINUTE, SECOND } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { ApiClient } from '../support/api-client'
import { codes, passwordResetOf } from '../support/account'
import {
  completeSignIn,
  newAuthenticator,
  signInStep,
  START_TOTP,
  totpCode,
  withPasskey,
  withTotp,
} from '../support/second-factor'
import { claimsOf, journeyOf, linkedIdentity } from '../support/known-provider'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'a quiet morning by the sea'

const person = () => world.person({ password: PASSWORD })

const signIn = (who: Person) => signInStep(world.anonymous, who.username, PASSWORD)

const as = (token: string) => new ApiClient(world.url, token)

const securityOf = async (who: { api: ApiClient }) =>
  (
    await who.api.data(
      '{ viewer { security { passwordChangedAt secondFactors passkeys { id name isSynced lastUsedAt } recoveryCodesLeft } } }',
    )
  ).viewer.security

const mailsTo = (who: Person) => world.portico.mailbox!.read(who.email).map(({ subject }) => subject)

const isSignedIn = async (api: ApiClient) => (await api.data('{ viewer { id } }')).viewer !== null

describe('an authenticator app', () => {
  test('is shown as secret, link and QR code, and asked for at the next sign-in', async () => {
    const ada = await person()
    const { startTotp } = await ada.api.data(START_TOTP)
    const { key: secret, uri, qrCode } = startTotp.enrolment
    expect(uri).toBe(`otpauth://totp/Portico:${ada.username}?secret=${secret}&issuer=Portico`)
    expect(qrCode).toMatch(/^<svg /)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    // Nothing is on before it has shown that it works.
    expect((await signIn(ada)).session).not.toBeNull()

    const { secret: confirmed } = await withTotp(world, ada)
    const step = await signIn(ada)
    expect(step).toMatchObject({ user: null, session: null, token: null, userErrors: [] })
    expect(step.challenge).toMatchObject({
      kind: 'SIGN_IN',
      methods: ['TOTP', 'RECOVERY_CODE'],
      passkeyOptions: null,
    })
    const done = await completeSignIn(world.anonymous, {
      challengeId: step.challenge.id,
      method: 'TOTP',
      code: totpCode(world, confirmed),
    })
    expect(done).toMatchObject({
      user: { id: ada.globalId },
      session: { methods: ['PASSWORD', 'TOTP'] },
      challenge: null,
    })
    expect(await isSignedIn(as(done.token))).toBe(true)
  })

  test('its codes of the half minute before and after serve, others do not, and none serves twice', async () => {
    const ada = await person()
    const { secret } = await withTotp(world, ada)
    const attempt = async (code: string) => {
      const { challenge } = await signIn(ada)
      return codes(await completeSignIn(world.anonymous, { challengeId: challenge.id, method: 'TOTP', code }))
    }
    const shownAt = (seconds: number) => {
      const now = world.clock.now
      try {
        world.clock.now = () => later(now.call(world.clock), seconds * SECOND)
        return totpCode(world, secret)
      } finally {
        world.clock.now = now
      }
    }
    expect(await attempt(shownAt(-90))).toEqual(['INVALID_CODE'])
    expect(await attempt(shownAt(90))).toEqual(['INVALID_CODE'])
    const next = shownAt(30)
    expect(await attempt(next)).toEqual([])
    expect(await attempt(next)).toEqual(['INVALID_CODE'])
    // Nor does one that comes before one that was used.
    expect(await attempt(shownAt(0))).toEqual(['INVALID_CODE'])
  })

  test('is turned on by a code that it shows, and by no other', async () => {
    const ada = await person()
    const { startTotp } = await ada.api.data(START_TOTP)
    const confirm = (code: string, who = ada) =>
      who.api.data(
        `mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code } } }`,
        { input: { challengeId: startTotp.challenge.id, code } },
      )
    expect(codes((await confirm('000000')).confirmTotp)).toEqual(['INVALID_CODE'])
    const right = totpCode(world, startTotp.enrolment.key)
    // The challenge is the person's own.
    expect(codes((await confirm(right, await person())).confirmTotp)).toEqual(['INVALID_CODE'])
    expect(codes((await confirm(right)).confirmTotp)).toEqual([])
    expect(codes((await confirm(right)).confirmTotp)).toEqual(['INVALID_CODE'])
  })

  test('R37 ends the other sessions when it comes and when it goes, and is told by mail', async () => {
    const ada = await person()
    const other = (await signIn(ada)).token
    await withTotp(world, ada)
    expect([await isSignedIn(as(other)), await isSignedIn(ada.api)]).toEqual([false, true])
    expect(mailsTo(ada)[0]).toBe('Signing in needs a second step now')

    const { removeTotp } = await ada.api.data(
      'mutation { removeTotp(input: {}) { user { security { secondFactors recoveryCodesLeft } } userErrors { code } } }',
    )
    expect(removeTotp).toEqual({
      user: { security: { secondFactors: [], recoveryCodesLeft: 0 } },
      userErrors: [],
    })
    expect(mailsTo(ada)[0]).toBe('A second step was removed')
    expect((await signIn(ada)).session).not.toBeNull()
    expect(await ada.api.errorCode('mutation { removeTotp(input: {}) { userErrors { code } } }')).toBe(
      'NOT_FOUND',
    )
  })
})

describe('recovery codes', () => {
  test('are ten, come with the first second factor, and each serves once', async () => {
    const ada = await person()
    const { recoveryCodes } = await withTotp(world, ada)
    expect(recoveryCodes).toHaveLength(10)
    expect(new Set(recoveryCodes).size).toBe(10)
    const attempt = async (code: string) => {
      const { challenge } = await signIn(ada)
      return completeSignIn(world.anonymous, { challengeId: challenge.id, method: 'RECOVERY_CODE', code })
    }
    const used = await attempt(recoveryCodes[0]!.toLowerCase().replaceAll('-', ' '))
    expect(used.session.methods).toEqual(['PASSWORD', 'RECOVERY_CODE'])
    expect(mailsTo(ada)).toContain('A recovery code was used')
    expect(codes(await attempt(recoveryCodes[0]!))).toEqual(['INVALID_CODE'])
    expect(await securityOf(ada)).toMatchObject({
      recoveryCodesLeft: 9,
      secondFactors: ['TOTP', 'RECOVERY_CODE'],
    })

    const { replaceRecoveryCodes } = await ada.api.data(
      'mutation { replaceRecoveryCodes { recoveryCodes userErrors { code } } }',
    )
    expect(codes(await attempt(recoveryCodes[1]!))).toEqual(['INVALID_CODE'])
    expect(codes(await attempt(replaceRecoveryCodes.recoveryCodes[0]))).toEqual([])
  })

  test('of somebody else do not serve, and there are none without a second factor', async () => {
    const [ada, grace] = [await person(), await person()]
    const { recoveryCodes } = await withTotp(world, ada)
    await withTotp(world, grace)
    const { challenge } = await signIn(grace)
    const input = { challengeId: challenge.id, method: 'RECOVERY_CODE', code: recoveryCodes[0] }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
    const { replaceRecoveryCodes } = await (
      await person()
    ).api.data('mutation { replaceRecoveryCodes { recoveryCodes userErrors { code } } }')
    expect(codes(replaceRecoveryCodes)).toEqual(['INVALID'])
  })
})

describe('a code by mail', () => {
  const sendCode = async (challengeId: string, api = world.anonymous) =>
    (
      await api.data(
        'mutation ($id: ID!) { sendCode(input: { challengeId: $id }) { challenge { id } userErrors { code } } }',
        {
          id: challengeId,
        },
      )
    ).sendCode

  test('is sent when it is asked for, and a newer one voids it', async () => {
    const ada = await person()
    await ada.api.data('mutation { addEmailCode { recoveryCodes userErrors { code } } }')
    const { challenge } = await signIn(ada)
    expect(challenge.methods).toEqual(['EMAIL_CODE', 'RECOVERY_CODE'])
    const before = mailsTo(ada).length
    expect(codes(await sendCode(challenge.id))).toEqual([])
    expect(mailsTo(ada)).toHaveLength(before + 1)
    const first = world.portico.mailbox!.read(ada.email)[0]!.code!
    await sendCode(challenge.id)
    const second = world.portico.mailbox!.read(ada.email)[0]!.code!
    const attempt = (code: string) =>
      completeSignIn(world.anonymous, { challengeId: challenge.id, method: 'EMAIL_CODE', code })
    expect(codes(await attempt(first))).toEqual(['INVALID_CODE'])
    expect((await attempt(second)).session.methods).toEqual(['PASSWORD', 'EMAIL_CODE'])
    expect(codes(await sendCode(challenge.id))).toEqual(['EXPIRED'])
  })

  test('serves for ten minutes', async () => {
    const ada = await person()
    await ada.api.data('mutation { addEmailCode { userErrors { code } } }')
    const { challenge } = await signIn(ada)
    await sendCode(challenge.id)
    const { code } = world.portico.mailbox!.read(ada.email)[0]!
    world.clock.advance(10 * MINUTE)
    const input = { challengeId: challenge.id, method: 'EMAIL_CODE', code }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
  })

  test('is not the second proof of somebody who came by mail: that is the password', async () => {
    const ada = await person()
    await ada.api.data('mutation { addEmailCode { userErrors { code } } }')
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${ada.email}" }) { userErrors { code } } }`,
    )
    const token = world.portico.mailbox!.read(ada.email)[0]!.link!.split('#token=')[1]
    const step = await completeSignIn(world.anonymous, { method: 'EMAIL_LINK', token })
    expect(step.session).toBeNull()
    expect(step.challenge.methods).toEqual(['PASSWORD', 'RECOVERY_CODE'])
    const input = { challengeId: step.challenge.id, method: 'PASSWORD' }
    expect(
      codes(await completeSignIn(world.anonymous, { ...input, password: 'something else altogether' })),
    ).toEqual(['INVALID_CODE'])
    const done = await completeSignIn(world.anonymous, { ...input, password: PASSWORD })
    expect(done.session.methods).toEqual(['EMAIL_LINK', 'PASSWORD'])
  })

  test('but for somebody who has no password it is: a recovery code is for when the mailbox is lost', async () => {
    const ada = await world.person()
    await ada.api.data('mutation { addEmailCode { userErrors { code } } }')
    const claims = claimsOf({ email: ada.email })
    await linkedIdentity(world, ada.id, claims)
    const input = await journeyOf(world, claims)
    const { challenge } = await completeSignIn(world.anonymous, { method: 'IDENTITY_PROVIDER', ...input })
    expect(challenge.methods).toEqual(['EMAIL_CODE', 'RECOVERY_CODE'])
  })
})

describe('a link to sign in', () => {
  const request = async (login: string) =>
    (
      await world.anonymous.data(
        'mutation ($login: String!) { requestSignInLink(input: { login: $login }) { challenge { id kind methods } userErrors { code } } }',
        { login },
      )
    ).requestSignInLink

  test('signs in without a password, by link or by code, once, and a newer one voids it', async () => {
    const ada = await person()
    await request(ada.username)
    const [old] = world.portico.mailbox!.read(ada.email)
    const { challenge } = await request(ada.email)
    expect(challenge).toMatchObject({ kind: 'SIGN_IN_LINK', methods: ['EMAIL_LINK', 'EMAIL_CODE'] })
    const [mail] = world.portico.mailbox!.read(ada.email)
    const tokenOf = (link?: string) => link!.split('#token=')[1]
    const byLink = (link?: string) =>
      completeSignIn(world.anonymous, { method: 'EMAIL_LINK', token: tokenOf(link) })
    expect(codes(await byLink(old!.link))).toEqual(['INVALID_CODE'])
    expect((await byLink(mail!.link)).session.methods).toEqual(['EMAIL_LINK'])
    expect(codes(await byLink(mail!.link))).toEqual(['INVALID_CODE'])

    const again = await request(ada.email)
    const { code } = world.portico.mailbox!.read(ada.email)[0]!
    const input = { challengeId: again.challenge.id, method: 'EMAIL_CODE', code }
    expect((await completeSignIn(world.anonymous, input)).session.methods).toEqual(['EMAIL_CODE'])
  })

  test('R29 answers alike for nobody and for a suspended person, and sends them nothing', async () => {
    const suspended = await person()
    await world.suspend(suspended)
    const before = mailsTo(suspended).length
    const [forNobody, forSuspended] = [await request('nobody@example.com'), await request(suspended.email)]
    for (const { challenge, userErrors } of [forNobody, forSuspended]) {
      expect({ ...challenge, id: '', userErrors }).toEqual({
        id: '',
        kind: 'SIGN_IN_LINK',
        methods: ['EMAIL_LINK', 'EMAIL_CODE'],
        userErrors: [],
      })
    }
    expect(mailsTo(suspended)).toHaveLength(before)
  })

  test('does not skip the second factor', async () => {
    const ada = await person()
    const { secret } = await withTotp(world, ada)
    const { challenge } = await request(ada.email)
    const { code } = world.portico.mailbox!.read(ada.email)[0]!
    const step = await completeSignIn(world.anonymous, {
      challengeId: challenge.id,
      method: 'EMAIL_CODE',
      code,
    })
    expect([step.session, step.challenge.methods]).toEqual([null, ['TOTP', 'RECOVERY_CODE']])
    const done = await completeSignIn(world.anonymous, {
      challengeId: step.challenge.id,
      method: 'TOTP',
      code: totpCode(world, secret),
    })
    expect(done.session.methods).toEqual(['EMAIL_CODE', 'TOTP'])
  })
})

describe('a passkey', () => {
  test('is asked for after the password', async () => {
    const ada = await person()
    const { authenticator, passkeyId } = await withPasskey(ada, newAuthenticator({ verifiesUser: false }))
    const { challenge } = await signIn(ada)
    expect(challenge.methods).toEqual(['PASSKEY', 'RECOVERY_CODE'])
    expect(challenge.passkeyOptions).toMatchObject({
      rpId: 'localhost',
      allowCredentials: [{ id: authenticator.credentialId.toString('base64url') }],
    })
    const passkey = authenticator.get(challenge.passkeyOptions)
    const done = await completeSignIn(world.anonymous, {
      challengeId: challenge.id,
      method: 'PASSKEY',
      passkey,
    })
    expect(done.session.methods).toEqual(['PASSWORD', 'PASSKEY'])
    const { passkeys } = await securityOf(ada)
    expect(passkeys).toEqual([
      { id: passkeyId, name: 'Phone', isSynced: false, lastUsedAt: expect.any(String) },
    ])
  })

  const begin = async () =>
    (
      await world.anonymous.data(
        'mutation { startPasskeySignIn { challenge { id kind methods passkeyOptions } userErrors { code } } }',
      )
    ).startPasskeySignIn.challenge

  test('signs in by itself, and says who it is', async () => {
    const ada = await person()
    const { authenticator } = await withPasskey(ada)
    const challenge = await begin()
    expect(challenge).toMatchObject({ kind: 'SIGN_IN', methods: ['PASSKEY'] })
    expect(challenge.passkeyOptions).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
    expect(challenge.passkeyOptions.allowCredentials ?? []).toEqual([])
    const input = {
      challengeId: challenge.id,
      method: 'PASSKEY',
      passkey: authenticator.get(challenge.passkeyOptions),
    }
    const done = await completeSignIn(world.anonymous, input)
    expect(done).toMatchObject({ user: { id: ada.globalId }, session: { methods: ['PASSKEY'] } })
    // What it has signed is good for one challenge, once.
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
    const other = await begin()
    expect(codes(await completeSignIn(world.anonymous, { ...input, challengeId: other.id }))).toEqual([
      'INVALID_CODE',
    ])
  })

  test('that has not asked for a finger, a face or a number does not sign in by itself', async () => {
    const { authenticator } = await withPasskey(await person(), newAuthenticator({ verifiesUser: false }))
    const challenge = await begin()
    const passkey = authenticator.get(challenge.passkeyOptions)
    const input = { challengeId: challenge.id, method: 'PASSKEY', passkey }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
  })

  test('is refused to a suspended person, from another origin, when it is not known, and as a copy', async () => {
    const attempt = async (authenticator: { get: (options: { challenge: string }) => object }) => {
      const challenge = await begin()
      const passkey = authenticator.get(challenge.passkeyOptions)
      return codes(
        await completeSignIn(world.anonymous, { challengeId: challenge.id, method: 'PASSKEY', passkey }),
      )
    }
    const ada = await person()
    const { authenticator } = await withPasskey(ada)
    expect(await attempt(newAuthenticator())).toEqual(['INVALID_CODE'])
    expect(await attempt(authenticator)).toEqual([])
    authenticator.rewind()
    expect(await attempt(authenticator)).toEqual(['INVALID_CODE'])
    expect(await attempt(authenticator)).toEqual([])
    const elsewhere = Object.assign(Object.create(authenticator) as typeof authenticator, {
      site: { rpId: 'localhost', origin: 'http://localhost.example.com' },
    })
    expect(await attempt(elsewhere)).toEqual(['INVALID_CODE'])
    await world.suspend(ada)
    expect(await attempt(authenticator)).toEqual(['INVALID_CODE'])
  })

  test('of somebody else is not the second proof', async () => {
    const [ada, grace] = [await person(), await person()]
    await withPasskey(ada)
    const { authenticator } = await withPasskey(grace)
    const { challenge } = await signIn(ada)
    const passkey = authenticator.get(challenge.passkeyOptions)
    const input = { challengeId: challenge.id, method: 'PASSKEY', passkey }
    expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
  })

  test('can be several, renamed and removed, by their owner alone', async () => {
    const [ada, grace] = [await person(), await person()]
    const { passkeyId, recoveryCodes } = await withPasskey(ada)
    expect(recoveryCodes).toHaveLength(10)
    expect((await withPasskey(ada)).recoveryCodes).toBeNull()
    const rename =
      'mutation ($id: ID!) { renamePasskey(input: { passkeyId: $id, name: "Laptop" }) { passkey { name } } }'
    const remove =
      'mutation ($id: ID!) { removePasskey(input: { passkeyId: $id }) { user { security { passkeys { name } } } } }'
    for (const document of [rename, remove])
      expect(await grace.api.errorCode(document, { id: passkeyId })).toBe('NOT_FOUND')
    await ada.api.data(rename, { id: passkeyId })
    expect((await securityOf(ada)).passkeys.map(({ name }: { name: string }) => name)).toEqual([
      'Laptop',
      'Phone',
    ])
    const { removePasskey } = await ada.api.data(remove, { id: passkeyId })
    expect(removePasskey.user.security.passkeys).toEqual([{ name: 'Phone' }])
  })

  test('is not registered twice, nor for a challenge that is another’s', async () => {
    const [ada, grace] = [await person(), await person()]
    const { authenticator } = await withPasskey(ada)
    await expect(withPasskey(grace, authenticator)).rejects.toThrow('TAKEN')
  })
})

describe('R41 changes of second factors', () => {
  test('need a proof of identity that is less than ten minutes old', async () => {
    const ada = await person()
    const { secret } = await withTotp(world, ada)
    world.clock.advance(10 * MINUTE)
    for (const mutation of [
      'startTotp { userErrors { code } }',
      'removeTotp(input: {}) { userErrors { code } }',
      'addEmailCode { userErrors { code } }',
      'startPasskeyRegistration { userErrors { code } }',
      'replaceRecoveryCodes { userErrors { code } }',
    ]) {
      const { errors } = await ada.api.send(`mutation { ${mutation} }`)
      expect(errors).toMatchObject([
        { extensions: { code: 'REAUTHENTICATION_REQUIRED', methods: ['PASSWORD', 'TOTP', 'RECOVERY_CODE'] } },
      ])
    }
    const { reauthenticate } = await ada.api.data(
      'mutation ($code: String!) { reauthenticate(input: { method: TOTP, code: $code }) { token session { methods } userErrors { code } } }',
      { code: totpCode(world, secret) },
    )
    expect(reauthenticate.session.methods).toEqual(['TOTP'])
    expect(
      await as(reauthenticate.token).data('mutation { removeTotp(input: {}) { userErrors { code } } }'),
    ).toEqual({
      removeTotp: { userErrors: [] },
    })
  })

  test('a passkey proves it with a challenge, and somebody with nothing at all by mail', async () => {
    const start = async (who: Person) =>
      (
        await who.api.data(
          'mutation { startReauthentication { challenge { id kind methods passkeyOptions } userErrors { code } } }',
        )
      ).startReauthentication.challenge
    const prove = async (who: Person, input: Record<string, unknown>) =>
      (
        await who.api.data(
          'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { token userErrors { code } } }',
          { input },
        )
      ).reauthenticate

    const ada = await person()
    const { authenticator } = await withPasskey(ada)
    const challenge = await start(ada)
    expect(challenge).toMatchObject({
      kind: 'REAUTHENTICATION',
      methods: ['PASSWORD', 'PASSKEY', 'RECOVERY_CODE'],
    })
    const passkey = authenticator.get(challenge.passkeyOptions)
    expect(codes(await prove(ada, { challengeId: challenge.id, method: 'PASSKEY', passkey }))).toEqual([])

    const [grace, eve] = [await world.person(), await world.person()]
    const byMail = await start(grace)
    expect(byMail.methods).toEqual(['EMAIL_CODE'])
    const send = 'mutation ($id: ID!) { sendCode(input: { challengeId: $id }) { userErrors { code } } }'
    expect(codes((await eve.api.data(send, { id: byMail.id })).sendCode)).toEqual(['EXPIRED'])
    await grace.api.data(send, { id: byMail.id })
    const { code } = world.portico.mailbox!.read(grace.email)[0]!
    expect(codes(await prove(eve, { challengeId: byMail.id, method: 'EMAIL_CODE', code }))).toEqual([
      'INVALID_CODE',
    ])
    expect(codes(await prove(grace, { challengeId: byMail.id, method: 'EMAIL_CODE', code }))).toEqual([])
  })
})

describe('R25 second factors are throttled', () => {
  test('by account: neither a new challenge, nor the password, nor another address takes the count back', async () => {
    const ada = await person()
    const { secret } = await withTotp(world, ada)
    const attempt = async (code: string) => {
      const { challenge } = await signIn(ada)
      return world.anonymous.send(
        'mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { token userErrors { code } } }',
        { input: { challengeId: challenge.id, method: 'TOTP', code } },
      )
    }
    for (let count = 0; count < 5; count++) await attempt('000000')
    const { errors } = await attempt(totpCode(world, secret))
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }])
    world.clock.advance(MINUTE)
    expect((await attempt(totpCode(world, secret))).data.completeSignIn.token).toMatch(/^ptc_/)
  })
})

test('a reset of the password does not skip the second factor', async () => {
  const ada = await person()
  await withTotp(world, ada)
  await world.anonymous.data(
    `mutation { requestPasswordReset(input: { login: "${ada.email}" }) { userErrors { code } } }`,
  )
  const token = world.portico.mailbox!.read(ada.email)[0]!.link!.split('#token=')[1]
  await world.anonymous.data(
    'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }',
    { input: { token, newPassword: 'another morning by the lake' } },
  )
  const step = await signInStep(world.anonymous, ada.username, 'another morning by the lake')
  expect([step.session, step.challenge.methods]).toEqual([null, ['TOTP', 'RECOVERY_CODE']])
})

test('a challenge that waits for its second proof is void once the password has changed', async () => {
  const ada = await person()
  const { secret } = await withTotp(world, ada)
  const { challenge } = await signIn(ada)
  await ada.api.data(
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }',
    { input: { currentPassword: PASSWORD, newPassword: 'another morning by the lake' } },
  )
  const input = { challengeId: challenge.id, method: 'TOTP', code: totpCode(world, secret) }
  expect(codes(await completeSignIn(world.anonymous, input))).toEqual(['INVALID_CODE'])
})

describe('R1 a password of 8 characters', () => {
  const SHORT = 'vqzk81mx'
  const change = async (who: Person, newPassword: string) =>
    (
      await who.api.data(
        'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code field } } }',
        { input: { currentPassword: PASSWORD, newPassword } },
      )
    ).changePassword
  const REMOVE =
    'mutation ($input: RemoveTotpInput!) { removeTotp(input: $input) { user { id } userErrors { code field } } }'

  test('is accepted beside a second factor, and without one not', async () => {
    const ada = await person()
    expect(codes(await change(ada, SHORT))).toEqual(['TOO_SHORT'])
    await withTotp(world, ada)
    expect(codes(await change(ada, SHORT.slice(1)))).toEqual(['TOO_SHORT'])
    expect(codes(await change(ada, SHORT))).toEqual([])
    expect((await signInStep(world.anonymous, ada.username, SHORT)).challenge.methods).toContain('TOTP')
  })

  test('has to be replaced by a longer one when the last second factor goes, and not before', async () => {
    const ada = await person()
    await withTotp(world, ada)
    const { passkeyId } = await withPasskey(ada)
    await change(ada, SHORT)
    const remove = (input: object) => ada.api.data(REMOVE, { input })
    expect((await remove({})).removeTotp.userErrors).toEqual([])
    const removePasskey = async (newPassword?: string) =>
      (
        await ada.api.data(
          'mutation ($input: RemovePasskeyInput!) { removePasskey(input: $input) { userErrors { code field } } }',
          { input: { passkeyId, newPassword } },
        )
      ).removePasskey.userErrors
    expect(await removePasskey()).toEqual([{ code: 'REQUIRED', field: ['newPassword'] }])
    expect(await removePasskey('fourteen chars')).toEqual([{ code: 'TOO_SHORT', field: ['newPassword'] }])
    expect((await securityOf(ada)).secondFactors).toContain('PASSKEY')
    expect(await removePasskey('another morning by the lake')).toEqual([])
    expect(
      (await signInStep(world.anonymous, ada.username, 'another morning by the lake')).session,
    ).not.toBeNull()
    expect(mailsTo(ada)).toEqual(
      expect.arrayContaining(['A second step was removed', 'Your password was changed']),
    )
  })

  test('is never left alone by a change and a removal at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const ada = await person()
      await withTotp(world, ada)
      await Promise.all([change(ada, SHORT), ada.api.data(REMOVE, { input: {} })])
      const { secondFactors } = await securityOf(ada)
      const step = await signInStep(world.anonymous, ada.username, SHORT)
      expect(secondFactors.length > 0 || codes(step).includes('INVALID_CREDENTIALS')).toBe(true)
    }
  })
})

describe('R23 a stranger who knows only the id of somebody', () => {
  const RESET =
    'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }'
  const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }'
  const COMPLETE =
    'mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { userErrors { code } } }'

  test('closes neither the second factor, nor the password, nor a reset', async () => {
    const ada = await person()
    const { secret } = await withTotp(world, ada)
    const challengeId = toGlobalId('challenge', ada.id)
    for (let times = 0; times < 6; times++) {
      for (const input of [
        { challengeId, method: 'TOTP', code: '000000' },
        { challengeId, method: 'PASSWORD', password: 'wrong' },
      ])
        await world.anonymous.send(COMPLETE, { input })
      for (const login of [ada.id, `factor:${ada.id}`, `link:${ada.id}`, `reset:${ada.id}`])
        await world.anonymous.send(SIGN_IN, { input: { login, password: 'wrong' } })
      for (const input of [{ token: ada.id }, { challengeId, code: 'WRONG' }])
        await world.anonymous.send(RESET, { input: { ...input, newPassword: 'another morning by the lake' } })
    }
    const { challenge } = await signIn(ada)
    const input = { challengeId: challenge.id, method: 'TOTP', code: totpCode(world, secret) }
    expect((await completeSignIn(world.anonymous, input)).session).not.toBeNull()
    const { token } = await passwordResetOf(world, ada)
    const { resetPassword } = await world.anonymous.data(RESET, {
      input: { token, newPassword: 'another morning by the lake' },
    })
    expect(codes(resetPassword)).toEqual([])
    const { security } = (
      await ada.api.send('{ viewer { security { events { edges { node { action } } } } } }')
    ).data.viewer ?? { security: { events: { edges: [] } } }
    expect(JSON.stringify(security)).not.toContain('throttle.closed')
  })

  test('cannot keep the code away from whoever has given the password', async () => {
    const ada = await person()
    await ada.api.data('mutation { addEmailCode { userErrors { code } } }')
    for (let times = 0; times < 6; times++)
      await world.anonymous.send(
        `mutation { requestPasswordReset(input: { login: "${ada.username}" }) { userErrors { code } } }`,
      )
    const { challenge } = await signIn(ada)
    const { sendCode } = await world.anonymous.data(
      'mutation ($id: ID!) { sendCode(input: { challengeId: $id }) { userErrors { code } } }',
      { id: challenge.id },
    )
    expect(codes(sendCode)).toEqual([])
  })

  test('R29 is slowed down alike by somebody and by nobody, also after asking again', async () => {
    const REQUEST =
      'mutation ($login: String!) { requestSignInLink(input: { login: $login }) { challenge { id } } }'
    const tries = async (login: string) => {
      const outcomes: string[] = []
      for (let round = 0; round < 2; round++) {
        const { requestSignInLink } = await world.anonymous.data(REQUEST, { login })
        for (let times = 0; times < 4; times++) {
          const input = {
            challengeId: requestSignInLink.challenge.id,
            method: 'EMAIL_CODE',
            code: 'WRONGONE',
          }
          const { data, errors } = await world.anonymous.send(COMPLETE, { input })
          outcomes.push(errors?.[0]?.extensions.code ?? codes(data.completeSignIn)[0]!)
        }
      }
      return outcomes
    }
    const somebody = await tries((await person()).username)
    expect(somebody).toEqual([
      ...Array.from({ length: 5 }, () => 'INVALID_CODE'),
      ...Array.from({ length: 3 }, () => 'RATE_LIMITED'),
    ])
    expect(await tries('nobody_at_all')).toEqual(somebody)
  })
})

test('what is null counts as left out, also an id', async () => {
  const ada = await person()
  const { secret } = await withTotp(world, ada)
  const link = async () => {
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${ada.email}" }) { userErrors { code } } }`,
    )
    return world.portico.mailbox!.read(ada.email)[0]!.link!.split('#token=')[1]
  }
  const byLink = { method: 'EMAIL_LINK', token: await link(), challengeId: null, code: null, passkey: null }
  expect((await completeSignIn(world.anonymous, byLink)).challenge).not.toBeNull()
  const nowhere = { method: 'TOTP', challengeId: null, code: totpCode(world, secret) }
  expect(codes(await completeSignIn(world.anonymous, nowhere))).toEqual(['INVALID_CODE'])
  const { reauthenticate } = await ada.api.data(
    'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { userErrors { code } } }',
    { input: { password: PASSWORD, challengeId: null } },
  )
  expect(codes(reauthenticate)).toEqual([])
})

test.each([['usb'], [5], [[['usb'], 'internal', 'x'.repeat(5_000), null]]])(
  'of how a passkey is reached only what is known is kept (%#)',
  async (transports) => {
    const ada = await person()
    const authenticator = newAuthenticator()
    const create = authenticator.create.bind(authenticator)
    authenticator.create = (options) => {
      const answer = create(options) as { response: object }
      return { ...answer, response: { ...answer.response, transports } }
    }
    await withPasskey(ada, authenticator)
    const [row] = await world.db.query<{ transports: string[] }>(
      'SELECT transports FROM passkeys WHERE user_id = $1',
      [ada.id],
    )
    expect(row!.transports).toEqual(Array.isArray(transports) ? ['internal'] : [])
  },
)
