import type { Logger } from 'pino'
import type { FastifyInstance } from 'fastify'
import type { DataSource } from 'typeorm'
import { join } from 'node:path'
import type { Config } from '../config/config'
import { Background } from '../core/background'
import { systemClock, type Clock } from '../core/clock'
import type { Mailer } from '../core/mail'
import { BreachCheck } from '../crypto/breach-check'
import { KeyringMissing, loadKeyring, type Keyring } from '../crypto/keyring'
import { PasswordHasher } from '../crypto/password-hash'
import { commonPasswords } from '../crypto/password-policy'
import { StrengthMeter } from '../crypto/strength-meter'
import { createDataSource } from '../db/data-source'
import { Database } from '../db/database'
import { assertKeyring, hasKeyring, rememberKeyring } from '../db/keyring-check'
import { assertMigrated, migrate } from '../db/migrate'
import { openPostgres } from '../db/postgres'
import { assertLeastPrivilege, assertSupportedVersion } from '../db/privileges'
import { PubSub } from '../db/pub-sub'
import { queryableSource } from '../db/queryable'
import { Executor } from '../graphql/executor'
import { buildSchema } from '../graphql/schema'
import { DevelopmentMailbox } from '../modules/mail/development-mailbox'
import { KeyringHolder } from '../modules/keyring/keyring-holders'
import { OpenIdProvider } from '../modules/identity/open-id-provider'
import { SmtpMailer } from '../modules/mail/smtp-mailer'
import { HttpSmsSender } from '../modules/sms/http-sms-sender'
import { entities } from '../modules/modules'
import { openAvatarStore } from '../modules/avatar/avatar-store'
import { eraseAgain } from '../modules/erasure/ledger'
import { RoleService } from '../modules/role/role.service'
import { GuardedTransport } from '../modules/webhook/guarded-transport'
import { createApollo } from './apollo'
import { serveAuditExport } from './audit-export-route'
import { serveAvatars } from './avatar-route'
import { serveDataExports } from './data-export-route'
import { prepareDrain } from './drain'
import { GRAPHQL_PATH, serveGraphql } from './graphql-route'
import { Readiness, serveHealth } from './health'
import { createHttp } from './http'
import { serveKeys } from './jwks'
import { LastSeen } from './last-seen'
import { serveMailEvents } from './mail-events-route'
import { Metrics } from './metrics'
import { serveInsight } from './pages/insight/insight'
import { servePages } from './pages/pages'
import { callbackPath, serveProviderCallback } from './provider-callback'
import { Requests } from './requests'
import { serveUnsubscribing } from './unsubscribe-route'
import { attachSockets } from './sockets'
import { ViewerCache } from './viewer-cache'

export interface FoundationOptions {
  /** What tests replace; everything else is as in production. */
  clock?: Clock
  mailer?: Mailer
  strength?: StrengthMeter
  /** How long a statement may take, in milliseconds, where it is not for a request that somebody waits for; 0 for as long as it takes. */
  statementTimeout?: number
  /** How long whoever wants a connection to the database waits for it, in milliseconds. */
  connectTimeout?: number
  /** Works beside a Portico that runs on the same data folder already, as commands do. */
  join?: boolean
}

/** The database side of Portico, without a server: what commands and jobs work with. */
export interface Foundation {
  config: Config
  db: Database
  source: DataSource
  /** The connection string of the role that requests run as. */
  databaseUrl: string
  /** The migrations that ran to bring the schema up to date. */
  migrated: readonly string[]
  mailbox: DevelopmentMailbox | null
  /** What goes on after a request has been answered; the stop waits for it. */
  background: Background
  log: Logger
  stop(): Promise<void>
}

/**
 * Opens the database, the embedded one where none is given, and brings its schema and built-in roles up to date.
 * @throws Error in a sentence for whoever starts it, when something cannot be used.
 */
export async function layFoundation(
  config: Config,
  log: Logger,
  options: FoundationOptions = {},
): Promise<Foundation> {
  const postgres = await openPostgres(config, {
    join: options.join,
    log: (line) => log.debug({ line }, 'postgres'),
  })
  const source = createDataSource({
    url: postgres.appUrl,
    entities,
    poolSize: config.databasePoolSize,
    connectTimeout: options.connectTimeout,
    statementTimeout: options.statementTimeout,
  })
  try {
    await source.initialize()
    await assertSupportedVersion(source)
    const bare = queryableSource(source)
    const keyring = await findKeyring(config, log, () => hasKeyring(bare))
    await assertKeyring(bare, keyring)
    const { appUrl, ownerUrl } = postgres
    const migrated = ownerUrl === null ? await assertMigrated(source) : await migrate({ ownerUrl, appUrl })
    // An older schema had less to compare, and one whose migration was cut off showed nothing of it.
    await assertKeyring(bare, keyring)
    await rememberKeyring(bare, keyring)
    if (config.environment === 'production') await assertLeastPrivilege(source)
    const onError = (error: unknown) => log.error({ err: error }, 'Work behind a request failed')
    const background = new Background(onError)
    const clock = options.clock ?? systemClock
    // Production has no mailbox that everybody could read.
    const isKept = config.environment !== 'production' && (config.smtpUrl === null || config.sms === null)
    const mailbox = isKept ? new DevelopmentMailbox(clock) : null
    const smtp = config.smtpUrl === null ? null : new SmtpMailer(config.smtpUrl, config.mailFrom)
    const strength = options.strength ?? new StrengthMeter()
    const db = Database.of({
      source,
      clock,
      keyring,
      hasher: new PasswordHasher({ pepper: keyring.pepper, cost: config.bcryptCost }),
      strength,
      breaches: new BreachCheck(config.breachCheckUrl, (error) =>
        log.warn({ err: error }, 'Breached passwords cannot be looked up'),
      ),
      background,
      mailer: options.mailer ?? smtp ?? mailbox!,
      sms: config.sms === null ? (mailbox?.phone ?? null) : new HttpSmsSender(config.sms, clock),
      textLimits: { countries: config.smsCountries, perCountryAndDay: config.smsDailyLimit },
      deliveryRates: { email: rateOf(config.mailRate), sms: rateOf(config.smsRate) },
      onUndelivered: (failure) => log.warn({ response: failure.response }, 'A message was refused for good'),
      webhooks: new GuardedTransport({
        allowedHosts: config.webhookAllowedHosts,
        allowsHttp: config.environment !== 'production',
      }),
      avatars: openAvatarStore(config),
      staffNeedSecondFactor: config.secondFactor === 'staff',
      linkBase: config.appUrl ?? config.publicUrl,
      appUrl: config.appUrl,
      relyingParty: relyingPartyOf(config),
      identityProviders: providersOf(config, clock),
      purposes: new Map(config.consentPurposes.map((purpose) => [purpose.id, purpose])),
      preferences: new Map(config.preferences.map((definition) => [definition.key, definition])),
      redirects: {
        allowed: config.redirectUrls,
        ownPage: config.appUrl === null ? `${config.publicUrl}/sign-in` : null,
      },
      publicUrl: config.publicUrl,
      activity: {
        definitions: new Map(config.activityDefinitions.map((definition) => [definition.key, definition])),
        apiShare: config.activityApiShare,
      },
      attributes: new Map(config.attributes.map((definition) => [definition.key, definition])),
      reservedUsernames: config.reservedUsernames,
      serviceAudiences: config.serviceAudiences,
      reactions: config.reactions,
      backups: {
        folder: config.backupDir,
        isScheduled: config.backupSchedule === 'daily',
        keep: config.backupKeep,
      },
      database: { appUrl, ownerUrl },
      onEffectError: onError,
    })
    await new RoleService(db).syncBuiltIn()
    const erasedAgain = await eraseAgain(db)
    if (erasedAgain > 0)
      log.warn(
        { people: erasedAgain },
        'The database was older than the ledger of erasures; whoever it lists was erased again',
      )
    return {
      config,
      db,
      source,
      databaseUrl: appUrl,
      migrated,
      mailbox,
      background,
      log,
      stop: async () => {
        await background.settle()
        await strength.stop()
        smtp?.close()
        await source.destroy()
        await postgres.stop()
      },
    }
  } catch (error) {
    if (source.isInitialized) await source.destroy()
    await postgres.stop()
    throw error
  }
}

/** A running Portico. */
export interface Portico extends Foundation {
  /** Where it answers, without a trailing slash. */
  url: string
  http: FastifyInstance
}

/** Starts what works in this process beside the server, on the same foundation. */
export type StartBeside = (foundation: Foundation & { pubSub: PubSub }) => Promise<{ stop(): Promise<void> }>

/** Starts the server on a foundation, and what stands beside it. */
export async function startPortico(foundation: Foundation, startBeside: StartBeside): Promise<Portico> {
  const { config, log } = foundation
  const onError = (error: unknown) => log.error({ err: error }, 'Work behind a request failed')
  const isDevelopment = config.environment !== 'production'
  const pubSub = new PubSub(foundation.databaseUrl, onError)
  const keyringHolder = new KeyringHolder(pubSub, foundation.db.tools.keyring, onError)
  const viewers = new ViewerCache(pubSub, foundation.db.clock)
  const db = Database.of({
    ...foundation.db.tools,
    onNotified: (topic, message) => viewers.hear(topic, message),
  })
  const schema = buildSchema(undefined, { explainsRefusals: isDevelopment })
  const executor = new Executor({
    schema,
    report: (error, errorCode, requestId) =>
      log.error({ err: error, errorCode, requestId }, 'An operation failed'),
  })
  const lastSeen = new LastSeen(db, onError)
  const requests = new Requests(db, pubSub, lastSeen, foundation.background, viewers)
  const readiness = new Readiness(db)
  const metrics = new Metrics(pubSub, db, viewers, config.worker)

  const http = await createHttp(config, log)
  const drain = prepareDrain(http)
  metrics.serve(http)
  serveHealth(http, readiness, db)
  serveKeys(http, db.tools.keyring)
  const landingPage = servePages(http, { config, mailbox: foundation.mailbox })
  const apollo = createApollo({ executor, introspection: isDevelopment, landingPage, logger: log })
  await apollo.start()
  serveGraphql(http, { apollo, executor, requests, config })
  serveProviderCallback(http, { db, config })
  serveAvatars(http, { db, executor, requests, config })
  serveDataExports(http, { db, config })
  serveAuditExport(http, { executor, requests, config, schema })
  serveMailEvents(http, { db, config })
  serveUnsubscribing(http, { db, config })
  serveInsight(http, { clock: db.clock })
  await pubSub.start()
  const sockets = attachSockets(http.server, { path: GRAPHQL_PATH, executor, requests, pubSub, config })
  let beside: Awaited<ReturnType<StartBeside>> | undefined
  const stopServer = async () => {
    readiness.stop()
    const besideStopped = beside?.stop()
    const drained = drain()
    await sockets.stop()
    await drained
    await besideStopped
    await http.close()
    await apollo.stop()
    await lastSeen.stop()
    viewers.stop()
    keyringHolder.stop()
    await pubSub.stop()
  }
  try {
    await keyringHolder.start()
    beside = await startBeside({ ...foundation, db, pubSub })
    await http.listen({ host: config.host, port: config.port })
  } catch (error) {
    await stopServer()
    throw error
  }
  const address = http.server.address()
  const port = typeof address === 'object' && address ? address.port : config.port
  // The first to choose a password should not have to wait for it.
  setImmediate(commonPasswords)

  return {
    ...foundation,
    db,
    http,
    url: `http://localhost:${port}`,
    stop: async () => {
      await stopServer()
      await foundation.stop()
    },
  }
}

/** The keyring that the configuration names. @throws KeyringError */
export const keyringOf = (config: Config): Keyring =>
  loadKeyring({ ...keyringSource(config), generateIfMissing: false })

/** The same for a database; outside production, one is made where there is none, and nothing hangs on one. */
async function findKeyring(config: Config, log: Logger, isNeeded: () => Promise<boolean>): Promise<Keyring> {
  const onProblem = (error: unknown) =>
    log.error({ err: error }, 'The keyring has changed, and is not followed')
  const load = (generateIfMissing: boolean) =>
    loadKeyring({ ...keyringSource(config), generateIfMissing, onProblem })
  try {
    return load(false)
  } catch (error) {
    if (!(error instanceof KeyringMissing) || config.environment === 'production' || (await isNeeded()))
      throw error
    return load(true)
  }
}

const rateOf = (perSecond: number | null) => (perSecond === null ? null : { perSecond })

/** Passkeys belong to the site of the application, or to ours where there is none; pages of trusted origins may use them. */
const relyingPartyOf = ({ appUrl, publicUrl, corsOrigins }: Config) => ({
  id: new URL(appUrl ?? publicUrl).hostname,
  name: 'Portico',
  origins: [
    ...new Set([publicUrl, ...(appUrl ? [appUrl] : []), ...corsOrigins].map((url) => new URL(url).origin)),
  ],
})

const providersOf = ({ identityProviders, publicUrl }: Config, clock: Clock) =>
  new Map(
    identityProviders.map((settings) => [
      settings.id,
      new OpenIdProvider(settings, publicUrl + callbackPath(settings.id), clock),
    ]),
  )

/** The keyring itself where the variable holds JSON, else the file that it names, else one in the data folder. */
export function keyringSource({ keyring, dataDir }: Config): { inline?: string; file?: string } {
  if (keyring?.trimStart().startsWith('{')) return { inline: keyring }
  return { file: keyring ?? join(dataDir, 'keyring.json') }
}
