import bcrypt, { hashSync } from 'bcrypt'
import { randomBytes } from 'node:crypto'
import { ApiError } from '../../src/core/error'
import { PasswordHasher } from '../../src/crypto/password-hash'

const pepper = randomBytes(32)
const hasher = new PasswordHasher({ pepper, cost: 4, queue: 1_000 })
const password = 'kettle lamp winter 7'

test('a password verifies against its own hash, and no other does', async () => {
  const stored = await hasher.hash(password)
  expect(await hasher.verify(password, stored)).toBe(true)
  for (const wrong of ['', ' ' + password, password + ' ', password.toUpperCase(), password.slice(0, -1)]) {
    expect(await hasher.verify(wrong, stored)).toBe(false)
  }
})

test('R4 changing the last byte of a 64-, 72-, 73- and 128-byte password makes it fail', async () => {
  for (const length of [64, 71, 72, 73, 128, 256]) {
    const long = 'k'.repeat(length - 1)
    const stored = await hasher.hash(long + 'a')
    expect(await hasher.verify(long + 'a', stored)).toBe(true)
    expect(await hasher.verify(long + 'b', stored)).toBe(false)
    expect(await hasher.verify(long, stored)).toBe(false)
  }
})

test('R7 the NFC and NFD forms of one password both verify', async () => {
  const composed = 'Ünïcödé pâsswörd Å ﬁ'
  const stored = await hasher.hash(composed.normalize('NFD'))
  for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
    expect(await hasher.verify(composed.normalize(form), stored)).toBe(true)
  }
  expect(await hasher.verify('Unicode password A fi', stored)).toBe(false)
})

test('R8 NUL does not cut a password short', async () => {
  const stored = await hasher.hash('kettle\0lamp')
  expect(await hasher.verify('kettle\0lamp', stored)).toBe(true)
  expect(await hasher.verify('kettle\0lump', stored)).toBe(false)
  expect(await hasher.verify('kettle', stored)).toBe(false)
  expect(await hasher.verify('kettle\0x', hashSync('kettle', 4))).toBe(false)
})

test('R8 a lone surrogate is not hashed, and verifies as nothing else', async () => {
  await expect(hasher.hash('kettle\ud83d')).rejects.toThrow(RangeError)
  expect(await hasher.verify('kettle\ud83d', await hasher.hash('kettle\ufffd'))).toBe(false)
  expect(await hasher.verify('kettle\ud83d', hashSync('kettle\ufffd', 4))).toBe(false)
})

test('R9 the hash names its algorithm, has cost 12 unless told otherwise, and a salt of its own', async () => {
  const stored = await new PasswordHasher({ pepper }).hash(password)
  expect(stored).toMatch(/^\$bcrypt-hmac-sha384\$v=1\$2b\$12\$[./A-Za-z0-9]{53}$/)
  expect(await hasher.hash(password)).not.toBe(await hasher.hash(password))
})

test('R9 without the pepper a hash verifies nothing', async () => {
  const stored = await hasher.hash(password)
  const other = new PasswordHasher({ pepper: randomBytes(32), cost: 4 })
  expect(await other.verify(password, stored)).toBe(false)
})

test('R10 a hash of lower cost verifies and is due for a new one; one of the same or higher cost is not', async () => {
  const stronger = new PasswordHasher({ pepper, cost: 5 })
  const stored = await hasher.hash(password)
  expect(await stronger.verify(password, stored)).toBe(true)
  expect(stronger.needsRehash(stored)).toBe(true)
  expect(hasher.needsRehash(stored)).toBe(false)
  expect(hasher.needsRehash(await stronger.hash(password))).toBe(false)
})

test('R10 a bcrypt hash from elsewhere verifies the password itself and is due for a new one', async () => {
  const foreign = hashSync(password, 6)
  for (const version of ['$2a$', '$2b$', '$2y$']) {
    const stored = foreign.replace('$2b$', version)
    expect(await hasher.verify(password, stored)).toBe(true)
    expect(await hasher.verify(password + '!', stored)).toBe(false)
    expect(hasher.needsRehash(stored)).toBe(true)
  }
})

test('R10 a hash that PHP made verifies', async () => {
  // From the manual of password_verify.
  const stored = '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq'
  expect(await hasher.verify('rasmuslerdorf', stored)).toBe(true)
})

test.each([
  '',
  'plain',
  '$2b$04$short',
  '$2x$04$' + '.'.repeat(53),
  '$2b$31$' + '.'.repeat(53),
  '$argon2id$v=19$m=1,t=1,p=1$AA$AA',
])('a stored %p verifies nothing, and does not throw', async (stored) => {
  expect(await hasher.verify(password, stored)).toBe(false)
  expect(hasher.needsRehash(stored)).toBe(true)
})

test('a cost that is too low to be one, or too high to end, is refused', () => {
  for (const cost of [3, 16, 4.5, NaN]) expect(() => new PasswordHasher({ pepper, cost })).toThrow(RangeError)
  expect(() => new PasswordHasher({ pepper, concurrency: 0 })).toThrow(RangeError)
})

test('R28 an unknown account, a wrong password and an older, cheaper hash take the same number of rounds', async () => {
  const slow = new PasswordHasher({ pepper, cost: 7 })
  const compare = jest.spyOn(bcrypt, 'compare')
  const roundsFor = async (stored: string | null) => {
    compare.mockClear()
    expect(await slow.verify('not the password', stored)).toBe(false)
    return compare.mock.calls.reduce((sum, [, hash]) => sum + 2 ** Number(hash.slice(4, 6)), 0)
  }
  const wrong = await slow.hash(password)
  const cheap = await hasher.hash(password)
  for (const stored of [wrong, cheap, hashSync(password, 6), '$argon2id$v=19$m=1,t=1,p=1$AA$AA', null]) {
    expect(await roundsFor(stored)).toBe(2 ** 7)
  }
  compare.mockRestore()
})

test('the hash that stands for an unknown account costs what a real one does, and nothing matches it', async () => {
  const slow = new PasswordHasher({ pepper, cost: 8, concurrency: 1 })
  const stored = await slow.hash(password)
  const time = async (hash: string | null) => {
    const start = performance.now()
    expect(await slow.verify('', hash)).toBe(false)
    return performance.now() - start
  }
  const times = { known: [] as number[], unknown: [] as number[] }
  for (let round = 0; round < 15; round++) {
    times.known.push(await time(stored))
    times.unknown.push(await time(null))
  }
  // A library that spotted the hash as made up would answer in microseconds. The strict comparison is made from outside.
  const ratio = Math.min(...times.known) / Math.min(...times.unknown)
  expect(ratio).toBeGreaterThan(0.4)
  expect(ratio).toBeLessThan(2.5)
})

describe('R26 bounded concurrency', () => {
  test('no more hashes than allowed are computed at once, in the order they came', async () => {
    const narrow = new PasswordHasher({ pepper, cost: 4, concurrency: 1, queue: 20, maxWaitMs: 10_000 })
    const finished: number[] = []
    const all = Array.from({ length: 20 }, async (_, i) => {
      await narrow.verify(password, null)
      finished.push(i)
    })
    expect(narrow.load).toEqual({ running: 1, waiting: 19 })
    await Promise.all(all)
    expect(finished).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(narrow.load).toEqual({ running: 0, waiting: 0 })
  })

  test('never more than the width run, while many wait', async () => {
    const wide = new PasswordHasher({ pepper, cost: 4, concurrency: 3, queue: 100 })
    const all = Promise.all(Array.from({ length: 60 }, () => wide.hash(password)))
    let most = 0
    while (wide.load.running > 0) {
      most = Math.max(most, wide.load.running)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await all
    expect(most).toBe(3)
  })

  test('a full queue turns further ones away at once, saying when to come back', async () => {
    const narrow = new PasswordHasher({ pepper, cost: 8, concurrency: 1, queue: 2, maxWaitMs: 2_500 })
    const accepted = [1, 2, 3].map(() => narrow.hash(password))
    const error = await narrow.verify(password, null).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 3 })
    await expect(narrow.hash(password)).rejects.toThrow(ApiError)
    expect(await Promise.all(accepted)).toHaveLength(3)
  })

  test('one that has waited too long is turned away, and the rest go on', async () => {
    const narrow = new PasswordHasher({ pepper, cost: 11, concurrency: 1, queue: 5, maxWaitMs: 10 })
    const first = narrow.hash(password)
    const late = await Promise.allSettled([narrow.hash(password), narrow.verify(password, null)])
    expect(late.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
    expect(narrow.load).toEqual({ running: 1, waiting: 0 })
    expect(await narrow.verify(password, await first)).toBe(true)
  })

  test('a line that keeps moving loses nobody, however long it goes on', async () => {
    const narrow = new PasswordHasher({ pepper, cost: 4, concurrency: 1, queue: 5, maxWaitMs: 400 })
    const end = performance.now() + 1_000
    const keepComing = async () => {
      while (performance.now() < end) await narrow.hash(password)
    }
    await Promise.all([keepComing(), keepComing(), keepComing()])
    expect(narrow.load).toEqual({ running: 0, waiting: 0 })
  })

  test('a hash that fails gives its place back', async () => {
    const narrow = new PasswordHasher({ pepper, cost: 4, concurrency: 1, queue: 5 })
    await expect(narrow.verify(undefined as unknown as string, hashSync('x', 4))).rejects.toThrow()
    expect(narrow.load).toEqual({ running: 0, waiting: 0 })
    expect(await narrow.verify('x', hashSync('x', 4))).toBe(true)
  })
})
