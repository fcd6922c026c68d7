import { isObjectType } from 'graphql'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata'
import { personalTables } from '../../src/db/personal-tables'
import { isPermission } from '../../src/core/permission'
import { classificationOf, type PersonalData } from '../../src/core/personal-data'
import { declareSchema } from '../../src/graphql/schema'
import { idOf } from '../../src/core/id'
import { PrivacyRequestService } from '../../src/modules/privacy-request/privacy-request.service'
import { noteAbout } from '../support/administration'
import { commentOn } from '../support/content'
import { writeTo } from '../support/messages'
import { legalHoldOn, privacyRequestOf } from '../support/privacy'
import { noteIn, ticketOf } from '../support/tickets'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

interface Column {
  /** `Entity.property`, as the sentences below name it. */
  name: string
  entity: Function
  metadata: ColumnMetadata
}

const columns = (): Column[] =>
  world.portico.source.entityMetadatas.flatMap(({ target, columns: ofEntity }) =>
    ofEntity.map((metadata) => ({
      name: `${(target as Function).name}.${metadata.propertyName}`,
      entity: target as Function,
      metadata,
    })),
  )

const personal = (): (Column & PersonalData)[] =>
  columns().flatMap((column) => {
    const classification = classificationOf(column.entity, column.metadata.propertyName)
    return classification && classification !== 'not-personal' ? [{ ...column, ...classification }] : []
  })

const names = (found: { name: string }[]): string[] => found.map(({ name }) => name)

/** Fails with a sentence that says what to do. */
function expectNone(found: string[], sentence: string): void {
  if (found.length > 0) throw new Error(`${found.join(', ')}: ${sentence}`)
}

describe('personal data is classified once, where it is declared', () => {
  test('every column of every entity says what it is', () => {
    const unclassified = columns().filter(
      ({ entity, metadata }) => classificationOf(entity, metadata.propertyName) === undefined,
    )
    expectNone(
      names(unclassified),
      'nobody has said whether this is personal data. Put @Personal({ … }) on the property, with its category, purpose, readers, ' +
        'retention and what erasure does to it, or @NotPersonal(). Encryption, export, erasure, redaction and the record of ' +
        'processing come from that line.',
    )
    expect(columns().length).toBeGreaterThan(50)
  })

  test('every column of the database belongs to an entity', async () => {
    const stored = await world.db.query<{ name: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> 'schema_migrations' ORDER BY 1`,
    )
    const declared = columns().map(
      ({ metadata }) => `${metadata.entityMetadata.tableName}.${metadata.databaseName}`,
    )
    expectNone(
      names(stored).filter((name) => !declared.includes(name)),
      'the migrations make this column, but no entity declares it, so nobody has classified it. Declare it, or drop it.',
    )
    expect(declared.filter((name) => !names(stored).includes(name))).toEqual([])
  })

  test('whoever is named as a reader exists, and everyone or nobody stands alone', () => {
    for (const { name, readers } of personal()) {
      const unknown = readers.filter(
        (reader) => !['everyone', 'self', 'nobody'].includes(reader) && !isPermission(reader),
      )
      expectNone(
        unknown.length > 0 ? [name] : [],
        `its readers name ${unknown.join(', ')}, which is no permission of src/core/permission.ts.`,
      )
      const isAlone =
        readers.length === 1 || !readers.some((reader) => reader === 'everyone' || reader === 'nobody')
      expectNone(
        readers.length === 0 || !isAlone ? [name] : [],
        'name its readers: `everyone`, `nobody`, or `self` and permissions.',
      )
    }
  })

  test('what people may read of themselves is in their export, and secrets are in nobody’s', () => {
    const own = ['self', 'everyone'] as const
    const kept = personal().filter(
      ({ readers, exported }) => !exported && own.some((reader) => readers.includes(reader)),
    )
    expectNone(
      names(kept),
      'the person may read it but does not get it with their data (GDPR art. 15). Set exported: true.',
    )
    const secrets = personal().filter(
      ({ category, readers, exported }) =>
        category === 'credential' && (exported || !readers.includes('nobody')),
    )
    expectNone(names(secrets), 'a credential has `nobody` as its reader and is not exported.')
  })
})

/**
 * Tables with personal data that is nobody's: what happens in them concerns whoever it may be, or what is in them is the operator's,
 * and mentions who has made it.
 */
const NOBODYS = ['suppressions', 'throttles', 'webhook_endpoints']

describe('tables with personal data', () => {
  test('say whose their rows are, by columns that an index finds', async () => {
    const tables = personalTables()
    const withData = [...new Set(personal().map(({ metadata }) => metadata.entityMetadata.tableName))]
    expectNone(
      withData.filter((name) => !NOBODYS.includes(name) && !tables.some((table) => table.name === name)),
      'it holds personal data, and nobody’s copy or erasure finds it. Put @DataSubject on the column that names the person.',
    )
    const indexed = await world.db.query<{ column: string }>(
      `SELECT DISTINCT relname || '.' || attname AS column FROM pg_index
       JOIN pg_class ON pg_class.oid = indrelid JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
       WHERE indpred IS NULL OR pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname)`,
    )
    const found = new Set(indexed.map(({ column }) => column))
    expectNone(
      tables
        .flatMap(({ name, subjects }) => subjects.map((subject) => `${name}.${subject}`))
        .filter((column) => !found.has(column)),
      'it says whose the row is, and no index begins with it: copies and erasures would read the whole table.',
    )
    expect(tables.length).toBeGreaterThan(25)
  })
})

describe('encrypted columns', () => {
  const encrypted = () => personal().filter((column) => column.encrypted)

  test('hold bytes, in the entity and in the database', async () => {
    const notBytes = encrypted().filter(({ metadata }) => metadata.type !== 'bytea')
    expectNone(
      names(notBytes),
      'an encrypted column is of the type bytea: it holds what `db.codec.seal` made.',
    )
    for (const { name, metadata } of encrypted()) {
      const [stored] = await world.db.query<{ type: string }>(
        'SELECT data_type AS type FROM information_schema.columns WHERE table_name = $1 AND column_name = $2',
        [metadata.entityMetadata.tableName, metadata.databaseName],
      )
      expect([name, stored]).toEqual([name, { type: 'bytea' }])
    }
    expect(encrypted().length).toBeGreaterThanOrEqual(4)
  })

  test('are erased by destroying their key, and what is erased so is encrypted', () => {
    const wrong = personal().filter(
      ({ encrypted: isEncrypted, onErase }) => (onErase === 'shred') !== Boolean(isEncrypted),
    )
    expectNone(
      names(wrong),
      '`onErase: shred` and `encrypted: true` go together: only what is under a key is lost with it.',
    )
  })

  test('that are looked for have a blind index beside them, which nobody reads', () => {
    for (const column of personal().filter(({ lookup }) => lookup)) {
      const { name, entity, metadata } = column
      const property = `${metadata.propertyName}Index`
      const index = metadata.entityMetadata.findColumnWithPropertyName(property)
      const isThere =
        column.encrypted && index?.type === 'bytea' && index.databaseName === `${metadata.databaseName}_index`
      expectNone(
        isThere ? [] : [name],
        `\`lookup: true\` needs \`encrypted: true\` and a column ${property} of the type bytea for the blind index.`,
      )
      expect([name, classificationOf(entity, property)]).toEqual([
        name,
        expect.objectContaining({ readers: ['nobody'], exported: false }),
      ])
    }
    expect(personal().filter(({ lookup }) => lookup).length).toBeGreaterThanOrEqual(1)
  })

  const requestOf = async (person: Person) => idOf('privacy_request', await privacyRequestOf(world, person))!

  interface Shown {
    ask: (person: Person) => string
    reads: (person: Person) => RegExp
    /** Makes what there is to read, and says who reads it; the person where nothing is said. */
    prepare?: (person: Person) => Promise<Person>
  }

  /** Every field that bears the name of an encrypted column: how it is asked for, and what a person must read there. */
  const FIELDS: Record<string, Shown> = {
    'Post.body': {
      ask: () => '{ viewer { posts { edges { node { body } } } } }',
      reads: () => /^Body /,
      prepare: async (author) => (await world.post({ author })).author,
    },
    'Post.title': {
      ask: () => '{ viewer { posts { edges { node { title } } } } }',
      reads: () => /^Title /,
      prepare: async () => (await world.post()).author,
    },
    'Message.body': {
      ask: () => '{ viewer { conversations { edges { node { messages { edges { node { body } } } } } } } }',
      reads: () => /^Body /,
      prepare: async () => {
        const sender = await world.person()
        await writeTo(sender, [await world.person()])
        return sender
      },
    },
    'Conversation.title': {
      ask: () => '{ viewer { conversations { edges { node { title } } } } }',
      reads: () => /^Engine$/,
      prepare: async () => {
        const sender = await world.person()
        await writeTo(sender, [await world.person()], { title: 'Engine' })
        return sender
      },
    },
    'PostRevision.title': {
      ask: () => '{ viewer { posts { edges { node { revisions { edges { node { title } } } } } } } }',
      reads: () => /^Title /,
      prepare: async () => (await world.editedPost({ author: await world.person() })).author,
    },
    'PostRevision.body': {
      ask: () => '{ viewer { posts { edges { node { revisions { edges { node { body } } } } } } } }',
      reads: () => /^Body /,
      prepare: async (author) => (await world.editedPost({ author })).author,
    },
    'StaffNote.body': {
      ask: ({ globalId }) => `{ user(id: "${globalId}") { staffNotes { edges { node { body } } } } }`,
      reads: () => /^A note\.$/,
      prepare: async (person) => {
        await noteAbout(world, person)
        return world.person({ permissions: ['notes:read'] })
      },
    },
    'TicketMessage.body': {
      ask: () => '{ viewer { tickets { edges { node { messages { edges { node { body } } } } } } } }',
      reads: () => /^Body /,
      prepare: async (person) => {
        await ticketOf(world, person)
        return person
      },
    },
    'TicketNote.body': {
      ask: ({ globalId }) =>
        `{ user(id: "${globalId}") { tickets { edges { node { notes { edges { node { body } } } } } } } }`,
      reads: () => /^Note /,
      prepare: async (person) => {
        const agent = await world.person({ permissions: ['tickets:answer'] })
        await noteIn(world, await ticketOf(world, person), agent)
        return agent
      },
    },
    'LegalHold.caseReference': {
      ask: ({ globalId }) =>
        `{ user(id: "${globalId}") { legalHolds { edges { node { caseReference } } } } }`,
      reads: () => /^7 O 12\/26$/,
      prepare: async (person) => {
        await legalHoldOn(world, person)
        return world.person({ permissions: ['holds:manage'] })
      },
    },
    'Comment.body': {
      ask: () => '{ viewer { posts { edges { node { comments { edges { node { body } } } } } } } }',
      reads: () => /^Words\.$/,
      prepare: async (author) => {
        await commentOn(world, await world.post({ author }), author)
        return author
      },
    },
    'PrivacyRequest.outcomeNote': {
      ask: () => '{ viewer { privacyRequests { edges { node { outcomeNote } } } } }',
      reads: () => /^It is right\.$/,
      prepare: async () => {
        const asker = await world.person()
        await new PrivacyRequestService(world.db).refuse(await requestOf(asker), 'It is right.')
        return asker
      },
    },
    'PrivacyRequest.extensionReason': {
      ask: () => '{ viewer { privacyRequests { edges { node { extensionReason } } } } }',
      reads: () => /^Much to look at\.$/,
      prepare: async () => {
        const asker = await world.person()
        await new PrivacyRequestService(world.db).extend(await requestOf(asker), 'Much to look at.')
        return asker
      },
    },
    'Email.address': {
      ask: () => '{ viewer { emails { address } } }',
      reads: ({ email }) => new RegExp(`^${email}$`),
    },
    'Session.address': {
      ask: () => '{ viewer { sessions { edges { node { address } } } } }',
      reads: () => /^127\.0\.0\.0\/24$/,
    },
    'AuditEvent.address': {
      ask: () =>
        '{ viewer { auditEvents(filter: { actions: ["session.started"] }) { edges { node { address } } } } }',
      reads: () => /^(::ffff:)?127\.0\.0\.1$|^::1$/,
    },
  }

  test('are shown in clear to those who may read them, and their bytes to nobody', async () => {
    const properties = new Set(encrypted().map(({ metadata }) => metadata.propertyName))
    const shown = Object.values(declareSchema().getTypeMap())
      .filter(isObjectType)
      .flatMap((type) =>
        Object.keys(type.getFields()).map((field) => [`${type.name}.${field}`, field] as const),
      )
      .filter(([, field]) => properties.has(field))
      .map(([name]) => name)
    expectNone(
      shown.filter((name) => !FIELDS[name]),
      'the field bears the name of an encrypted column. Let a resolver open it with `db.codec`, and add to FIELDS in this file how it is asked for.',
    )
    expect(shown.sort()).toEqual(Object.keys(FIELDS).sort())
    const person = await world.person({ password: 'harbour lantern at dusk' })
    const signIn =
      'mutation ($login: String!) { signIn(input: { login: $login, password: "harbour lantern at dusk" }) { token } }'
    await world.anonymous.data(signIn, { login: person.username })
    for (const [name, { ask, reads, prepare = async () => person }] of Object.entries(FIELDS)) {
      const reader = await prepare(person)
      // The session that the test itself began comes from no address.
      const values = valuesOf(await reader.api.data(ask(person)), name.split('.')[1]!).filter(
        (value) => value !== null,
      )
      expect([name, values.length]).toEqual([name, 1])
      expect(values[0]).toMatch(reads(person))
    }
  })
})

/** What an answer holds under a name, however deep. */
function valuesOf(answer: unknown, name: string): unknown[] {
  if (typeof answer !== 'object' || answer === null) return []
  return Object.entries(answer).flatMap(([key, value]) => (key === name ? [value] : valuesOf(value, name)))
}
