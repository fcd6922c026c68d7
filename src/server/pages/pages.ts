import type { ApolloServerPlugin } from '@apollo/server'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config/config'
import type { DevelopmentMailbox } from '../../modules/mail/development-mailbox'

export interface PagesOptions {
  config: Config
  mailbox: DevelopmentMailbox | null
}

/** Serves the pages that people open in a browser; returns what Apollo shows on the API's own path. */
export function servePages(http: FastifyInstance, { config, mailbox }: PagesOptions): ApolloServerPlugin | null {
  if (config.environment !== 'production' && mailbox) {
    http.get('/dev/mailbox.json', async (request) => mailbox.read((request.query as { to?: string }).to))
  }
  return null
}
