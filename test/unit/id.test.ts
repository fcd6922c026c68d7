import fc from 'fast-check'
import { fromGlobalId, ID_KINDS, idOf, newId, toGlobalId } from '../../src/core/id'

/** Ours, and those that an import may bring. */
const uuid = fc.uuid({ version: [4, 7] })

describe('ids', () => {
  test('R32 an id is a UUIDv7: the time in milliseconds, version, variant, and the rest, 74 bits, random', () => {
    const now = new Date('2025-06-07T08:09:10.123Z')
    const id = newId(now)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now.getTime())
    expect(new Set(Array.from({ length: 10_000 }, () => newId(now))).size).toBe(10_000)
  })

  test('ids sort by age', () => {
    const moments = [0, 1, 1_000, Date.UTC(2025, 0), Date.UTC(2025, 0) + 1, Date.UTC(2999, 0)]
    const ids = moments.map((moment) => newId(new Date(moment)))
    expect([...ids].sort()).toEqual(ids)
  })

  test('a global id names its kind and leads back to the id, for every kind', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ID_KINDS), uuid, (kind, id) => {
        const globalId = toGlobalId(kind, id)
        expect(globalId).toMatch(new RegExp(`^${kind}_[0-7][0-9a-hjkmnp-tv-z]{25}$`))
        expect(fromGlobalId(globalId)).toEqual({ kind, id })
        for (const other of ID_KINDS) expect(idOf(other, globalId)).toBe(other === kind ? id : null)
      }),
    )
  })

  test('a text that is no global id reads as null, whatever it is', () => {
    const suffix = toGlobalId('user', newId()).slice('user_'.length)
    const malformed = [
      '',
      '_',
      'user_',
      'user',
      suffix,
      `_${suffix}`,
      `User_${suffix}`,
      `users_${suffix}`,
      `user_${suffix} `,
      `user_${suffix}0`,
      `user_${suffix.slice(1)}`,
      `user_${suffix.toUpperCase()}`,
      `user__${suffix}`,
      `user_8${suffix.slice(1)}`,
      `user_${'z'.repeat(26)}`,
      `user_${suffix.slice(0, 25)}u`,
      `user_${suffix.slice(0, 25)}'`,
      `user_${suffix.slice(0, 25)}é`,
      `__proto___${suffix}`,
      `user_${'0'.repeat(100_000)}`,
    ]
    for (const text of malformed) expect([text, fromGlobalId(text)]).toEqual([text, null])
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(fromGlobalId(text)).toBeNull()))
  })

  test('only one text stands for an id', () => {
    fc.assert(
      fc.property(
        uuid,
        fc.nat(25),
        fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyzABCilouIO'),
        (id, place, letter) => {
          const globalId = toGlobalId('post', id)
          const at = 'post_'.length + place
          const changed = `${globalId.slice(0, at)}${letter}${globalId.slice(at + 1)}`
          const parsed = fromGlobalId(changed)
          if (changed !== globalId && parsed !== null) expect(parsed.id).not.toBe(id)
        },
      ),
    )
  })
})
