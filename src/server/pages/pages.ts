import type { ApolloServerPlugin } from '@apollo/server'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config/config'
import type { DevelopmentMailbox } from '../../modules/mail/development-mailbox'
import { serveExplore } from './explore'
import { LOCAL_CONSTRAINT } from './local-host'
import { serveMailbox } from './mailbox'
import { serveAppeal } from './appeal'
import { serveResetPassword } from './reset-password'
import { serveSandbox } from './sandbox'
import { serveSignIn } from './sign-in'
import { serveSignUp } from './sign-up'
import { serveTemplates } from './templates'
import { serveTokenPages } from './token-pages'

export interface PagesOptions {
  config: Pick<Config, 'environment' | 'appUrl'>
  mailbox: DevelopmentMailbox | null
}

/**
 * Serves the pages that people open in a browser, those for developers only in development and on their own machine.
 * @returns what Apollo shows on the API's own path, or null for nothing.
 */
export function servePages(
  http: FastifyInstance,
  { config, mailbox }: PagesOptions,
): ApolloServerPlugin | null {
  if (config.appUrl === null) {
    serveSignUp(http)
    serveResetPassword(http)
    serveAppeal(http)
    serveSignIn(http)
    serveTokenPages(http)
  }
  if (config.environment === 'production') return null
  http.addConstraintStrategy(LOCAL_CONSTRAINT)
  if (mailbox) serveMailbox(http, mailbox)
  serveTemplates(http)
  serveExplore(http)
  return serveSandbox(http)
}
