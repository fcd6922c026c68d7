import { generateSync } from 'otplib'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { Passkey } from '../../src/modules/passkey/passkey.entity'
import type { ApiClient } from './api-client'
import { Authenticator } from './authenticator'
import type { World } from './world'

/** The digits that an authenticator app shows at this moment. */
export const totpCode = (world: World, secret: string): string =>
  generateSync({ strategy: 'totp', secret, epoch: Math.floor(world.clock.now().getTime() / 1_000) })

/** Where the passkeys of tests belong: what `useWorld` gives as PUBLIC_URL. */
const SITE = { rpId: 'localhost', origin: 'http://localhost:4000' }

export const newAuthenticator = ({ verifiesUser = true } = {}): Authenticator =>
  new Authenticator(SITE, verifiesUser)

export const START_TOTP = `mutation { startTotp { challenge { id } enrolment { key uri qrCode } userErrors { code } } }`

/** Sets an authenticator app up for somebody. */
export async function withTotp(world: World, { api }: { api: ApiClient }) {
  const { startTotp } = await api.data(START_TOTP)
  const { key: secret } = startTotp.enrolment as { key: string }
  const { confirmTotp } = await api.data(
    `mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code message } } }`,
    { input: { challengeId: startTotp.challenge.id, code: totpCode(world, secret) } },
  )
  if (confirmTotp.userErrors.length > 0) throw new Error(JSON.stringify(confirmTotp.userErrors))
  // The next sign-in is not in the same half minute.
  world.clock.advance(30_000)
  return { secret, recoveryCodes: confirmTotp.recoveryCodes as string[] }
}

/** Registers a passkey for somebody. */
export async function withPasskey({ api }: { api: ApiClient }, authenticator = newAuthenticator()) {
  const { startPasskeyRegistration } = await api.data(
    `mutation { startPasskeyRegistration { challenge { id passkeyOptions } } }`,
  )
  const { challenge } = startPasskeyRegistration
  const { registerPasskey } = await api.data(
    `mutation ($input: RegisterPasskeyInput!) {
      registerPasskey(input: $input) { passkey { id name } recoveryCodes userErrors { code field message } }
    }`,
    {
      input: {
        challengeId: challenge.id,
        passkey: authenticator.create(challenge.passkeyOptions),
        name: 'Phone',
      },
    },
  )
  if (registerPasskey.userErrors.length > 0) throw new Error(JSON.stringify(registerPasskey.userErrors))
  return {
    authenticator,
    passkeyId: registerPasskey.passkey.id as string,
    recoveryCodes: registerPasskey.recoveryCodes as string[] | null,
  }
}

/** A passkey of somebody's that no authenticator has, made without the API. Returns its global id. */
export async function storedPasskey(world: World, userId: Id): Promise<string> {
  const id = newId(world.clock.now())
  await world.db.repo(Passkey).insert({
    ...{ id, userId, credentialId: id, publicKey: Buffer.from('key'), counter: 0, transports: [] },
    ...{ isSynced: false, name: 'Phone', createdAt: world.clock.now(), lastUsedAt: null },
  })
  return toGlobalId('passkey', id)
}

const STEP = `user { id } session { id methods } token challenge { id kind methods expiresAt passkeyOptions } userErrors { code field message }`

/** The first step of a sign-in. */
export const signInStep = async (api: ApiClient, login: string, password: string) =>
  (
    await api.data(`mutation ($input: SignInInput!) { signIn(input: $input) { ${STEP} } }`, {
      input: { login, password },
    })
  ).signIn

/** The next step of a sign-in. */
export const completeSignIn = async (api: ApiClient, input: Record<string, unknown>) =>
  (
    await api.data(`mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { ${STEP} } }`, {
      input,
    })
  ).completeSignIn
