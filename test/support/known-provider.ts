import type { Claims, IdentityProvider } from '../../src/core/identity-provider'
import { toGlobalId, type Id } from '../../src/core/id'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { IdentityService } from '../../src/modules/identity/identity.service'
import { beginJourney, returnFromProvider } from '../../src/modules/identity/journey'
import { unique, type World } from './world'

/*
 * A provider that says at once what a test wants to hear, for tests that are about something else. What a real one does is
 * in test/api/identity-providers.test.ts.
 */

/** Where Portico's own page takes people back. */
export const OWN_PAGE = 'http://localhost:4000/sign-in'

export const claimsOf = (claims: Partial<Claims> = {}): Claims => ({
  subject: `https://acme.example.com ${unique('sub')}`,
  email: `${unique('a')}@example.com`,
  isEmailVerified: true,
  username: unique('p'),
  name: 'Ada Lovelace',
  locale: 'en',
  ...claims,
})

/** Makes the provider known to a world; it says of everybody that they are this person. */
export function withProvider(world: World, claims = claimsOf()): string {
  const provider: IdentityProvider = {
    id: 'acme',
    name: 'Acme',
    reach: async () => ({
      authorizationUrl: async ({ state }) => `https://acme.example.com/authorize?state=${state}`,
      redeem: async () => claims,
    }),
  }
  const providers = world.db.tools.identityProviders as Map<string, IdentityProvider>
  providers.set(provider.id, provider)
  return provider.id
}

/** Somebody has been to the provider and back: what `completeSignIn` or, on behalf of a person, `linkIdentity` takes. */
export async function journeyOf(world: World, claims = claimsOf(), linkTo: Id | null = null) {
  const providerId = withProvider(world, claims)
  const kind = linkTo === null ? ChallengeKind.PROVIDER_SIGN_IN : ChallengeKind.PROVIDER_LINK
  const { url, challenge, verifier } = await beginJourney(world.db, kind, linkTo, {
    providerId,
    redirectUrl: OWN_PAGE,
  })
  const way = await returnFromProvider(world.db, providerId, new URL(url).searchParams)
  const code = new URLSearchParams(new URL(way!.location).hash.slice(1)).get('code')!
  return { challengeId: toGlobalId('challenge', challenge.id), code, verifier }
}

/** Somebody can sign in at the provider. Returns the identity's global id. */
export async function linkedIdentity(world: World, userId: Id, claims = claimsOf()): Promise<string> {
  const { identity } = await new IdentityService(world.db).add(userId, withProvider(world, claims), claims)
  return toGlobalId('identity', identity.id)
}
