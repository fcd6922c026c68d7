import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, readConfig } from '../../src/config/config'

const GOOD = {
  id: 'google',
  name: 'Google',
  issuer: 'https://accounts.google.com',
  clientId: 'portico',
  clientSecret: 'canary-secret',
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig({ NODE_ENV: 'test', ...environment })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const providers = (...changes: object[]) => JSON.stringify(changes.map((change) => ({ ...GOOD, ...change })))

describe('OIDC_PROVIDERS', () => {
  test('is a list as JSON, with the scopes that a sign-in needs where none are said', () => {
    const { identityProviders } = readConfig({
      OIDC_PROVIDERS: providers({}, { id: 'work-2', scopes: ['openid'] }),
    })
    expect(identityProviders).toEqual([
      { ...GOOD, scopes: ['openid', 'email', 'profile'] },
      { ...GOOD, id: 'work-2', scopes: ['openid'] },
    ])
    expect(readConfig({}).identityProviders).toEqual([])
  })

  test('or the path of a file that holds one', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'portico-')), 'providers.json')
    writeFileSync(path, providers({}))
    expect(readConfig({ OIDC_PROVIDERS: path }).identityProviders).toMatchObject([GOOD])
    writeFileSync(path, '[canary')
    expect(problemsOf({ OIDC_PROVIDERS: path })).toEqual([
      'OIDC_PROVIDERS must be a list of providers as JSON, or the path of a file that holds one',
    ])
  })

  test('tells all that is wrong with it at once, beside what else is wrong', () => {
    const given = providers(
      { id: 'Google!', issuer: 'accounts.google.com', scopes: ['email'] },
      { name: '', clientId: 5, clientSecret: undefined, colour: 'red' },
    )
    expect(problemsOf({ OIDC_PROVIDERS: given, PORT: 'x' }).toSorted()).toEqual([
      'OIDC_PROVIDERS 0.id must be lower-case letters, digits and dashes',
      'OIDC_PROVIDERS 0.issuer must be a URL without query or fragment, such as https://accounts.google.com',
      'OIDC_PROVIDERS 0.scopes must hold openid',
      'OIDC_PROVIDERS 1 has no setting colour',
      'OIDC_PROVIDERS 1.clientId must be text',
      'OIDC_PROVIDERS 1.clientSecret must be text',
      'OIDC_PROVIDERS 1.name must not be empty',
      'PORT must be a number',
    ])
  })

  test.each([
    ['{}', 'must be a list'],
    ['[5]', '0 must be an object'],
    ['nowhere.json', 'must be a list of providers as JSON, or the path of a file that holds one'],
    [providers({}, {}), 'must not hold an id twice'],
    [
      providers({ issuer: 'https://user:pass@accounts.google.com' }),
      '0.issuer must be a URL without query or fragment, such as https://accounts.google.com',
    ],
    [
      providers({ issuer: 'https://accounts.google.com?x' }),
      '0.issuer must be a URL without query or fragment, such as https://accounts.google.com',
    ],
    [
      providers({ issuer: 'file:///etc/passwd' }),
      '0.issuer must be a URL without query or fragment, such as https://accounts.google.com',
    ],
  ])('%s is refused', (given, problem) => {
    expect(problemsOf({ OIDC_PROVIDERS: given })).toEqual([`OIDC_PROVIDERS ${problem}`])
  })

  test('R86 a refusal never repeats a secret', () => {
    const broken = [
      `${providers({})}]`,
      providers({ id: '' }),
      JSON.stringify([{ ...GOOD, clientSecret: ['canary-secret'] }]),
    ]
    for (const given of broken) {
      const problems = problemsOf({ OIDC_PROVIDERS: given })
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.join()).not.toContain('canary')
    }
  })

  test('R86 production wants https', () => {
    const given = {
      NODE_ENV: 'production',
      OIDC_PROVIDERS: providers({ issuer: 'http://accounts.example.com' }),
    }
    expect(problemsOf(given)).toContain('OIDC_PROVIDERS google: its issuer is not https://')
    expect(problemsOf({ ...given, NODE_ENV: 'test' })).toEqual([])
    expect(problemsOf({ ...given, OIDC_PROVIDERS: providers({}) }).join()).not.toContain('OIDC')
  })
})

describe('REDIRECT_URLS', () => {
  test('are kept as they are written', () => {
    const { redirectUrls } = readConfig({
      REDIRECT_URLS:
        'https://app.example.com/in?x=1, https://app.example.com,myapp://callback,com.example.app:/oauth, http://127.0.0.1:8123/',
    })
    expect(redirectUrls).toEqual([
      'https://app.example.com/in?x=1',
      'https://app.example.com',
      'myapp://callback',
      'com.example.app:/oauth',
      'http://127.0.0.1:8123/',
    ])
  })

  test.each([
    'https://*.example.com/in',
    'https://app.example.com/*',
    'https://app.example.com/in#here',
    'https://app.example.com/in#',
    'https://user@app.example.com/in',
    'https://user:password@app.example.com/in',
    'https:app.example.com/in',
    'https:\\\\app.example.com',
    '//app.example.com/in',
    '/in',
    'app.example.com',
    'https://app.example.com/ü',
    'https://app.example.com/a b',
    'javascript:alert(1)',
    'JavaScript://app.example.com/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://app.example.com/x',
  ])('refuse %s', (address) => {
    expect(problemsOf({ REDIRECT_URLS: `https://app.example.com/ok,${address}` })).toEqual([
      'REDIRECT_URLS must list exact URLs without wildcard, fragment or user, separated by commas',
    ])
  })

  test('R86 in production lead over http only to the same machine, as apps for desktops have it (RFC 8252)', () => {
    const problem = 'REDIRECT_URLS holds an http:// address that is not of the same machine'
    const given = (REDIRECT_URLS: string) => problemsOf({ NODE_ENV: 'production', REDIRECT_URLS })
    expect(given('http://app.example.com/in')).toContain(problem)
    expect(given('http://localhost.example.com/in')).toContain(problem)
    expect(given('http://127.0.0.1:8123/in,http://[::1]/in,myapp://callback')).not.toContain(problem)
  })
})
