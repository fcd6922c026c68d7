import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { until } from '../support/until'
import { generateDataKey, TamperedError } from '../../src/crypto/cipher'
import {
  activateNewestKey,
  addKey,
  generateKeyring,
  KeyringError,
  loadKeyring,
  parseKeyring,
  removeKey,
  saveKeyring,
} from '../../src/crypto/keyring'

const secret = () => randomBytes(32).toString('base64url')
const ring = () => ({
  active: 'k1',
  keys: { k1: secret() } as Record<string, string>,
  lookup: secret(),
  pepper: secret(),
})
const parse = (file: unknown) => parseKeyring(JSON.stringify(file))

describe('data keys', () => {
  const keyring = parseKeyring(generateKeyring())

  test('a wrapped data key comes back for its owner', () => {
    const dataKey = generateDataKey()
    const wrapped = keyring.wrap(dataKey, 'ada')
    expect(keyring.unwrap(wrapped, 'ada')).toEqual(dataKey)
    expect(wrapped.includes(dataKey)).toBe(false)
    expect(keyring.wrappingKeyId(wrapped)).toBe('k1')
  })

  test('R88 a data key given to another owner is detected', () => {
    const wrapped = keyring.wrap(generateDataKey(), 'ada')
    // Also when it has been opened just now, and is remembered.
    keyring.unwrap(wrapped, 'ada')
    expect(() => keyring.unwrap(wrapped, 'bob')).toThrow(TamperedError)
  })

  test('R88 flipping any single bit of a wrapped data key is detected', () => {
    const wrapped = keyring.wrap(generateDataKey(), 'ada')
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const changed = Buffer.from(wrapped)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => keyring.unwrap(changed, 'ada')).toThrow(TamperedError)
    }
    for (let length = 0; length < wrapped.length; length++) {
      expect(() => keyring.unwrap(wrapped.subarray(0, length), 'ada')).toThrow(TamperedError)
    }
  })

  test('a data key of another size is not wrapped', () => {
    expect(() => keyring.wrap(randomBytes(16), 'ada')).toThrow(RangeError)
  })
})

describe('R87 rotation: two keys at once', () => {
  const before = generateKeyring()
  const added = addKey(before)
  const after = activateNewestKey(added)
  const [old, rotated] = [parseKeyring(before), parseKeyring(after)]
  const dataKey = generateDataKey()

  test('old data stays readable, new data is on the new key', () => {
    const wrapped = old.wrap(dataKey, 'ada')
    expect(rotated.activeKeyId).toBe('k2')
    expect(rotated.unwrap(wrapped, 'ada')).toEqual(dataKey)
    expect(rotated.wrappingKeyId(rotated.wrap(dataKey, 'ada'))).toBe('k2')
  })

  test('a key that was added wraps nothing before it is the active one, and is known by then', () => {
    const both = parseKeyring(added)
    expect(both.activeKeyId).toBe('k1')
    expect(both.unwrap(rotated.wrap(dataKey, 'ada'), 'ada')).toEqual(dataKey)
  })

  test('a key is removed, but for the active one and one that is not there', () => {
    const shorter = parseKeyring(removeKey(after, 'k1'))
    expect([...shorter.fingerprints.keys.keys()]).toEqual(['k2'])
    expect(() => shorter.unwrap(old.wrap(dataKey, 'ada'), 'ada')).toThrow('"k1", which is not on the keyring')
    expect(() => removeKey(after, 'k2')).toThrow('"k2" is the active one')
    expect(() => removeKey(after, 'constructor')).toThrow('no key of that name')
  })

  test('fingerprints tell keys of one name apart, and are none of the secrets', () => {
    const other = parseKeyring(generateKeyring())
    const [ours, theirs] = [old.fingerprints, other.fingerprints]
    expect(ours.keys.get('k1')).not.toEqual(theirs.keys.get('k1'))
    expect(ours.lookup).not.toEqual(theirs.lookup)
    expect(ours.pepper).not.toEqual(theirs.pepper)
    expect(rotated.fingerprints.keys.get('k1')).toEqual(ours.keys.get('k1'))
    const secrets = JSON.parse(before) as { keys: { k1: string }; lookup: string; pepper: string }
    const hidden = [secrets.keys.k1, secrets.lookup, secrets.pepper]
    expectNoSecret(
      [...ours.keys.values(), ours.lookup, ours.pepper].join(),
      hidden.map((text) => Buffer.from(text, 'base64url').toString('hex')),
    )
  })

  test('blind indexes, the pepper and derived keys stay what they were', () => {
    expect(rotated.blindIndex('emails.address', 'ada@example.com')).toEqual(
      old.blindIndex('emails.address', 'ada@example.com'),
    )
    expect(rotated.pepper).toEqual(old.pepper)
    expect(rotated.derive('signing')).toEqual(old.derive('signing'))
  })

  test('what was wrapped under a key that is gone names that key', () => {
    const wrapped = rotated.wrap(dataKey, 'ada')
    expect(() => old.unwrap(wrapped, 'ada')).toThrow('wrapped under "k2", which is not on the keyring')
  })

  test('a key cannot pose as another one: its id is bound to what it wraps', () => {
    const keys = { k1: secret(), k2: secret() }
    const file = { ...ring(), keys }
    const wrapped = parse(file).wrap(dataKey, 'ada')
    const swapped = parse({ ...file, keys: { k1: keys.k2, k2: keys.k1 } })
    expect(() => swapped.unwrap(wrapped, 'ada')).toThrow(TamperedError)
    const renamed = Buffer.from(wrapped)
    renamed.write('k2', 2)
    expect(() => swapped.unwrap(renamed, 'ada')).toThrow(TamperedError)
  })
})

describe('R89 blind index', () => {
  const file = ring()
  const keyring = parse(file)
  const index = keyring.blindIndex('emails.address', 'ada@example.com')

  test('equal texts are equal, at every start', () => {
    expect(keyring.blindIndex('emails.address', 'ada@example.com')).toEqual(index)
    expect(parse(file).blindIndex('emails.address', 'ada@example.com')).toEqual(index)
    expect(index).toHaveLength(32)
  })

  test('another text, column or keyring gives another index', () => {
    expect(keyring.blindIndex('emails.address', 'bob@example.com')).not.toEqual(index)
    expect(keyring.blindIndex('phones.number', 'ada@example.com')).not.toEqual(index)
    expect(parse(ring()).blindIndex('emails.address', 'ada@example.com')).not.toEqual(index)
  })
})

test('every purpose has a key of its own, none of them a secret of the file', () => {
  const file = ring()
  const keyring = parse(file)
  const keys = [keyring.pepper, keyring.derive('signing'), keyring.derive('idempotency')].map((key) =>
    key.toString('base64url'),
  )
  expect(new Set([...keys, file.lookup, file.pepper, file.keys.k1!]).size).toBe(6)
})

describe('R86 a keyring that is not fit for use is refused, without printing it', () => {
  const good = ring()
  const short = randomBytes(31).toString('base64url')
  const cases: [string, unknown, RegExp][] = [
    ['no lookup secret', { ...good, lookup: undefined }, /lookup must be text/],
    ['a short pepper', { ...good, pepper: short }, /pepper must hold at least 256 bits/],
    ['a short key', { ...good, keys: { k1: short } }, /keys\.k1 must hold at least 256 bits/],
    ['standard base64', { ...good, pepper: `+/+/${good.pepper}` }, /pepper must be base64url/],
    ['zeroes', { ...good, pepper: Buffer.alloc(32).toString('base64url') }, /pepper does not look random/],
    [
      'a phrase',
      { ...good, pepper: Buffer.from('changeme'.repeat(4)).toString('base64url') },
      /does not look random/,
    ],
    ['one secret for two things', { ...good, pepper: good.lookup }, /every secret must differ/],
    ['an active key that is not there', { ...good, active: 'k2' }, /active must name one of the keys/],
    [
      'an active key of the prototype',
      { ...good, active: 'constructor' },
      /active must name one of the keys/,
    ],
    ['no keys', { ...good, keys: {} }, /active must name one of the keys/],
    ['keys in a list', { ...good, keys: [good.pepper] }, /keys must hold/],
    [
      'a secret as a name',
      { ...good, keys: { ...good.keys, [good.pepper]: secret() } },
      /keys\.\(unprintable\) must be named/,
    ],
    ['a field too many', { ...good, [good.pepper]: 1 }, /holds a field that is not known/],
    ['a secret as the active key', { ...good, active: good.pepper }, /active must be 1 to 32/],
    ['a list', [good], /The keyring is not fit for use/],
  ]

  test.each(cases)('%s', (_, file, message) => {
    const text = JSON.stringify(file)
    const error = caught(() => parseKeyring(text))
    expect(error).toBeInstanceOf(KeyringError)
    expect(error.message).toMatch(message)
    expectNoSecret(inspect(error), [...Object.values(good.keys), good.lookup, good.pepper, short])
  })

  test('text that is not JSON', () => {
    const error = caught(() => parseKeyring(`{ "active": ${good.pepper}`))
    expect(error.message).toBe('The keyring is not valid JSON.')
    expectNoSecret(inspect(error), [good.pepper, good.pepper.slice(0, 6)])
  })

  test('a keyring that is logged shows no secret', () => {
    const keyring = parse(good)
    const shown = inspect(keyring, { showHidden: true, depth: 9 }) + JSON.stringify(keyring)
    expectNoSecret(shown, [good.pepper, good.lookup, keyring.pepper.toString('hex'), 'Buffer'])
  })
})

describe('the keyring file', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'portico-keyring-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is made once, for its owner alone, and read from then on', () => {
    const file = join(folder, 'data', 'keyring.json')
    const made = loadKeyring({ file, generateIfMissing: true })
    const read = loadKeyring({ file, generateIfMissing: true })
    expect(read.pepper).toEqual(made.pepper)
    expect(read.unwrap(made.wrap(generateDataKey(), 'ada'), 'ada')).toHaveLength(32)
    expect(readdirSync(join(folder, 'data'))).toEqual(['keyring.json'])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('R86 is not made where it may not be, and no keyring at all is an error', () => {
    const file = join(folder, 'keyring.json')
    expect(() => loadKeyring({ file, generateIfMissing: false })).toThrow(`There is no keyring at ${file}`)
    expect(() => loadKeyring({ generateIfMissing: true })).toThrow('Set PORTICO_KEYRING')
    expect(readdirSync(folder)).toEqual([])
  })

  test('one that is broken is refused and left as it is', () => {
    const file = join(folder, 'keyring.json')
    writeFileSync(file, '')
    expect(() => loadKeyring({ file, generateIfMissing: true })).toThrow(KeyringError)
    expect(() => saveKeyring(file, '{}')).toThrow(KeyringError)
    expect(readFileSync(file, 'utf8')).toBe('')
    expect(() => loadKeyring({ file: join(file, 'below'), generateIfMissing: true })).toThrow(
      /cannot be read \(ENOTDIR\)/,
    )
  })

  test('inline JSON goes before the file', () => {
    const inline = generateKeyring()
    const file = join(folder, 'keyring.json')
    expect(loadKeyring({ inline, file, generateIfMissing: true }).pepper).toEqual(parseKeyring(inline).pepper)
    expect(readdirSync(folder)).toEqual([])
  })

  test('R87 is replaced in one step by one with a new key', () => {
    const file = join(folder, 'keyring.json')
    const before = loadKeyring({ file, generateIfMissing: true })
    saveKeyring(file, activateNewestKey(addKey(readFileSync(file, 'utf8'))))
    const after = loadKeyring({ file, generateIfMissing: false })
    expect(after.activeKeyId).toBe('k2')
    expect(after.unwrap(before.wrap(generateDataKey(), 'ada'), 'ada')).toHaveLength(32)
    expect(readdirSync(folder)).toEqual(['keyring.json'])
  })

  test('R87 is followed: what is met under a new key is read at once, and the new key wraps within a second', async () => {
    const file = join(folder, 'keyring.json')
    const running = loadKeyring({ file, generateIfMissing: true })
    const { fingerprints } = running
    saveKeyring(file, activateNewestKey(addKey(readFileSync(file, 'utf8'))))
    const rotated = loadKeyring({ file, generateIfMissing: false })
    const dataKey = generateDataKey()
    expect(running.unwrap(rotated.wrap(dataKey, 'ada'), 'ada')).toEqual(dataKey)
    expect(running.wrappingKeyId(running.wrap(dataKey, 'ada'))).toBe('k2')
    expect(running.signingKeys.map(({ id }) => id)).toEqual(rotated.signingKeys.map(({ id }) => id))
    expect(running.fingerprints).not.toBe(fingerprints)
    expect(running.fingerprints).toBe(running.fingerprints)
    saveKeyring(file, activateNewestKey(addKey(readFileSync(file, 'utf8'))))
    await until(async () => running.activeKeyId === 'k3')
  })

  test('is not followed where it breaks, vanishes or becomes that of another database', () => {
    const file = join(folder, 'keyring.json')
    const problems: string[] = []
    const onProblem = (error: unknown) => problems.push((error as Error).message)
    const running = loadKeyring({ file, generateIfMissing: true, onProblem })
    const good = readFileSync(file, 'utf8')
    const dataKey = generateDataKey()
    const wrapped = running.wrap(dataKey, 'ada')
    const unknown = parse({ ...ring(), active: 'k9', keys: { k9: secret() } }).wrap(dataKey, 'ada')
    const look = () =>
      expect(() => running.unwrap(unknown, 'ada')).toThrow('"k9", which is not on the keyring')
    for (const change of [
      () => writeFileSync(file, good.slice(0, -10)),
      () => saveKeyring(file, generateKeyring()),
      () => rmSync(file),
    ]) {
      change()
      look()
      look()
      expect(running.unwrap(wrapped, 'ada')).toEqual(dataKey)
    }
    expect(problems).toEqual([
      'The keyring is not valid JSON.',
      `The keyring at ${file} is that of another database now.`,
      expect.stringContaining(`There is no keyring at ${file}`),
    ])
  })
})

function caught(action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('Nothing was thrown.')
}

function expectNoSecret(text: string, secrets: string[]) {
  for (const secret of secrets) expect(text).not.toContain(secret)
}
