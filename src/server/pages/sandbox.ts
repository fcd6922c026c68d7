import type { ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default'
import type { FastifyInstance } from 'fastify'
import { GRAPHQL_PATH } from '../graphql-route'
import { FIRST_OPERATION } from './first-operation'
import { isLocal } from './local-host'
import { contentSecurityPolicy } from './page'

const SANDBOX = 'https://embeddable-sandbox.cdn.apollographql.com'
const LANDING_PAGE = 'https://apollo-server-landing-page.cdn.apollographql.com'

/** Apollo Sandbox for a browser that opens the path of the API itself. Its script comes from Apollo's network. */
export function serveSandbox(http: FastifyInstance): ApolloServerPlugin {
  http.addHook('onRequest', async ({ method, url, headers }) => {
    if (method !== 'GET' || url.split('?')[0] !== GRAPHQL_PATH || !headers.accept?.includes('text/html'))
      return
    // As in production, where Apollo has no page to show instead of an answer.
    if (!isLocal(headers)) headers.accept = 'application/json'
  })
  http.addHook('onSend', async (request, reply, payload) => {
    if (request.routeOptions.url !== GRAPHQL_PATH || reply.getHeader('content-type') !== 'text/html')
      return payload
    const page = String(payload)
    const [nonce] = /'nonce-\w+'/.exec(page)!
    reply.type('text/html; charset=utf-8').header(
      'content-security-policy',
      contentSecurityPolicy({
        'script-src': [nonce, SANDBOX],
        'style-src': [nonce, 'https://fonts.googleapis.com'],
        'font-src': ['https://fonts.gstatic.com'],
        'img-src': [LANDING_PAGE],
        'manifest-src': [LANDING_PAGE],
        'frame-src': ['https://sandbox.embed.apollographql.com'],
        'connect-src': ["'self'"],
      }),
    )
    return page.replace(
      'you might be offline.',
      'you might be offline. <a href="explore">GraphiQL</a> is served from this machine.',
    )
  })
  return ApolloServerPluginLandingPageLocalDefault({
    ...FIRST_OPERATION,
    includeCookies: true,
    embed: { runTelemetry: false, initialState: { pollForSchemaUpdates: false } },
  })
}
