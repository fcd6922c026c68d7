/** What a provider says of the person who has signed in there, once it is verified. */
export interface Claims {
  /** The issuer and its name for the person, which together never mean anybody else (OpenID Connect Core §5.7). */
  subject: string
  email: string | null
  /** Whether the provider vouches for the address being the person's own. */
  isEmailVerified: boolean
  username: string | null
  name: string | null
  locale: string | null
}

/** What one journey to a provider keeps to itself, so that the answer to it serves nothing else. */
export interface Attempt {
  /** Comes back with the answer (RFC 6749 §10.12). */
  state: string
  /** Comes back in the ID token (OpenID Connect Core §3.1.2.1). */
  nonce: string
  /** Shown only when the code is exchanged (RFC 7636). */
  codeVerifier: string
}

/** Why a journey came to nothing. Append-only: front ends find these words in the fragment that they are led back to with. */
export const PROVIDER_PROBLEMS = {
  access_denied: 'The person, or the provider, has refused.',
  expired: 'It took too long. Begin again.',
  provider_error: 'The provider answered something that cannot be trusted or understood.',
  provider_unavailable: 'The provider cannot be reached at the moment.',
  rate_limited: 'Too many journeys from this address came to nothing. Wait a while.',
} as const
export type ProviderProblem = keyof typeof PROVIDER_PROBLEMS

/** A provider could not do its part. It holds nothing that the provider or the person has sent, so that it can be logged. */
export class ProviderFailure extends Error {
  constructor(
    readonly problem: ProviderProblem,
    /** In a word, for the operator. */
    readonly reason: string,
  ) {
    super(`${PROVIDER_PROBLEMS[problem]} (${reason})`)
  }
}

/** A provider that has said where its doors are. */
export interface ReachableProvider {
  /** Where the person signs in. */
  authorizationUrl(attempt: Attempt): Promise<string>
  /** Exchanges the parameters that the person came back with for who they are. @throws ProviderFailure */
  redeem(answer: URLSearchParams, attempt: Attempt): Promise<Claims>
}

/** A service at which people sign in, such as Google (OpenID Connect). */
export interface IdentityProvider {
  readonly id: string
  readonly name: string
  /** @throws ProviderFailure when it does not answer within seconds. */
  reach(): Promise<ReachableProvider>
}
