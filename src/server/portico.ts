import type { Logger } from 'pino'
import type { FastifyInstance } from 'fastify'
import type { DataSource } from 'typeorm'
import { join } from 'node:path'
import type { Config } from '../config/config'
import { systemClock, type Clock } from '../core/clock'
import type { Mailer } from '../core/mail'
import { loadKeyring } from '../crypto/keyring'
import { PasswordHasher } from '../crypto/password-hash'
import { createDataSource } from '../db/data-source'
import { Database } from '../db/database'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../db/embedded/embedded-postgres'
import { migrate } from '../db/migrate'
import { assertLeastPrivilege, assertSupportedVersion } from '../db/privileges'
import { PubSub } from '../db/pub-sub'
import { Executor } from '../graphql/executor'
import { buildSchema } from '../graphql/schema'
import { DevelopmentMailbox } from '../modules/mail/development-mailbox'
import { SmtpMailer } from '../modules/mail/smtp-mailer'
import { entities } from '../modules/modules'
import { RoleService } from '../modules/role/role.service'
import { createApollo } from './apollo'
import { Metrics, Readiness, serveHealth } from './health'
import { createHttp, GRAPHQL_PATH, serveGraphql } from './http'
import { LastSeen } from './last-seen'
import { servePages } from './pages/pages'
import { Requests } from './requests'
import { attachSockets } from './sockets'

/** What tests replace; everything else is as in production. */
export interface Substitutes {
  clock?: Clock
  mailer?: Mailer
}

/** The database side of Portico, without a server: what commands and jobs work with. */
export interface Foundation {
  config: Config
  db: Database
  source: DataSource
  /** The connection string of the role that requests run as. */
  databaseUrl: string
  mailbox: DevelopmentMailbox | null
  log: Logger
  stop(): Promise<void>
}

/**
 * Opens the database, the embedded one where none is given, and brings its schema and built-in roles up to date.
 * @throws Error in a sentence for whoever starts it, when something cannot be used.
 */
export async function layFoundation(config: Config, log: Logger, substitutes: Substitutes = {}): Promise<Foundation> {
  const keyring = loadKeyring({
    ...keyringSource(config),
    generateIfMissing: config.environment !== 'production',
  })
  const embedded = config.databaseUrl === null ? await startEmbedded(config, log) : null
  try {
    const databaseUrl = embedded?.appUrl ?? config.databaseUrl!
    await migrate({ ownerUrl: embedded?.ownerUrl ?? config.databaseOwnerUrl!, appUrl: databaseUrl })
    const source = await createDataSource({ url: databaseUrl, entities }).initialize()
    await assertSupportedVersion(source)
    if (config.environment === 'production') await assertLeastPrivilege(source)
    const onError = (error: unknown) => log.error({ err: error }, 'Work behind a request failed')
    const mailbox = config.smtpUrl === null ? new DevelopmentMailbox() : null
    const smtp = config.smtpUrl === null ? null : new SmtpMailer(config.smtpUrl, config.mailFrom, onError)
    const db = Database.of({
      source,
      clock: substitutes.clock ?? systemClock,
      keyring,
      hasher: new PasswordHasher({ pepper: keyring.pepper, cost: config.bcryptCost }),
      mailer: substitutes.mailer ?? smtp ?? mailbox!,
      linkBase: config.appUrl ?? config.publicUrl,
      onEffectError: onError,
    })
    await new RoleService(db).syncBuiltIn()
    return {
      config,
      db,
      source,
      databaseUrl,
      mailbox,
      log,
      stop: async () => {
        smtp?.close()
        await source.destroy()
        await embedded?.stop()
      },
    }
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}

/** A running Portico. */
export interface Portico extends Foundation {
  /** Where it answers, without a trailing slash. */
  url: string
  http: FastifyInstance
}

/** Starts the server on a foundation. */
export async function startPortico(foundation: Foundation): Promise<Portico> {
  const { config, db, log } = foundation
  const onError = (error: unknown) => log.error({ err: error }, 'Work behind a request failed')
  const isDevelopment = config.environment !== 'production'
  const pubSub = new PubSub(foundation.databaseUrl, onError)
  const executor = new Executor({
    schema: buildSchema(),
    report: (error, code, requestId) => log.error({ err: error, code, requestId }, 'An operation failed'),
  })
  const lastSeen = new LastSeen(db, onError)
  const requests = new Requests(db, pubSub, lastSeen, onError)
  const readiness = new Readiness(db)
  const metrics = new Metrics()

  const http = await createHttp(config, log)
  metrics.serve(http)
  serveHealth(http, readiness)
  const landingPage = servePages(http, { config, mailbox: foundation.mailbox })
  const apollo = createApollo({ executor, introspection: isDevelopment, landingPage })
  await apollo.start()
  serveGraphql(http, apollo, requests, config)
  await pubSub.start()
  const sockets = attachSockets(http.server, {
    path: GRAPHQL_PATH,
    executor,
    requests,
    pubSub,
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
  })
  await http.listen({ host: config.host, port: config.port })
  const address = http.server.address()
  const port = typeof address === 'object' && address ? address.port : config.port

  return {
    ...foundation,
    http,
    url: `http://localhost:${port}`,
    stop: async () => {
      readiness.stop()
      await sockets.stop()
      await http.close()
      await apollo.stop()
      await lastSeen.stop()
      await pubSub.stop()
      await foundation.stop()
    },
  }
}

const startEmbedded = (config: Config, log: Logger): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({
    dataDir: config.dataDir,
    durability: config.environment === 'test' ? 'none' : 'full',
    log: (line) => log.debug({ line }, 'postgres'),
  })

/** The keyring itself where the variable holds JSON, else the file that it names, else one in the data folder. */
function keyringSource({ keyring, dataDir }: Config): { inline?: string; file?: string } {
  if (keyring?.trimStart().startsWith('{')) return { inline: keyring }
  return { file: keyring ?? join(dataDir, 'keyring.json') }
}
