import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { MAXIMUM_COST } from '../core/bcrypt'
import { identityProviders, isOpenToOthers, isRedirectUrl, type ProviderSettings } from './identity-providers'

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
  /** The role that owns the schema and runs migrations. Null leaves migrations to somebody else: `portico migrate`. */
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
  /** Where people may be led back to from an identity provider, exactly as written. */
  redirectUrls: readonly string[]
  /** Where people may sign in besides here. */
  identityProviders: readonly ProviderSettings[]
  /** The services for which tokens are issued, as they call themselves in `aud`. */
  serviceAudiences: readonly string[]
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  demoData: boolean
  bcryptCost: number
  /** How many jobs this process does at once; with 0 it leaves them all to others. */
  jobConcurrency: number
  /** Whose permissions rest until they have signed in with two factors. */
  secondFactor: 'optional' | 'staff'
  /** Where breached passwords are looked up, without a trailing slash; null asks nobody. */
  breachCheckUrl: string | null
  /** Where backups are kept. */
  backupDir: string
  /** When one is made without anybody asking. */
  backupSchedule: 'off' | 'daily'
  /** Which of them stay. */
  backupKeep: Keep
  /** Whether npm runs this process, which puts a shell in between. */
  isRunByNpm: boolean
}

/** Of how many days, weeks and months the last backup is kept. */
export interface Keep {
  daily: number
  weekly: number
  monthly: number
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
const redirects = list.refine((items) => items.every(isRedirectUrl), {
  error: 'must list exact URLs without wildcard, fragment or user, separated by commas',
})
const addresses = list.refine((items) => items.every(isAddressRange), {
  error: 'must list IP addresses or CIDR ranges, separated by commas',
})

function isAddressRange(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}

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
  REDIRECT_URLS: redirects,
  OIDC_PROVIDERS: identityProviders,
  SERVICE_AUDIENCES: list,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),
  DEMO_DATA: z.enum(['on', 'off']).optional(),
  JOB_CONCURRENCY: z.coerce
    .number({ error: 'must be a number' })
    .int({ error: 'must be a whole number' })
    .min(0, { error: 'must lie between 0 and 50' })
    .max(50, { error: 'must lie between 0 and 50' })
    .default(2),
  SECOND_FACTOR: z.enum(['optional', 'staff'], { error: 'must be optional or staff' }).default('optional'),
  BCRYPT_COST: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(10, { error: 'must be at least 10 (OWASP Password Storage)' })
    .max(MAXIMUM_COST, { error: `must be at most ${MAXIMUM_COST}` })
    .default(12),
  BREACH_CHECK_URL: webUrl.optional(),
  BACKUP_DIR: z.string().min(1).optional(),
  BACKUP_SCHEDULE: z.enum(['off', 'daily'], { error: 'must be off or daily' }).default('off'),
  BACKUP_KEEP: z
    .string()
    .regex(/^(?!0+,0+,0+$)\d{1,4},\d{1,4},\d{1,4}$/, {
      error: 'must be how many days, weeks and months are kept, such as 7,4,12',
    })
    .default('7,4,12')
    .transform((text): Keep => {
      const [daily, weekly, monthly] = text.split(',').map(Number) as [number, number, number]
      return { daily, weekly, monthly }
    }),
  npm_lifecycle_event: z.string().optional(),
})

/**
 * Reads the environment. `inspect` may find fault with more than single values, such as the strength of the keyring.
 * @throws ConfigError listing every problem at once.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  inspect: (config: Config) => readonly string[] = () => [],
): Config {
  // An empty variable counts as unset: that is how compose files pass on what was not given.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const issues = environmentSchema.safeParse(given).error?.issues ?? []
  // What cannot be read is left out, so that the rest is looked at all the same.
  for (const { path } of issues) delete given[path.join('.')]
  const env = environmentSchema.parse(given)
  const isLoopback = LOOPBACK.includes(env.HOST)
  const kind = env.NODE_ENV ?? (isLoopback ? 'development' : 'production')
  const config: Config = {
    environment: kind,
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL ?? `http://localhost:${env.PORT}`,
    appUrl: env.APP_URL ?? null,
    dataDir: resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL ?? null,
    // Outside production one role may do both; there, migrating with the role of requests would make it an owner.
    databaseOwnerUrl: env.DATABASE_OWNER_URL ?? (kind === 'production' ? null : (env.DATABASE_URL ?? null)),
    keyring: env.PORTICO_KEYRING ?? null,
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM,
    trustedProxies: env.TRUSTED_PROXIES,
    corsOrigins: env.CORS_ORIGINS,
    redirectUrls: env.REDIRECT_URLS,
    identityProviders: env.OIDC_PROVIDERS,
    serviceAudiences: env.SERVICE_AUDIENCES,
    // A terminal is for what needs attention; Apollo Sandbox alone sends a request a second.
    logLevel: env.LOG_LEVEL ?? (kind === 'development' ? 'warn' : 'info'),
    demoData: (env.DEMO_DATA ?? (kind === 'production' ? 'off' : 'on')) === 'on',
    jobConcurrency: env.JOB_CONCURRENCY,
    bcryptCost: env.BCRYPT_COST,
    secondFactor: env.SECOND_FACTOR,
    breachCheckUrl: env.BREACH_CHECK_URL ?? null,
    backupDir: resolve(env.BACKUP_DIR ?? join(env.DATA_DIR, 'backups')),
    backupSchedule: env.BACKUP_SCHEDULE,
    backupKeep: env.BACKUP_KEEP,
    isRunByNpm: env.npm_lifecycle_event !== undefined,
  }
  const problems = [...(kind === 'production' ? productionProblems(config) : []), ...inspect(config)]
  if (kind === 'development' && !isLoopback) {
    problems.push(`HOST is ${env.HOST}, which others can reach: development runs on 127.0.0.1 only`)
  }
  const unreadable = issues.map(({ path }) => path.join('.'))
  const all = [
    ...issues.map(({ message }, index) => `${unreadable[index]} ${message}`),
    ...problems.filter((problem) => !unreadable.some((name) => problem.startsWith(`${name} `))),
  ]
  if (all.length > 0) throw new ConfigError(all)
  return Object.freeze(config)
}

/** What production refuses: whatever is safe only among friends. */
function productionProblems(config: Config): string[] {
  const { databaseUrl, databaseOwnerUrl } = config
  const required: [boolean, string][] = [
    [
      databaseUrl !== null,
      'DATABASE_URL is missing: production does not run on the embedded PostgreSQL (migrations take DATABASE_OWNER_URL)',
    ],
    [
      databaseUrl === null || databaseOwnerUrl === null || roleOf(databaseUrl) !== roleOf(databaseOwnerUrl),
      'DATABASE_OWNER_URL names the role of DATABASE_URL: requests need a role of their own that owns nothing',
    ],
    [!hasDefaultPassword(databaseUrl), DEFAULT_PASSWORD('DATABASE_URL')],
    [!hasDefaultPassword(databaseOwnerUrl), DEFAULT_PASSWORD('DATABASE_OWNER_URL')],
    [config.keyring !== null, 'PORTICO_KEYRING is missing: make one with `portico keys generate`'],
    [config.publicUrl.startsWith('https://'), 'PUBLIC_URL is missing or not https://'],
    [
      config.trustedProxies.length > 0,
      'TRUSTED_PROXIES is missing: name the proxy that ends TLS in front of Portico',
    ],
    [
      config.trustedProxies.every((range) => !range.endsWith('/0')),
      'TRUSTED_PROXIES trusts everybody: name the proxy alone, or anybody can claim any address',
    ],
    [config.smtpUrl !== null, 'SMTP_URL is missing: nobody can sign up without mail'],
    [
      config.breachCheckUrl?.startsWith('https://') ?? true,
      'BREACH_CHECK_URL is not https://: others could read, and change, what is asked',
    ],
    [!config.demoData, 'DEMO_DATA must be off'],
    [
      !config.redirectUrls.some(isOpenToOthers),
      'REDIRECT_URLS holds an http:// address that is not of the same machine',
    ],
    ...config.identityProviders.map(({ id, issuer }): [boolean, string] => [
      issuer.startsWith('https://'),
      `OIDC_PROVIDERS ${id}: its issuer is not https://`,
    ]),
  ]
  return required.filter(([holds]) => !holds).map(([, problem]) => problem)
}

const roleOf = (databaseUrl: string): string => decodeURIComponent(new URL(databaseUrl).username)

const DEFAULT_PASSWORD = (variable: string) =>
  `${variable} holds a password that everybody would try first: give its role a random one`

/** The words of tutorials and compose files. On this machine alone they let nobody in who is not in already. */
function hasDefaultPassword(databaseUrl: string | null): boolean {
  if (databaseUrl === null) return false
  const { hostname, username, password } = new URL(databaseUrl)
  if (password === '' || LOOPBACK.includes(hostname.replace(/^\[|\]$/g, ''))) return false
  return ['postgres', 'password', 'portico', 'secret', 'changeme', 'admin', username].includes(password)
}
