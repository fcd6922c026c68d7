import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { unique } from './world'

/** Somebody with an account at the provider: the claims about them. */
export interface ProviderAccount {
  sub: string
  email?: string
  email_verified?: boolean
  preferred_username?: string
  name?: string
  locale?: string
}

const CLIENT = { id: 'portico', secret: 'a secret that only Portico and the provider know' }

const newSigningKey = () => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  use: 'sig',
})

/** It warns of Node 20, on which it works, and of what only production needs. */
function quietly<Result>(work: () => Result): Result {
  const { warn, info } = console
  console.warn = console.info = () => undefined
  try {
    return work()
  } finally {
    Object.assign(console, { warn, info })
  }
}

type Handler<Result> = (request: IncomingMessage, response: ServerResponse) => Result

/** A real OpenID Connect provider on this machine, at which tests sign in as people do, without a browser. */
export class TestIdentityProvider {
  readonly accounts = new Map<string, ProviderAccount>()
  /** Every request that it got: the method and the path. */
  readonly requests: string[] = []
  /** Answers in its place, where a test wants it to misbehave; returns whether it has. */
  misbehave: Handler<boolean> = () => false
  /** What it waits for before it answers, where a test wants something to happen meanwhile. */
  hesitate: (request: IncomingMessage) => Promise<unknown> = async () => undefined
  private server!: Server
  issuer!: string

  constructor(
    /** Where it may lead back to. */
    private readonly redirectUri: string,
    private readonly settings: Partial<Configuration> = {},
  ) {}

  async start(): Promise<void> {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import` would warn before anybody could keep it quiet
    const { Provider } = quietly(() => require('oidc-provider') as typeof import('oidc-provider'))
    let answer: Handler<unknown> = () => undefined
    this.server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url!.split('?')[0]}`)
      if (this.misbehave(request, response)) return
      void this.hesitate(request).then(() => answer(request, response))
    })
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.issuer = `http://localhost:${(this.server.address() as AddressInfo).port}`
    const provider = quietly(
      () =>
        new Provider(this.issuer, {
          clients: [
            {
              client_id: CLIENT.id,
              client_secret: CLIENT.secret,
              redirect_uris: [this.redirectUri],
              grant_types: ['authorization_code'],
              response_types: ['code'],
            },
          ],
          jwks: { keys: [newSigningKey()] },
          pkce: { required: () => true },
          claims: {
            openid: ['sub'],
            email: ['email', 'email_verified'],
            profile: ['name', 'preferred_username', 'locale'],
          },
          // As Google does it; what the standard says is tried by a provider of its own.
          conformIdTokenClaims: false,
          cookies: { keys: [unique()] },
          features: { devInteractions: { enabled: false } },
          interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
          findAccount: (_context, sub) => {
            const account = this.accounts.get(sub)
            return account && { accountId: sub, claims: () => ({ ...account }) }
          },
          ttl: {
            AccessToken: 60,
            AuthorizationCode: 60,
            Grant: 600,
            IdToken: 60,
            Interaction: 600,
            Session: 600,
          },
          ...this.settings,
        }),
    )
    provider.use(async (context: KoaContextWithOIDC, next: () => Promise<void>) => {
      if (!context.path.startsWith('/interaction/')) return next()
      // Who signs in stands in a header; nobody refuses.
      const sub = context.get('x-sub')
      const details = await provider.interactionDetails(context.req, context.res)
      if (sub === '') {
        const error = context.get('x-error') || 'access_denied'
        const redirect = await provider.interactionResult(context.req, context.res, {
          error,
          error_description: 'No.',
        })
        context.redirect(redirect)
        return
      }
      const grant = new provider.Grant({ accountId: sub, clientId: details.params.client_id as string })
      grant.addOIDCScope('openid email profile')
      context.redirect(
        await provider.interactionResult(context.req, context.res, {
          login: { accountId: sub },
          consent: { grantId: await grant.save() },
        }),
      )
    })
    answer = provider.callback()
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  /** As an operator writes it into OIDC_PROVIDERS. */
  entry(changes: Record<string, unknown> = {}) {
    const { id: clientId, secret: clientSecret } = CLIENT
    return { id: 'acme', name: 'Acme', issuer: this.issuer, clientId, clientSecret, ...changes }
  }

  /** Somebody of whom only the provider has heard. */
  account(claims: Partial<ProviderAccount> = {}): ProviderAccount {
    const sub = unique('sub')
    const account = {
      sub,
      email: `${sub}@example.com`,
      email_verified: true,
      preferred_username: unique('p'),
      name: 'Ada Lovelace',
      locale: 'de',
      ...claims,
    }
    this.accounts.set(sub, account)
    return account
  }

  /** Goes where a browser would go from `url`, as this person or as somebody who refuses, until it is led away from here. */
  async visit(url: string, as: ProviderAccount | { error?: string }): Promise<string> {
    const cookies = new Map<string, string>()
    let next = url
    for (let step = 0; step < 10 && next.startsWith(this.issuer); step++) {
      const who: Record<string, string> =
        'sub' in as ? { 'x-sub': as.sub } : as.error ? { 'x-error': as.error } : {}
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { ...who, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      })
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
        if (value === '') cookies.delete(name!)
        else cookies.set(name!, value!)
      }
      const location = response.headers.get('location')
      if (location === null) throw new Error(`${response.status} of ${next}: ${await response.text()}`)
      next = new URL(location, next).href
    }
    return next
  }
}
