import { isIP, isIPv6 } from 'node:net'
import { join, resolve } from 'node:path'
import { isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import { hostOf } from '../core/address'
import { MAXIMUM_COST } from '../core/bcrypt'
import type { ActivityDefinition } from '../core/activity-definition'
import type { AttributeDefinition } from '../core/attribute-definition'
import type { PreferenceDefinition } from '../core/preference-definition'
import type { Purpose } from '../core/purpose'
import { parseUrl } from '../core/url'
import { activityDefinitions } from './activity'
import { attributes } from './attributes'
import { consentPurposes, DEMO_PURPOSES } from './consent-purposes'
import { identityProviders, isOpenToOthers, isRedirectUrl, type ProviderSettings } from './identity-providers'
import { builtInPreferences, preferences } from './preferences'
import { RESERVED_USERNAMES } from './reserved-usernames'

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
  /** Connections to PostgreSQL for requests, at most, of each process. */
  databasePoolSize: number
  /** The keyring itself (JSON) or the path of its file; null makes one in `dataDir` (development only). */
  keyring: string | null
  /** Null keeps mails in the development mailbox. */
  smtpUrl: string | null
  mailFrom: string
  /** How many mails all processes together send in a second; null for as many as there are. */
  mailRate: number | null
  /** With which providers sign what they say became of mails (Standard Webhooks); null where none says anything. */
  mailEventsSecret: string | null
  /** Where text messages are handed over; null keeps them in the development mailbox. */
  sms: { url: string; token: string; from: string } | null
  /** How many text messages all processes together send in a second; null for as many as there are. */
  smsRate: number | null
  /** Where text messages are sent that people ask for, as ISO 3166-1 alpha-2; null for everywhere. */
  smsCountries: readonly string[] | null
  /** How many of them to one country in a day (UTC). */
  smsDailyLimit: number
  /** Addresses or CIDR ranges whose `X-Forwarded-*` headers are believed. */
  trustedProxies: readonly string[]
  /** Origins, besides our own, whose pages may send credentials. */
  corsOrigins: readonly string[]
  /** Where people may be led back to from an identity provider, exactly as written. */
  redirectUrls: readonly string[]
  /** Where people may sign in besides here. */
  identityProviders: readonly ProviderSettings[]
  /** What people are asked for, or may object to. */
  consentPurposes: readonly Purpose[]
  /** The preferences that there are: Portico's own and the application's. */
  preferences: readonly PreferenceDefinition[]
  /** What the application keeps about people. */
  attributes: readonly AttributeDefinition[]
  /** What people do that is worth knowing: Portico's own and the application's. */
  activityDefinitions: readonly ActivityDefinition[]
  /** The share of the API's operations that are recorded as activity, from 0 to 1. */
  activityApiShare: number
  /** Usernames that nobody chooses: those that are reserved everywhere, and the application's own. */
  reservedUsernames: readonly string[]
  /** The services for which tokens are issued, as they call themselves in `aud`. */
  serviceAudiences: readonly string[]
  /** The ways in which people can react to what others have written. */
  reactions: readonly string[]
  /** Names and addresses of private networks that webhooks may be sent to, as `hostOf` spells them. */
  webhookAllowedHosts: readonly string[]
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  demoData: boolean
  bcryptCost: number
  /** How many jobs this process does at once; with 0 it leaves them all to others. */
  jobConcurrency: number
  /** Whose permissions rest until they have signed in with two factors. */
  secondFactor: 'optional' | 'staff'
  /** Where breached passwords are looked up, without a trailing slash; null asks nobody. */
  breachCheckUrl: string | null
  /** Where people's pictures are kept: in a bucket of a store that speaks S3, or in a folder. */
  avatars: { folder: string } | { bucket: BucketSettings }
  /** Where backups are kept. */
  backupDir: string
  /** When one is made without anybody asking. */
  backupSchedule: 'off' | 'daily'
  /** Which of them stay. */
  backupKeep: Keep
  /** Whether npm runs this process, which puts a shell in between. */
  isRunByNpm: boolean
  /** Which of the processes of `start --workers` this is, from 1; null for one that stands alone. */
  worker: number | null
}

/** A bucket of an S3-compatible store. */
export interface BucketSettings {
  /** With the bucket in its name or its path, and a prefix if there is to be one; without a trailing slash. */
  url: string
  region: string
  accessKeyId: string
  secretAccessKey: string
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

const itemsOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

const list = z.string().default('').transform(itemsOf)

const countries = list
  .refine((items) => items.every((item) => isSupportedCountry(item)), {
    error: 'must list countries as two capital letters (ISO 3166-1, so GB and not UK), separated by commas',
  })
  .transform((items) => (items.length === 0 ? null : items))

const reservedUsernames = list
  .refine((items) => items.every((item) => /^[a-z0-9_]{1,30}$/i.test(item)), {
    error: 'must list usernames of letters a–z, digits and underscores, separated by commas',
  })
  .transform((items) => [...new Set([...RESERVED_USERNAMES, ...items.map((item) => item.toLowerCase())])])

const reactions = z
  .string()
  .default('like,love,laugh,celebrate,surprise,sadness')
  .transform(itemsOf)
  .refine(
    (kinds) =>
      kinds.length > 0 && kinds.length <= 20 && kinds.every((kind) => /^[a-z][a-z0-9-]{0,39}$/.test(kind)),
    {
      error: 'must hold 1 to 20 words of small letters, digits and hyphens, separated by commas',
    },
  )

const url = (...protocols: string[]) =>
  z.string().refine((text) => protocols.includes(parseUrl(text)?.protocol ?? ''), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })

const webUrl = url('http:', 'https:').transform((text) => text.replace(/\/+$/, ''))
const origin = list.refine((items) => items.every((item) => parseUrl(item)?.origin === item), {
  error: 'must list exact origins such as https://app.example.com, separated by commas',
})
const redirects = list.refine((items) => items.every(isRedirectUrl), {
  error: 'must list exact URLs without wildcard, fragment or user, separated by commas',
})
const addresses = list.refine((items) => items.every(isAddressRange), {
  error: 'must list IP addresses or CIDR ranges, separated by commas',
})

/** Of each only its spelling in URLs is known; a port, a path or a wildcard would mean nothing. */
const hosts = list.transform((items, context) =>
  items.map((item) => {
    const url = parseUrl(`https://${isIPv6(item) ? `[${item}]` : item}`)
    if (/^[^/?#@*\s]+$/.test(item) && url?.port === '') return hostOf(url)
    context.addIssue({
      code: 'custom',
      message: 'must list names or addresses without a port, separated by commas',
    })
    return z.NEVER
  }),
)

const rate = z.coerce
  .number({ error: 'must be a number' })
  .gt(0, { error: 'must be more than 0' })
  .max(10_000, { error: 'must be at most 10000' })
  .optional()

const whole = z.coerce.number({ error: 'must be a number' }).int({ error: 'must be a whole number' })

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
  DATABASE_POOL_SIZE: whole.min(2, { error: 'must be at least 2' }).default(20),
  PORTICO_KEYRING: z.string().min(1).optional(),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z.string().min(3).default('Portico <no-reply@localhost>'),
  MAIL_RATE: rate,
  MAIL_EVENTS_SECRET: z
    .string()
    .regex(/^whsec_[\w+/]{32,88}={0,2}$/, { error: 'must be whsec_ and at least 24 random bytes as base64' })
    .optional(),
  SMS_URL: url('http:', 'https:').optional(),
  SMS_TOKEN: z.string().min(8, { error: 'must have at least 8 characters' }).optional(),
  SMS_FROM: z.string().min(1).default('Portico'),
  SMS_RATE: rate,
  SMS_COUNTRIES: countries,
  SMS_DAILY_LIMIT: whole.min(1, { error: 'must be at least 1' }).default(1_000),
  TRUSTED_PROXIES: addresses,
  CORS_ORIGINS: origin,
  REDIRECT_URLS: redirects,
  OIDC_PROVIDERS: identityProviders,
  CONSENT_PURPOSES: consentPurposes,
  PREFERENCES: preferences,
  ATTRIBUTES: attributes,
  ACTIVITY_DEFINITIONS: activityDefinitions,
  ACTIVITY_API_SHARE: z.coerce
    .number({ error: 'must be a number' })
    .min(0, { error: 'must lie between 0 and 1' })
    .max(1, { error: 'must lie between 0 and 1' })
    .default(0),
  RESERVED_USERNAMES: reservedUsernames,
  SERVICE_AUDIENCES: list,
  REACTIONS: reactions,
  WEBHOOK_ALLOWED_HOSTS: hosts,
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
  AVATARS_DIR: z.string().min(1).optional(),
  AVATARS_S3_URL: webUrl.optional(),
  AVATARS_S3_REGION: z.string().min(1).default('us-east-1'),
  AVATARS_S3_KEY_ID: z.string().min(1).optional(),
  AVATARS_S3_SECRET: z.string().min(1).optional(),
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
  PORTICO_WORKER: z.coerce.number().int().positive().optional(),
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
  const isDemo = (env.DEMO_DATA ?? (kind === 'production' ? 'off' : 'on')) === 'on'
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
    databasePoolSize: env.DATABASE_POOL_SIZE,
    keyring: env.PORTICO_KEYRING ?? null,
    smtpUrl: env.SMTP_URL ?? null,
    mailFrom: env.MAIL_FROM,
    mailRate: env.MAIL_RATE ?? null,
    mailEventsSecret: env.MAIL_EVENTS_SECRET ?? null,
    sms:
      env.SMS_URL === undefined ? null : { url: env.SMS_URL, token: env.SMS_TOKEN ?? '', from: env.SMS_FROM },
    smsRate: env.SMS_RATE ?? null,
    smsCountries: env.SMS_COUNTRIES,
    smsDailyLimit: env.SMS_DAILY_LIMIT,
    trustedProxies: env.TRUSTED_PROXIES,
    corsOrigins: env.CORS_ORIGINS,
    redirectUrls: env.REDIRECT_URLS,
    identityProviders: env.OIDC_PROVIDERS,
    consentPurposes: env.CONSENT_PURPOSES ?? (isDemo ? DEMO_PURPOSES : []),
    preferences: env.PREFERENCES,
    attributes: env.ATTRIBUTES,
    activityDefinitions: env.ACTIVITY_DEFINITIONS,
    activityApiShare: env.ACTIVITY_API_SHARE,
    reservedUsernames: env.RESERVED_USERNAMES,
    serviceAudiences: env.SERVICE_AUDIENCES,
    reactions: env.REACTIONS,
    webhookAllowedHosts: env.WEBHOOK_ALLOWED_HOSTS,
    // A terminal is for what needs attention; Apollo Sandbox alone sends a request a second.
    logLevel: env.LOG_LEVEL ?? (kind === 'development' ? 'warn' : 'info'),
    demoData: isDemo,
    jobConcurrency: env.JOB_CONCURRENCY,
    bcryptCost: env.BCRYPT_COST,
    secondFactor: env.SECOND_FACTOR,
    breachCheckUrl: env.BREACH_CHECK_URL ?? null,
    avatars:
      env.AVATARS_S3_URL === undefined
        ? { folder: resolve(env.AVATARS_DIR ?? join(env.DATA_DIR, 'avatars')) }
        : {
            bucket: {
              url: env.AVATARS_S3_URL,
              region: env.AVATARS_S3_REGION,
              accessKeyId: env.AVATARS_S3_KEY_ID ?? '',
              secretAccessKey: env.AVATARS_S3_SECRET ?? '',
            },
          },
    backupDir: resolve(env.BACKUP_DIR ?? join(env.DATA_DIR, 'backups')),
    backupSchedule: env.BACKUP_SCHEDULE,
    backupKeep: env.BACKUP_KEEP,
    isRunByNpm: env.npm_lifecycle_event !== undefined,
    worker: env.PORTICO_WORKER ?? null,
  }
  const problems = [
    ...(env.SMS_URL !== undefined &&
    env.SMS_TOKEN === undefined &&
    !issues.some(({ path }) => path[0] === 'SMS_TOKEN')
      ? ['SMS_TOKEN is missing: with it Portico proves to SMS_URL who it is']
      : []),
    ...(env.AVATARS_S3_URL === undefined
      ? []
      : (['AVATARS_S3_KEY_ID', 'AVATARS_S3_SECRET'] as const)
          .filter((name) => env[name] === undefined)
          .map((name) => `${name} is missing: with it Portico proves to AVATARS_S3_URL who it is`)),
    ...(kind === 'production' ? productionProblems(config) : []),
    ...inspect(config),
  ]
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

/**
 * The preferences that the application adds, by a list like that in PREFERENCES; without one, by PREFERENCES itself.
 * @throws ConfigError listing every problem at once.
 */
export function applicationPreferences(
  given: string | undefined = process.env.PREFERENCES,
): readonly PreferenceDefinition[] {
  const { data = [], error } = preferences.safeParse(given === '' ? undefined : given)
  if (error) throw new ConfigError(error.issues.map(({ message }) => `PREFERENCES ${message}`))
  const builtIn = new Set(builtInPreferences().map(({ key }) => key))
  return data.filter(({ key }) => !builtIn.has(key))
}

/** What the application keeps about people, by ATTRIBUTES. @throws ConfigError listing every problem at once. */
export function applicationAttributes(
  given: string | undefined = process.env.ATTRIBUTES,
): readonly AttributeDefinition[] {
  const { data = [], error } = attributes.safeParse(given === '' ? undefined : given)
  if (error) throw new ConfigError(error.issues.map(({ message }) => `ATTRIBUTES ${message}`))
  return data
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
      config.sms?.url.startsWith('https://') ?? true,
      'SMS_URL is not https://: others could read the codes that are sent',
    ],
    [
      config.breachCheckUrl?.startsWith('https://') ?? true,
      'BREACH_CHECK_URL is not https://: others could read, and change, what is asked',
    ],
    [
      !('bucket' in config.avatars) || config.avatars.bucket.url.startsWith('https://'),
      'AVATARS_S3_URL is not https://: others could read, and change, what is kept there',
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
