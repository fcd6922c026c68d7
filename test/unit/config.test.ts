import { ConfigError, readConfig } from '../../src/config/config'

const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://portico_app:u8Zk2@db.internal/portico',
  DATABASE_OWNER_URL: 'postgres://portico_owner:Q0dx7@db.internal/portico',
  PORTICO_KEYRING: '/run/secrets/keyring.json',
  PUBLIC_URL: 'https://api.example.com',
  TRUSTED_PROXIES: '10.0.0.7',
  SMTP_URL: 'smtps://mail.internal',
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  test('nothing set means development on this machine, with an embedded database and demo data', () => {
    expect(readConfig({})).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 4000,
      publicUrl: 'http://localhost:4000',
      databaseUrl: null,
      databaseOwnerUrl: null,
      demoData: true,
      logLevel: 'warn',
      bcryptCost: 12,
      jobConcurrency: 2,
      secondFactor: 'optional',
    })
  })

  test('an empty variable counts as unset', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', NODE_ENV: '' })).toEqual(readConfig({}))
  })

  test('hosts that webhooks may be sent to are known by how URLs spell them', () => {
    const spelled = (text: string) => readConfig({ WEBHOOK_ALLOWED_HOSTS: text }).webhookAllowedHosts
    expect(readConfig({}).webhookAllowedHosts).toEqual([])
    expect(spelled('CRM.internal., 127.1, ::1, [fd00::0:1], bücher.example')).toEqual([
      'crm.internal',
      '127.0.0.1',
      '::1',
      'fd00::1',
      'xn--bcher-kva.example',
    ])
    for (const wrong of [
      'crm.internal:8080',
      'https://crm.internal',
      '*.internal',
      'user@crm',
      '10.0.0.0/8',
      'a b',
    ])
      expect(problemsOf({ WEBHOOK_ALLOWED_HOSTS: wrong })).toEqual([
        'WEBHOOK_ALLOWED_HOSTS must list names or addresses without a port, separated by commas',
      ])
  })

  test('avatars are kept in the data folder, in another one, or in a bucket that is told who asks', () => {
    const AVATARS_S3_URL = 'https://s3.example.com/people/'
    const keys = { AVATARS_S3_KEY_ID: 'AKIDEXAMPLE', AVATARS_S3_SECRET: 'Q0dx7Q0dx7' }
    expect(readConfig({ DATA_DIR: '/data' }).avatars).toEqual({ folder: '/data/avatars' })
    expect(readConfig({ DATA_DIR: '/data', AVATARS_DIR: '/shared' }).avatars).toEqual({ folder: '/shared' })
    expect(readConfig({ AVATARS_S3_URL, ...keys }).avatars).toEqual({
      bucket: {
        url: 'https://s3.example.com/people',
        region: 'us-east-1',
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'Q0dx7Q0dx7',
      },
    })
    expect(problemsOf({ AVATARS_S3_URL })).toEqual([
      'AVATARS_S3_KEY_ID is missing: with it Portico proves to AVATARS_S3_URL who it is',
      'AVATARS_S3_SECRET is missing: with it Portico proves to AVATARS_S3_URL who it is',
    ])
  })

  test('a provider of text messages has a token, rates are more than nothing, and the secret of mail events is one', () => {
    const SMS_URL = 'https://sms.example.com/messages'
    expect(readConfig({})).toMatchObject({ sms: null, mailRate: null, smsRate: null, mailEventsSecret: null })
    expect(readConfig({ SMS_URL, SMS_TOKEN: 'Q0dx7Q0dx7', MAIL_RATE: '0.5' })).toMatchObject({
      sms: { url: SMS_URL, token: 'Q0dx7Q0dx7', from: 'Portico' },
      mailRate: 0.5,
    })
    expect(problemsOf({ SMS_URL })).toEqual([
      'SMS_TOKEN is missing: with it Portico proves to SMS_URL who it is',
    ])
    expect(problemsOf({ MAIL_RATE: '0', SMS_RATE: 'fast' })).toEqual([
      'MAIL_RATE must be more than 0',
      'SMS_RATE must be a number',
    ])
    expect(problemsOf({ MAIL_EVENTS_SECRET: 'whsec_short' })).toEqual([
      'MAIL_EVENTS_SECRET must be whsec_ and at least 24 random bytes as base64',
    ])
  })

  test('text messages go everywhere, or to countries that there are, and so many in a day', () => {
    expect(readConfig({})).toMatchObject({ smsCountries: null, smsDailyLimit: 1000 })
    expect(readConfig({ SMS_COUNTRIES: 'AT, DE', SMS_DAILY_LIMIT: '50' })).toMatchObject({
      smsCountries: ['AT', 'DE'],
      smsDailyLimit: 50,
    })
    for (const SMS_COUNTRIES of ['UK', 'at', 'AUT', 'AT;DE'])
      expect(problemsOf({ SMS_COUNTRIES })).toEqual([
        'SMS_COUNTRIES must list countries as two capital letters (ISO 3166-1, so GB and not UK), separated by commas',
      ])
    expect(problemsOf({ SMS_DAILY_LIMIT: '0' })).toEqual(['SMS_DAILY_LIMIT must be at least 1'])
  })

  test('requests have as many connections as there shall be', () => {
    expect(readConfig({}).databasePoolSize).toBe(20)
    expect(readConfig({ DATABASE_POOL_SIZE: '7' }).databasePoolSize).toBe(7)
    expect(problemsOf({ DATABASE_POOL_SIZE: '1' })).toEqual(['DATABASE_POOL_SIZE must be at least 2'])
    expect(problemsOf({ DATABASE_POOL_SIZE: '2.5' })).toEqual(['DATABASE_POOL_SIZE must be a whole number'])
  })

  test('outside production one database role may both migrate and serve', () => {
    const url = 'postgres://me@localhost/portico'
    expect(readConfig({ DATABASE_URL: url }).databaseOwnerUrl).toBe(url)
  })

  test('a complete production configuration is accepted and frozen', () => {
    const config = readConfig(PRODUCTION)
    expect(config).toMatchObject({ environment: 'production', demoData: false, logLevel: 'info' })
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('production without the role that migrates leaves migrations to somebody else', () => {
    expect(readConfig({ ...PRODUCTION, DATABASE_OWNER_URL: '' }).databaseOwnerUrl).toBeNull()
  })

  test('a host that others can reach means production where nothing is said, and is refused in development', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toContain('PUBLIC_URL is missing or not https://')
    expect(problemsOf({ HOST: '0.0.0.0', NODE_ENV: 'development' })).toEqual([
      'HOST is 0.0.0.0, which others can reach: development runs on 127.0.0.1 only',
    ])
  })

  test('R86 production with nothing set names everything that is missing in one message', () => {
    expect(() => readConfig({ NODE_ENV: 'production' })).toThrow(ConfigError)
    expect(problemsOf({ NODE_ENV: 'production' }).map((problem) => problem.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'PORTICO_KEYRING',
      'PUBLIC_URL',
      'TRUSTED_PROXIES',
      'SMTP_URL',
    ])
  })

  test.each([
    [
      'a plain http address',
      { PUBLIC_URL: 'http://api.example.com' },
      'PUBLIC_URL is missing or not https://',
    ],
    [
      'a breach check that others can read',
      { BREACH_CHECK_URL: 'http://breaches.example.com/range' },
      'BREACH_CHECK_URL is not https://: others could read, and change, what is asked',
    ],
    [
      'a provider of text messages that others can listen to',
      { SMS_URL: 'http://sms.example.com/messages', SMS_TOKEN: 'Q0dx7Q0dx7' },
      'SMS_URL is not https://: others could read the codes that are sent',
    ],
    [
      'a store of avatars that others can change',
      {
        AVATARS_S3_URL: 'http://s3.example.com/avatars',
        AVATARS_S3_KEY_ID: 'AKIDEXAMPLE',
        AVATARS_S3_SECRET: 'Q0dx7Q0dx7',
      },
      'AVATARS_S3_URL is not https://: others could read, and change, what is kept there',
    ],
    ['demo data', { DEMO_DATA: 'on' }, 'DEMO_DATA must be off'],
    [
      'one role for everything',
      { DATABASE_OWNER_URL: 'postgres://portico_app:Q0dx7@db.internal/portico' },
      'DATABASE_OWNER_URL names the role of DATABASE_URL: requests need a role of their own that owns nothing',
    ],
    [
      'trust in everybody',
      { TRUSTED_PROXIES: '10.0.0.7,0.0.0.0/0' },
      'TRUSTED_PROXIES trusts everybody: name the proxy alone, or anybody can claim any address',
    ],
    [
      'a password from a tutorial',
      { DATABASE_URL: 'postgres://portico_app:postgres@db.internal/portico' },
      'DATABASE_URL holds a password that everybody would try first: give its role a random one',
    ],
    [
      'a password that is the name of its role',
      { DATABASE_OWNER_URL: 'postgres://portico_owner:portico_owner@db.internal/portico' },
      'DATABASE_OWNER_URL holds a password that everybody would try first: give its role a random one',
    ],
  ])('R86 production refuses %s', (_, change, problem) => {
    expect(problemsOf({ ...PRODUCTION, ...change })).toEqual([problem])
  })

  test('what cannot be read is told together with what is missing, and once', () => {
    expect(problemsOf({ ...PRODUCTION, PORT: 'http', PUBLIC_URL: 'api.example.com', SMTP_URL: '' })).toEqual([
      'PORT must be a number',
      'PUBLIC_URL must be a URL that begins with http:// or https://',
      'SMTP_URL is missing: nobody can sign up without mail',
    ])
  })

  test.each([
    ['PORT', '70000', 'must lie between 0 and 65535'],
    ['TRUSTED_PROXIES', '10.0.0.0/33', 'must list IP addresses or CIDR ranges, separated by commas'],
    ['TRUSTED_PROXIES', 'proxy', 'must list IP addresses or CIDR ranges, separated by commas'],
    [
      'CORS_ORIGINS',
      'https://app.example.com/',
      'must list exact origins such as https://app.example.com, separated by commas',
    ],
    ['BCRYPT_COST', '9', 'must be at least 10 (OWASP Password Storage)'],
    ['BCRYPT_COST', '16', 'must be at most 15'],
    ['JOB_CONCURRENCY', '-1', 'must lie between 0 and 50'],
    ['JOB_CONCURRENCY', '1.5', 'must be a whole number'],
  ])('%s=%s is refused', (name, value, message) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name} ${message}`])
  })

  test('R86 a refusal never repeats a secret', () => {
    const secrets = {
      PORTICO_KEYRING: 'weak-keyring',
      DATABASE_URL: 'postgres://app:changeme@db.internal/portico',
    }
    const message = problemsOf({ ...PRODUCTION, ...secrets, SMTP_URL: 'https://user:hunter2@mail' }).join(
      '\n',
    )
    expect(message).toContain('DATABASE_URL')
    expect(message).toContain('SMTP_URL')
    expect(message).not.toMatch(/weak-keyring|changeme|hunter2/)
  })

  test('further inspections add their problems to the same message', () => {
    expect(() => readConfig({ PORT: 'x' }, () => ['KEYRING is weak'])).toThrow(
      'The configuration cannot be used:\n  - PORT must be a number\n  - KEYRING is weak',
    )
  })
})
