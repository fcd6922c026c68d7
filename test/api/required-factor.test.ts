import { withTotp, totpCode, signInStep, completeSignIn, withPasskey } from '../support/second-factor'
import { ApiClient } from '../support/api-client'
import { codes } from '../support/account'
import { useWorld } from '../support/world'

const world = useWorld({ SECOND_FACTOR: 'staff' })

const PASSWORD = 'a quiet morning by the sea'

const signInAs = async (username: string): Promise<ApiClient> => {
  const { token } = await signInStep(world.anonymous, username, PASSWORD)
  return new ApiClient(world.url, token)
}

const users = async (api: ApiClient) =>
  (await api.send('{ users(first: 1) { edges { node { id } } } }')).errors?.[0]?.extensions.code ?? 'OK'

const security = async (api: ApiClient) =>
  (await api.data('{ viewer { security { isSecondFactorRequired secondFactors } } }')).viewer.security

test('the permissions of staff rest until a second factor is on, and work in the session that turns it on', async () => {
  const { username } = await world.person({ role: 'admin', password: PASSWORD })
  const api = await signInAs(username)
  expect(await users(api)).toBe('FORBIDDEN')
  expect(await security(api)).toMatchObject({ isSecondFactorRequired: true })
  const { secret } = await withTotp(world, { api })
  expect(await users(api)).toBe('OK')

  const { challenge } = await signInStep(world.anonymous, username, PASSWORD)
  const input = { challengeId: challenge.id, method: 'TOTP', code: totpCode(world, secret) }
  const { token } = await completeSignIn(world.anonymous, input)
  expect(await users(new ApiClient(world.url, token))).toBe('OK')
})

test('nothing else is asked of staff: what is theirs they can do without', async () => {
  const { username } = await world.person({ role: 'manager', password: PASSWORD })
  const api = await signInAs(username)
  const { updateProfile } = await api.data(
    'mutation { updateProfile(input: { bio: "Here." }) { userErrors { code } } }',
  )
  expect(codes(updateProfile)).toEqual([])
})

test('people without permissions need none', async () => {
  const { username } = await world.person({ password: PASSWORD })
  expect(await security(await signInAs(username))).toMatchObject({ isSecondFactorRequired: false })
})

test('staff cannot remove the last one', async () => {
  const { username } = await world.person({ role: 'admin', password: PASSWORD })
  const api = await signInAs(username)
  await withTotp(world, { api })
  const { passkeyId } = await withPasskey({ api })
  const removeTotp = await api.data('mutation { removeTotp(input: {}) { userErrors { code } } }')
  expect(codes(removeTotp.removeTotp)).toEqual([])
  const { removePasskey } = await api.data(
    'mutation ($id: ID!) { removePasskey(input: { passkeyId: $id }) { userErrors { code } } }',
    { id: passkeyId },
  )
  expect(codes(removePasskey)).toEqual(['NOT_PERMITTED'])
  expect((await security(api)).secondFactors).toContain('PASSKEY')
})

test('nor do they get permissions into an access token without one', async () => {
  const { username } = await world.person({ role: 'admin', password: PASSWORD })
  const api = await signInAs(username)
  const create = async () =>
    (
      await api.data(
        'mutation ($input: CreateAccessTokenInput!) { createAccessToken(input: $input) { token userErrors { code } } }',
        { input: { name: 'Script', scopes: ['users:read'] } },
      )
    ).createAccessToken
  const refused = await create()
  expect([refused.token, codes(refused)]).toEqual([null, ['NOT_PERMITTED']])
  await withTotp(world, { api })
  const { token } = await create()
  expect(await users(new ApiClient(world.url, token))).toBe('OK')
})
