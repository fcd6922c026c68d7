import { createHash, createHmac, randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { DAY } from '../../src/core/clock'
import { idOf, newId, type Id } from '../../src/core/id'
import { open, seal, TamperedError } from '../../src/crypto/cipher'
import { generateKeyring, loadKeyring, type Keyring } from '../../src/crypto/keyring'
import { Codec, DataKeyDestroyedError, type Place } from '../../src/db/codec'
import { Database } from '../../src/db/database'
import { wrappingKeys } from '../../src/db/keyring-check'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { AuditService } from '../../src/modules/audit/audit.service'
import { forgetExpiredChallenges } from '../../src/modules/challenge/challenge.task'
import { ChallengeRepository } from '../../src/modules/challenge/challenge.repository'
import { Email } from '../../src/modules/email/email.entity'
import { Session } from '../../src/modules/session/session.entity'
import { User } from '../../src/modules/user/user.entity'
import { columnsHolding, filesHolding } from '../support/database-bytes'
import { applicant, beginSignUp } from '../support/account'
import { until } from '../support/until'
import { cloneDatabase, testServer } from '../support/test-server'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const place = (ownerId = newId()): Place => ({ id: newId(), ownerId })

/** Opens one value in a handle of its own, which has no keys yet; an e-mail address beside the index of what it should be. */
async function read(
  entity: Function,
  property: string,
  at: Place,
  value: Buffer,
  expected = 'ada@example.com',
): Promise<string | null> {
  const { codec } = world.db.as(world.db.caller)
  const index = entity === Email ? () => codec.blindIndex(Email, 'address', expected) : undefined
  const [text] = await codec.open(entity, property, [at], () => value, index)
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
      expect(await read(Email, 'address', at, first, text)).toBe(text)
      expect(await read(Email, 'address', at, second, text)).toBe(text)
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
    await world.db.codec.destroyKey(person.id)
    const { viewer } = await person.api.data('{ viewer { username email emails { address } } }')
    expect(viewer).toEqual({ username: person.username, email: null, emails: [{ address: null }] })
  })

  test('an empty column reads as null without a look-up', async () => {
    const rows = [place(), place()]
    const texts = await world.expectQueries(0, () =>
      world.db.as(world.db.caller).codec.open(Session, 'address', rows, () => null),
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

  test('who needs a key while it is looked up waits for the same look-up', async () => {
    const owners = Array.from({ length: 3 }, () => newId())
    const rows: (Place & { value: Buffer })[] = []
    for (const at of owners.map((ownerId) => place(ownerId)))
      rows.push({ ...at, value: await world.db.codec.seal(Session, 'address', at, `of ${at.ownerId}`) })
    const { codec } = world.db.as(world.db.caller)
    const open = (some: typeof rows) => codec.open(Session, 'address', some, ({ value }) => value)
    let texts: (string | null)[][] = []
    const statements = await world.statements(async () => {
      const first = open(rows.slice(0, 2))
      await Promise.resolve()
      texts = await Promise.all([first, open(rows), open(rows.slice(0, 1))])
    })
    expect(texts[1]).toEqual(owners.map((ownerId) => `of ${ownerId}`))
    expect(texts[2]).toEqual([`of ${owners[0]}`])
    // One for the first two, and one for the third.
    expect(statements).toHaveLength(2)
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
      expect(await read(Email, 'address', at, values[index]!, `text of ${at.id}`)).toBe(`text of ${at.id}`)
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

describe('R88 a destroyed data key', () => {
  const keyOf = (ownerId: string) =>
    world.db.query<{ wrapped: Buffer | null; isDestroyed: boolean }>(
      'SELECT wrapped, destroyed_at IS NOT NULL AS "isDestroyed" FROM data_keys WHERE owner_id = $1',
      [ownerId],
    )
  const TOMBSTONE = [{ wrapped: null, isDestroyed: true }]
  /** A handle of its own, as a request has one. */
  const another = () => world.db.as(world.db.caller)

  test('stays destroyed: what was sealed reads as null, and nothing more can be sealed', async () => {
    const at = place()
    const value = await another().codec.seal(Session, 'address', at, 'text')
    await world.db.transaction((tx) => tx.codec.destroyKey(at.ownerId))
    expect(await keyOf(at.ownerId)).toEqual(TOMBSTONE)
    expect(await read(Session, 'address', at, value)).toBeNull()
    const sealing = another().codec.seal(Session, 'address', at, 'text')
    await expect(sealing).rejects.toThrow(DataKeyDestroyedError)
    expect(await another().codec.sealUnlessDestroyed(Session, 'address', at, 'text')).toBeNull()
    await another().codec.makeKeys([at.ownerId])
    await another().codec.destroyKey(at.ownerId)
    expect(await keyOf(at.ownerId)).toEqual(TOMBSTONE)
  })

  test('is one for good where there was none yet, and in the very transaction that destroys it', async () => {
    const at = place()
    const rejected = world.db.transaction(async (tx) => {
      await tx.codec.seal(Session, 'address', at, 'text')
      await tx.codec.destroyKey(at.ownerId)
      await tx.codec.seal(Session, 'address', at, 'text')
    })
    await expect(rejected).rejects.toThrow(DataKeyDestroyedError)
    expect(await keyOf(at.ownerId)).toEqual([])
    await world.db.codec.destroyKey(at.ownerId)
    expect(await keyOf(at.ownerId)).toEqual(TOMBSTONE)
    await expect(another().codec.seal(Session, 'address', at, 'text')).rejects.toThrow(DataKeyDestroyedError)
  })

  test('leaves what is written about the person to the trail, without what is personal in it', async () => {
    const person = await world.person()
    await world.db.codec.destroyKey(person.id)
    const audit = new AuditService(await world.asViewer(person))
    const details = { reason: 'Words about somebody.', until: null }
    const id = await audit.record('account.suspended', { subjectId: person.id, details })
    expect(
      await world.db.query(
        'SELECT action, address, details, personal_details FROM audit_events WHERE id = $1',
        [id],
      ),
    ).toEqual([
      { action: 'account.suspended', address: null, details: { until: null }, personal_details: null },
    ])
  })

  // Each of these is a moment at which the other transaction may be.
  test.each(['knows the key', 'knows nobody', 'has begun to make it'] as const)(
    'is not made anew by a transaction that %s while it is destroyed',
    async (moment) => {
      const at = place()
      if (moment !== 'has begun to make it') await another().codec.makeKeys([at.ownerId])
      let value: Buffer | undefined
      let destroying: Promise<void> | undefined
      const destroy = () => world.db.transaction((tx) => tx.codec.destroyKey(at.ownerId))
      const writing = world.db.transaction(async (tx) => {
        if (moment !== 'knows nobody') await tx.codec.seal(Session, 'address', at, 'before')
        // One who makes it holds its row; to destroy it waits for that.
        if (moment === 'has begun to make it') destroying = destroy()
        else await destroy()
        value = await tx.codec.seal(Session, 'address', at, 'after')
      })
      if (moment === 'knows nobody') await expect(writing).rejects.toThrow(DataKeyDestroyedError)
      else await writing
      await destroying
      expect(await keyOf(at.ownerId)).toEqual(TOMBSTONE)
      if (value) expect(await read(Session, 'address', at, value)).toBeNull()
    },
  )

  test('is not made anew by one who waits for it to be destroyed', async () => {
    const at = place()
    let sealing: Promise<unknown> | undefined
    await world.db.transaction(async (tx) => {
      await tx.codec.destroyKey(at.ownerId)
      sealing = expect(another().codec.seal(Session, 'address', at, 'text')).rejects.toThrow(
        DataKeyDestroyedError,
      )
      await until(async () => {
        const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO data_keys%'`
        return (await world.db.query(waiting)).length > 0
      })
    })
    await sealing
    expect(await keyOf(at.ownerId)).toEqual(TOMBSTONE)
  })

  test('is forgotten with no sign-up, and the database takes no other in its place', async () => {
    const challenges = new ChallengeRepository(world.db)
    const owners: Id[] = []
    for (const forget of [
      async (id: Id) => challenges.remove(id),
      async () => {
        world.clock.advance(DAY)
        await world.do(forgetExpiredChallenges, {})
      },
    ]) {
      const id = idOf('challenge', await beginSignUp(world, applicant()))!
      const [begun] = await world.db.query<{ subject_id: Id }>(
        'SELECT subject_id FROM challenges WHERE id = $1',
        [id],
      )
      owners.push(begun!.subject_id)
      await world.db.codec.destroyKey(begun!.subject_id)
      await forget(id)
      expect(await world.db.query('SELECT FROM challenges WHERE id = $1', [id])).toEqual([])
    }
    for (const owner of owners) expect(await keyOf(owner)).toEqual(TOMBSTONE)
    const revive = 'UPDATE data_keys SET wrapped = $2 WHERE owner_id = $1'
    await expect(world.db.query(revive, [owners[0], Buffer.alloc(64)])).rejects.toThrow(
      'data_keys_destroyed_check',
    )
  })
})

describe('the keyring stands behind an interface', () => {
  /**
   * As a key management service would have it: the key-encryption keys are kept there under other keys, are unwrapped once at
   * start, and everything else happens here.
   */
  class ServiceKeyring implements Keyring {
    readonly activeKeyId = 'service-1'
    readonly signingKeys = world.db.tools.keyring.signingKeys
    readonly fingerprints = {
      keys: new Map([['service-1', 'f'.repeat(64)]]),
      lookup: 'a'.repeat(64),
      pepper: 'b'.repeat(64),
    }

    private constructor(
      private readonly keyEncryptionKey: Buffer,
      private readonly lookup: Buffer,
      readonly pepper: Buffer,
    ) {}

    static async start(service: { decrypt(name: string): Promise<Buffer> }): Promise<Keyring> {
      const [key, lookup, pepper] = await Promise.all(
        ['key', 'lookup', 'pepper'].map((name) => service.decrypt(name)),
      )
      return new ServiceKeyring(key!, lookup!, pepper!)
    }

    wrap = (dataKey: Buffer, ownerId: string) =>
      Buffer.concat([
        Buffer.of(1, this.activeKeyId.length),
        Buffer.from(this.activeKeyId),
        seal(this.keyEncryptionKey, dataKey, ownerId),
      ])
    unwrap = (wrapped: Buffer, ownerId: string) =>
      open(this.keyEncryptionKey, wrapped.subarray(2 + this.activeKeyId.length), ownerId)
    wrappingKeyId = (wrapped: Buffer) => wrapped.toString('latin1', 2, 2 + wrapped[1]!)
    blindIndex = (context: string, text: string) =>
      createHmac('sha256', this.lookup).update(`${context}:${text}`).digest()
    derive = (purpose: string) => createHmac('sha256', this.lookup).update(purpose).digest()
  }

  test('a service can stand there: it is asked once, at start, and the codec and rotation work as ever', async () => {
    let asked = 0
    const keyring = await ServiceKeyring.start({
      decrypt: async () => {
        asked++
        return randomBytes(32)
      },
    })
    const db = Database.of({ ...world.db.tools, keyring })
    const places = [place(), place()]
    const indexOf = (codec: Codec) => () => codec.blindIndex(Email, 'address', 'ada@example.com')
    const values = await Promise.all(
      places.map((at) => db.codec.seal(Email, 'address', at, 'ada@example.com')),
    )
    const { codec } = db.as(db.caller)
    const rows = places.map((at, index) => ({ ...at, value: values[index]! }))
    expect(await codec.open(Email, 'address', rows, ({ value }) => value, indexOf(codec))).toEqual(
      places.map(() => 'ada@example.com'),
    )
    expect(await wrappingKeys(db)).toContain('service-1')
    expect(asked).toBe(3)
  })
})

test('R89 no file of PostgreSQL, the write-ahead log included, holds an address that was written', async () => {
  const person = await world.person()
  await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
  const input = applicant()
  await beginSignUp(world, input)
  // PostgreSQL copies a database as files, for which it brings into them what stands in memory.
  await (await cloneDatabase()).drop()
  const words = { email: person.email, applicant: input.email, username: person.username }
  const found = await filesHolding(
    join(realpathSync(join(testServer().dataDir, 'postgres')), 'data'),
    Object.values(words),
  )
  expect(found.get(words.email)).toEqual([])
  expect(found.get(words.applicant)).toEqual([])
  // Or nothing would be found whatever is there.
  const folders = found.get(words.username)!.map((file) => file.split('/')[0])
  expect([...new Set(folders)].sort()).toEqual(['base', 'pg_wal'])
}, 60_000)

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
