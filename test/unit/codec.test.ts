import { createHash } from 'node:crypto'
import { newId } from '../../src/core/id'
import { TamperedError } from '../../src/crypto/cipher'
import { generateKeyring, loadKeyring } from '../../src/crypto/keyring'
import { Codec, type Place } from '../../src/db/codec'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { Email } from '../../src/modules/email/email.entity'
import { Session } from '../../src/modules/session/session.entity'
import { User } from '../../src/modules/user/user.entity'
import { columnsHolding } from '../support/database-bytes'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const place = (ownerId = newId()): Place => ({ id: newId(), ownerId })

/** Opens one value in a handle of its own, which has no keys yet. */
async function read(entity: Function, property: string, at: Place, value: Buffer): Promise<string | null> {
  const [text] = await world.db.as(world.db.caller).codec.open(entity, property, [at], () => value)
  return text!
}

describe('R88 encrypted columns', () => {
  test('what is sealed opens in its place, whatever it says, and never looks the same twice', async () => {
    for (const text of ['', 'ada@example.com', 'ü 💥 \n', 'x'.repeat(10_000)]) {
      const at = place()
      const [first, second] = [
        await world.db.codec.seal(Email, 'address', at, text),
        await world.db.codec.seal(Email, 'address', at, text),
      ]
      expect(await read(Email, 'address', at, first)).toBe(text)
      expect(await read(Email, 'address', at, second)).toBe(text)
      expect(first.equals(second)).toBe(false)
    }
  })

  test('what was moved to another row, column or owner does not open', async () => {
    const at = place()
    const other = place()
    const value = await world.db.codec.seal(Email, 'address', at, 'ada@example.com')
    await world.db.codec.seal(Email, 'address', other, 'gives the other owner a key')
    const wrong: [Function, string, Place][] = [
      [Email, 'address', { ...at, id: newId() }],
      [Email, 'address', { ...at, ownerId: other.ownerId }],
      [Session, 'address', at],
      [AuditEvent, 'address', at],
    ]
    for (const [entity, property, elsewhere] of wrong) {
      await expect(read(entity, property, elsewhere, value)).rejects.toThrow(TamperedError)
    }
  })

  test('what was changed in any single byte does not open', async () => {
    const at = place()
    const value = await world.db.codec.seal(Email, 'address', at, 'ada@example.com')
    for (let index = 0; index < value.length; index++) {
      const changed = Buffer.from(value)
      changed[index]! ^= 1
      await expect(read(Email, 'address', at, changed)).rejects.toThrow(TamperedError)
    }
    await expect(read(Email, 'address', at, value.subarray(0, -1))).rejects.toThrow(TamperedError)
    await expect(read(Email, 'address', at, Buffer.alloc(0))).rejects.toThrow(TamperedError)
  })

  test('two people whose stored addresses are exchanged: neither is shown, and no word of it gets out', async () => {
    const [first, second] = [await world.person(), await world.person()]
    await world.db.query(
      `UPDATE emails SET address = other.address FROM emails other
       WHERE emails.user_id = ANY($1) AND other.user_id = ANY($1) AND other.id <> emails.id`,
      [[first.id, second.id]],
    )
    for (const person of [first, second]) {
      const { data, errors } = await person.api.send('{ viewer { username email } }')
      expect(data).toEqual({ viewer: { username: person.username, email: null } })
      expect(errors).toMatchObject([
        { message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } },
      ])
    }
  })

  test('where the key is destroyed the column reads as null, for entity and API alike', async () => {
    const person = await world.person()
    expect((await person.api.data('{ viewer { email } }')).viewer.email).toBe(person.email)
    await world.db.query('DELETE FROM data_keys WHERE owner_id = $1', [person.id])
    const { viewer } = await person.api.data('{ viewer { username email emails { address } } }')
    expect(viewer).toEqual({ username: person.username, email: null, emails: [{ address: null }] })
  })

  test('an empty column reads as null without a look-up', async () => {
    const rows = [place(), place()]
    const texts = await world.expectQueries(0, () =>
      world.db.as(world.db.caller).codec.open(Email, 'address', rows, () => null),
    )
    expect(texts).toEqual([null, null])
  })

  test('a page of many owners takes one look-up of keys', async () => {
    const admin = await world.person({ role: 'admin' })
    const people = await Promise.all([1, 2, 3, 4].map(() => world.person()))
    for (const { api } of people)
      await api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    const query = `{ auditEvents(first: 4, filter: { actions: ["profile.updated"] }) { edges { node { address actor { id } } } } }`
    const statements = await world.statements(async () => {
      const { auditEvents } = await admin.api.data(query)
      const nodes = auditEvents.edges.map(
        ({ node }: { node: { address: string; actor: { id: string } } }) => node,
      )
      expect(nodes.map((node: { actor: { id: string } }) => node.actor.id).sort()).toEqual(
        people.map(({ globalId }) => globalId).sort(),
      )
      for (const { address } of nodes) expect(address).toMatch(/127\.0\.0\.1|::1/)
    })
    // One for the page, and one for the event that the trail was read.
    expect(statements.filter((sql) => sql.includes('FROM data_keys'))).toHaveLength(2)
  })

  test('two who seal for a new owner at the same time use the same key', async () => {
    const { ownerId } = place()
    const places = Array.from({ length: 5 }, () => place(ownerId))
    const values = await Promise.all(
      places.map((at) =>
        world.db.transaction((tx) => tx.codec.seal(Email, 'address', at, `text of ${at.id}`)),
      ),
    )
    for (const [index, at] of places.entries())
      expect(await read(Email, 'address', at, values[index]!)).toBe(`text of ${at.id}`)
  })

  test('a key that is made in a transaction is gone with it', async () => {
    const at = place()
    const failure = world.db.transaction(async (tx) => {
      await tx.codec.seal(Email, 'address', at, 'text')
      throw new Error('Rolled back.')
    })
    await expect(failure).rejects.toThrow('Rolled back.')
    expect(await world.db.query('SELECT FROM data_keys WHERE owner_id = $1', [at.ownerId])).toEqual([])
  })

  test('a column that is not declared as encrypted is refused', async () => {
    for (const [entity, property] of [
      [User, 'bio'],
      [User, 'id'],
      [User, 'nothing'],
      [Email, 'addressIndex'],
    ] as const) {
      await expect(world.db.codec.seal(entity, property, place(), 'text')).rejects.toThrow(
        'is not declared as @Personal({ encrypted: true })',
      )
    }
  })

  test('R89 no table holds the text of an address, of e-mail or of network', async () => {
    const person = await world.person()
    await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    expect(await columnsHolding(world.db, person.email)).toEqual([])
    expect(await columnsHolding(world.db, '127.0.0.1')).toEqual([])
    expect(await columnsHolding(world.db, person.username)).toEqual([
      'user_search.search_text',
      'user_search.username',
      'users.display_name',
      'users.username',
    ])
  })
})

describe('R89 the blind index', () => {
  const index = (codec: Codec, entity: Function, property: string, text: string) =>
    codec.blindIndex(entity, property, text).toString('hex')

  test('finds what is equal, and only within its column and under its keyring', () => {
    const { codec } = world.db
    const text = `${unique()}@example.com`
    expect(index(codec, Email, 'address', text)).toBe(
      index(world.db.as(world.db.caller).codec, Email, 'address', text),
    )
    const others = [
      index(codec, Email, 'address', `${text} `),
      index(codec, Email, 'address', text.toUpperCase()),
      index(codec, Session, 'address', text),
      index(
        new Codec(world.db, loadKeyring({ inline: generateKeyring(), generateIfMissing: false })),
        Email,
        'address',
        text,
      ),
      ...['sha256', 'sha512', 'md5'].map((algorithm) => createHash(algorithm).update(text).digest('hex')),
    ]
    for (const other of others) expect(other).not.toBe(index(codec, Email, 'address', text))
  })

  test('is what the database stores beside the ciphertext', async () => {
    const person = await world.person()
    const rows = await world.db.query('SELECT user_id FROM emails WHERE address_index = $1', [
      world.db.codec.blindIndex(Email, 'address', person.email),
    ])
    expect(rows).toEqual([{ user_id: person.id }])
  })
})
