import fc from 'fast-check'
import { Rejected } from '../../src/core/error'
import { newId, type Id } from '../../src/core/id'
import { Email } from '../../src/modules/email/email.entity'
import { MAX_ADDRESS_LENGTH, normaliseAddress } from '../../src/modules/email/email-address'
import { EmailRepository } from '../../src/modules/email/email.repository'
import { unique, useWorld } from '../support/world'

const world = useWorld()

async function add(userId: Id, address: string, { isPrimary = false, db = world.db } = {}) {
  world.clock.advance(1_000)
  const id = newId(world.clock.now())
  await new EmailRepository(db).add({
    id,
    userId,
    address: await db.codec.seal(Email, 'address', { id, ownerId: userId }, address),
    addressIndex: db.codec.blindIndex(Email, 'address', address),
    isPrimary,
    verifiedAt: null,
    primarySince: null,
    primaryUntil: null,
    replacedAt: null,
    bouncedAt: null,
    complainedAt: null,
    createdAt: world.clock.now(),
  })
  return id
}

test('addresses: every question, after every step', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const emails = new EmailRepository(world.db)
  const answers = async (address: string) => ({
    ofOne: (await emails.findByUsers([one.id])).length,
    ofOther: (await emails.findByUsers([other.id])).length,
    ofBoth: (await emails.findByUsers([one.id, other.id])).length,
    ofNobody: (await emails.findByUsers([])).length,
    owner: (await emails.findByAddress(address))?.userId ?? null,
  })
  const second = `${unique()}@example.com`
  expect(await answers(second)).toEqual({ ofOne: 1, ofOther: 1, ofBoth: 2, ofNobody: 0, owner: null })
  expect(await answers(one.email)).toMatchObject({ owner: one.id })

  const id = await add(one.id, second)
  expect(await answers(second)).toEqual({ ofOne: 2, ofOther: 1, ofBoth: 3, ofNobody: 0, owner: one.id })
  expect(await answers(one.email)).toMatchObject({ owner: one.id })
  expect(await answers(other.email)).toMatchObject({ owner: other.id })
  // Oldest first, so that a list does not change its order.
  expect((await emails.findByUsers([one.id])).map((email) => [email.isPrimary, email.id === id])).toEqual([
    [true, false],
    [false, true],
  ])
  expect((await emails.findByAddress(second))!.address.includes(second)).toBe(false)
})

test('R66 an address belongs to one person, and whoever comes second is told', async () => {
  const [one, other] = [await world.person(), await world.person()]
  const second = world.db.transaction((db) => add(other.id, one.email, { db }))
  await expect(second).rejects.toThrow(Rejected)
  await expect(second).rejects.toMatchObject({ problems: [{ code: 'TAKEN', field: ['email'] }] })
  const [index] = await world.db.query<{ indexdef: string }>(
    `SELECT indexdef FROM pg_indexes WHERE tablename = 'emails' AND indexdef LIKE '%(address_index)%'`,
  )
  expect(index!.indexdef).toMatch(/^CREATE UNIQUE INDEX/)
})

test('a person has one primary address', async () => {
  const { id } = await world.person()
  await expect(add(id, `${unique()}@example.com`, { isPrimary: true })).rejects.toThrow(
    /emails_one_primary_key/,
  )
})

describe('R66 an address has one form', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada@example.com\n', 'ada@example.com'],
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['\u212aelvin@example.com', 'kelvin@example.com'],
    ['jose\u0301@example.com', 'josé@example.com'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada+news@example.co.uk', 'ada+news@example.co.uk'],
    ["o'neil!#$%&*/=?^_`{|}~-@example.com", "o'neil!#$%&*/=?^_`{|}~-@example.com"],
  ])('%j is %j', (written, form) => {
    expect(normaliseAddress(written)).toBe(form)
  })

  test.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@@example.com',
    'ada@example@example.com',
    'ada lovelace@example.com',
    'ada..lovelace@example.com',
    'ada@example..com',
    'ada@-example.com',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@example.com/path',
    'ada@example.com:25',
    'ada@exa_mple.com',
    'Ada <ada@example.com>',
    'ada@example.com,eve@example.com',
    'ada\u200b@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(66)}.com`,
  ])('%j is none', (written) => {
    expect(normaliseAddress(written)).toBeNull()
  })

  test('and the form of the form is itself, within the length that mail can be sent to', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(part, part, fc.constantFrom('com', 'COM', 'ﬁ', 'бел'), (local, domain, top) => {
        const form = normaliseAddress(`${local}@${domain}.${top}`)
        if (form === null) return
        expect(normaliseAddress(form)).toBe(form)
        expect(Buffer.byteLength(form)).toBeLessThanOrEqual(MAX_ADDRESS_LENGTH)
      }),
      { numRuns: 2_000 },
    )
  })
})
