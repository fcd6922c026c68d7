import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  ResponseBodyError,
  type ClientAuth,
  type Configuration,
} from 'openid-client'
import type { ProviderSettings } from '../../config/identity-providers'
import { HOUR, later, type Clock } from '../../core/clock'
import {
  ProviderFailure,
  type Attempt,
  type Claims,
  type IdentityProvider,
  type ProviderProblem,
  type ReachableProvider,
} from '../../core/identity-provider'

/** How long one request to a provider may take, in seconds; a journey back makes up to four. */
const PATIENCE = 3

/** How far the provider's clock may be from ours, in seconds. */
const SKEW = 30

/** How long a provider's own description is believed, in milliseconds; its signing keys are looked up more often. */
const DISCOVERY_LIFETIME = HOUR

/** An OpenID Connect provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core §3.1, RFC 9700 §2.1). */
export class OpenIdProvider implements IdentityProvider {
  readonly id: string
  readonly name: string
  private found: { configuration: Promise<Configuration>; until: Date } | null = null

  constructor(
    private readonly settings: ProviderSettings,
    /** Where the provider leads back to, as it is registered there. */
    private readonly redirectUri: string,
    private readonly clock: Clock,
  ) {
    this.id = settings.id
    this.name = settings.name
  }

  async reach(): Promise<ReachableProvider> {
    const configuration = await this.discover().catch((error: unknown) => {
      throw new ProviderFailure('provider_unavailable', reasonOf(error))
    })
    return {
      authorizationUrl: (attempt) => this.authorizationUrl(configuration, attempt),
      redeem: (answer, attempt) =>
        this.redeem(configuration, answer, attempt).catch((error: unknown) => {
          throw new ProviderFailure(problemOf(error), reasonOf(error))
        }),
    }
  }

  /** What the provider says of itself, asked once for all who want to know at the same time; a failure is not remembered. */
  private discover(): Promise<Configuration> {
    const now = this.clock.now()
    if (this.found && this.found.until > now) return this.found.configuration
    const { issuer, clientId, clientSecret } = this.settings
    const configuration = discovery(
      new URL(issuer),
      clientId,
      { [clockTolerance]: SKEW },
      secretOf(clientSecret),
      {
        timeout: PATIENCE,
        execute: [
          // Even over TLS the signature counts, so that a provider's back end is as far from being trusted as its front.
          enableNonRepudiationChecks,
          ...(issuer.startsWith('http:') ? [allowInsecureRequests] : []),
        ],
      },
    )
    const found = { configuration, until: later(now, DISCOVERY_LIFETIME) }
    this.found = found
    configuration.catch(() => {
      if (this.found === found) this.found = null
    })
    return configuration
  }

  private async authorizationUrl(
    configuration: Configuration,
    { state, nonce, codeVerifier }: Attempt,
  ): Promise<string> {
    return buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      scope: this.settings.scopes.join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }).href
  }

  private async redeem(
    configuration: Configuration,
    answer: URLSearchParams,
    { state, nonce, codeVerifier }: Attempt,
  ): Promise<Claims> {
    const url = new URL(this.redirectUri)
    url.search = answer.toString()
    // Checks `iss` (RFC 9207) and `state` as well, before anything is sent anywhere.
    const tokens = await authorizationCodeGrant(configuration, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    })
    const { iss, sub, ...idToken } = tokens.claims()!
    const isWhole = idToken.email !== undefined && idToken.email_verified !== undefined
    const hasMore = !isWhole && configuration.serverMetadata().userinfo_endpoint !== undefined
    const more: Partial<Record<string, unknown>> = hasMore
      ? await fetchUserInfo(configuration, tokens.access_token, sub)
      : {}
    // The address and the word for it must be of one document.
    const { email, email_verified } = hasMore ? more : idToken
    const { preferred_username, name, locale } = { ...idToken, ...more } as Partial<Record<string, unknown>>
    return {
      subject: `${iss} ${sub}`,
      email: textOf(email),
      isEmailVerified: email_verified === true,
      username: textOf(preferred_username),
      name: textOf(name),
      locale: textOf(locale),
    }
  }
}

const textOf = (claim: unknown): string | null => (typeof claim === 'string' && claim !== '' ? claim : null)

/** In the header where the provider does not say that it wants it elsewhere (OpenID Connect Discovery §3). */
function secretOf(clientSecret: string): ClientAuth {
  const [inHeader, inBody] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? inHeader : inBody)(server, ...rest)
  }
}

/** What an answer that is an error means to the person (RFC 6749 §4.1.2.1). */
const PROBLEM_OF: Partial<Record<string, ProviderProblem>> = {
  access_denied: 'access_denied',
  temporarily_unavailable: 'provider_unavailable',
  server_error: 'provider_unavailable',
}

function problemOf(error: unknown): ProviderProblem {
  if (error instanceof AuthorizationResponseError) return PROBLEM_OF[error.error] ?? 'provider_error'
  const { code, cause } = error as { code?: string; cause?: unknown }
  const isUnanswered = code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT' || isFetchFailure(error)
  const isBroken = cause instanceof Response && cause.status >= 500
  return isUnanswered || isBroken ? 'provider_unavailable' : 'provider_error'
}

const isFetchFailure = (error: unknown): boolean => error instanceof TypeError && !('code' in error)

/** A word of the library, or of the standard, for what went wrong; never what was sent, for secrets are among it. */
function reasonOf(error: unknown): string {
  if (isFetchFailure(error)) return 'unreachable'
  const word =
    error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
      ? error.error
      : (error as { code?: string }).code
  return word !== undefined && /^\w{1,60}$/.test(word) ? word : 'unknown'
}
