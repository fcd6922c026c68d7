import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/** Everything that an operator can set, once read: frozen, typed and complete. */
export interface Config {
  environment: 'development' | 'production' | 'test'
  host: string
  /** 0 lets the system choose. */
  port: number
  /** Where clients reach this server, without a trailing slash. */
  publicUrl: string
  /** Where the links in mails lead; null means to the minimal pages that Portico hosts itself. */
  appUrl: string | null
  dataDir: string
  /** The role that requests run as. Null starts the embedded PostgreSQL. */
  databaseUrl: string | null
  /** The role that owns the schema and runs migrations; the same as `databaseUrl` where none is given. */
  databaseOwnerUrl: string | null
  /** The keyring itself (JSON) or the path of its file; null makes one in `dataDir` (development only). */
  keyring: string | null
  /** Null keeps mails in the development mailbox. */
  smtpUrl: string | null
  mailFrom: string
  /** Addresses or CIDR ranges whose `X-Forwarded-*` headers are believed. */
  trustedProxies: readonly string[]
  /** Origins, besides our own, whose pages may send credentials. */
  corsOrigins: readonly string[]
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  demoData: boolean
  bcryptCost: number
}

/** One message that names everything that is wrong, so that nobody mends the environment one variable at a time. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  - ${problem}`)].join('\n'))
  }
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  )

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })

const webUrl = url('http:', 'https:').transform((text) => text.replace(/\/+$/, ''))
const origin = list.refine(
  (items) => items.every((item) => URL.canParse(item) && new URL(item).origin === item),
  {
    error: 'must list exact origins such as https://app.example.com, separated by commas',
  },
)
const addresses = list.refine((items) => items.every((item) => isIP(item.split('/')[0]!) !== 0), {
  error: 'must list IP addresses or CIDR ranges, separated by commas',
})

const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(0, { error: 'must lie between 0 and 65535' })
    .max(65535, { error: 'must lie between 0 and 65535' })
    .default(4000),
  PUBLIC_URL: webUrl.optional(),
  APP_URL: webUrl.optional(),
  DATA_DIR: z.string().min(1).default('.portico'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATABASE_OWNER_URL: url('postgres:', 'postgresql:').optional(),
  PORTICO_KEYRING: z.string().min(1).optional(),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z.string().min(3).default('Portico <no-reply@localhost>'),
  TRUSTED_PROXIES: addresses,
  CORS_ORIGINS: origin,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  DEMO_DATA: z.enum(['on', 'off']).optional(),
  BCRYPT_COST: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(10, { error: 'must be at least 10 (OWASP Password Storage)' })
    .max(16, { error: 'must be at most 16' })
    .default(12),
})

/**
 * Reads the environment.
 * @throws ConfigError listing every problem at once.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  // An empty variable counts as unset: that is how compose files pass on what was not given.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = environmentSchema.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`))
  }
  const env = parsed.data
  const isLoopback = LOOPBACK.includes(env.HOST)
  const config: Config = {
    environment: env.NODE_ENV ?? (isLoopback ? 'development' : 'production'),
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL ?? `http://localhost:${env.PORT}`,
    appUrl: env.APP_URL ?? null,
    dataDir: resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL ?? null,
    databaseOwnerUrl: env.DATABASE_OWNER_URL ?? env.DATABASE_URL ?? null,
    keyring: env.PORTICO_KEYRING ?? null,
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM,
    trustedProxies: env.TRUSTED_PROXIES,
    corsOrigins: env.CORS_ORIGINS,
    logLevel: env.LOG_LEVEL,
    demoData: (env.DEMO_DATA ?? (env.NODE_ENV === 'production' || !isLoopback ? 'off' : 'on')) === 'on',
    bcryptCost: env.BCRYPT_COST,
  }
  const problems = config.environment === 'production' ? productionProblems(config, env.PUBLIC_URL) : []
  if (config.environment === 'development' && !isLoopback) {
    problems.push(`HOST is ${env.HOST}, which others can reach: development runs on 127.0.0.1 only`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config)
}

function productionProblems(config: Config, publicUrl: string | undefined): string[] {
  const required: [boolean, string][] = [
    [
      config.databaseUrl !== null,
      'DATABASE_URL is missing: production does not run on the embedded PostgreSQL',
    ],
    [
      config.databaseOwnerUrl !== config.databaseUrl || config.databaseUrl === null,
      'DATABASE_OWNER_URL is missing: migrations need a role of their own, so that the role of DATABASE_URL owns nothing',
    ],
    [config.keyring !== null, 'PORTICO_KEYRING is missing: make one with `portico keys generate`'],
    [publicUrl?.startsWith('https://') === true, 'PUBLIC_URL is missing or not https://'],
    [
      config.trustedProxies.length > 0,
      'TRUSTED_PROXIES is missing: name the proxy that ends TLS in front of Portico',
    ],
    [config.smtpUrl !== null, 'SMTP_URL is missing: nobody can sign up without mail'],
    [!config.demoData, 'DEMO_DATA must be off'],
  ]
  return required.filter(([holds]) => !holds).map(([, problem]) => problem)
}
