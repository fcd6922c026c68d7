import fc from 'fast-check'
import { phoneOf } from '../support/phones'
import { idOf } from '../../src/core/id'
import { AttributeService } from '../../src/modules/attribute/attribute.service'
import { ModerationCase } from '../../src/modules/moderation-case/moderation-case.entity'
import { PrivacyRequest } from '../../src/modules/privacy-request/privacy-request.entity'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { classificationOf, type PersonalData } from '../../src/core/personal-data'
import { TamperedError } from '../../src/crypto/cipher'
import type { Place } from '../../src/db/codec'
import { Session } from '../../src/modules/session/session.entity'
import { act, noteAbout } from '../support/administration'
import { query } from '../support/describe-schema'
import { AppealService } from '../../src/modules/appeal/appeal.service'
import { filterMatchIn } from '../support/content-filter'
import { appealOf, decisionAbout, reportOf } from '../support/moderation'
import { legalHoldOn, privacyRequestOf } from '../support/privacy'
import { noteIn, ticketOf } from '../support/tickets'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

interface Column extends PersonalData {
  /** `Entity.property`. */
  name: string
  entity: Function
  property: string
  metadata: ColumnMetadata
}

/** Every encrypted column, whichever they are. */
const encryptedColumns = (): Column[] =>
  world.portico.source.entityMetadatas.flatMap(({ target, columns }) =>
    columns.flatMap((metadata) => {
      const [entity, property] = [target as Function, metadata.propertyName]
      const known = classificationOf(entity, property)
      if (typeof known !== 'object' || known.encrypted !== true) return []
      return [{ ...known, name: `${entity.name}.${property}`, entity, property, metadata }]
    }),
  )

/** What opening answers: the text, or the error. */
async function open({ entity, property, lookup }: Column, place: Place, value: Buffer, indexed: string) {
  const { codec } = world.db.as(world.db.caller)
  const index = lookup ? () => codec.blindIndex(entity, property, indexed) : undefined
  const [opened] = await codec.openEach(entity, property, [place], () => value, index)
  return opened
}

const refused = expect.any(TamperedError) as unknown

describe('R88 in every encrypted column', () => {
  const owners = { first: newId(), second: newId() }
  const place = (ownerId: Id = owners.first): Place => ({ id: newId(), ownerId })
  const each = async (work: (column: Column) => Promise<void>) => {
    const columns = encryptedColumns()
    expect(columns.length).toBeGreaterThan(8)
    for (const column of columns) await work(column)
  }

  test('what was exchanged between rows, owners or columns does not open', () =>
    each(async (column) => {
      const { codec } = world.db
      const [mine, alsoMine, theirs] = [place(), place(), place(owners.second)]
      const seal = (at: Place) => codec.seal(column.entity, column.property, at, 'some text')
      const value = await seal(mine)
      expect(await open(column, mine, value, 'some text')).toBe('some text')
      for (const other of [alsoMine, theirs]) {
        expect(await open(column, mine, await seal(other), 'some text')).toEqual(refused)
        expect(await open(column, other, value, 'some text')).toEqual(refused)
      }
      expect(await open(column, { ...mine, ownerId: owners.second }, value, 'some text')).toEqual(refused)
      for (const other of encryptedColumns().filter(({ name }) => name !== column.name))
        expect(await open(other, mine, value, 'some text')).toEqual(refused)
    }))

  test('what was cut off, extended, or changed in a bit does not open', () =>
    each(async (column) => {
      const at = place()
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme', maxLength: 60 }),
          fc.nat(),
          fc.uint8Array({ minLength: 1, maxLength: 20 }),
          async (text, where, more) => {
            const value = await world.db.codec.seal(column.entity, column.property, at, text)
            const flipped = Buffer.from(value)
            flipped[(where >> 3) % value.length]! ^= 1 << (where & 7)
            const cut = value.subarray(0, where % value.length)
            const spoilt = [
              flipped,
              cut,
              value.subarray(1 + (where % value.length)),
              Buffer.concat([value, more]),
              Buffer.concat([more, value]),
            ]
            for (const bytes of spoilt) expect(await open(column, at, bytes, text)).toEqual(refused)
            expect(await open(column, at, value, text)).toBe(text)
          },
        ),
        { numRuns: 25 },
      )
    }))

  test('an older value of the same row, put back, is noticed where the column has a blind index, and nowhere else', () =>
    each(async (column) => {
      const at = place()
      const older = await world.db.codec.seal(column.entity, column.property, at, 'older')
      expect(await open(column, at, older, 'newer')).toEqual(column.lookup ? refused : 'older')
    }))

  test('a column with a blind index is not opened without it, nor another one with one', () =>
    each(async ({ entity, property, lookup }) => {
      const { codec } = world.db
      const index = lookup ? undefined : () => Buffer.alloc(32)
      await expect(codec.openEach(entity, property, [], () => null, index)).rejects.toThrow('index')
    }))
})

describe('R88 a spoilt value costs its field and nobody else’s, is logged, and shows nothing', () => {
  /** Three people of whom everything encrypted is there; the first two are spoilt. */
  async function three(): Promise<{ admin: Person; people: Person[] }> {
    const admin = await world.person({ role: 'admin' })
    const people = [await world.person(), await world.person(), await world.person()]
    const [role] = await world.db.query<{ id: Id }>("SELECT id FROM roles WHERE name = 'manager'")
    const manager = toGlobalId('role', role!.id)
    for (const person of people) {
      await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
      await noteAbout(world, person)
      await new AttributeService(await world.asViewer(person)).set({
        attributes: [{ key: 'pronouns', value: unique('they/') }],
      })
      await phoneOf(world, person)
      await legalHoldOn(world, person)
      await noteIn(world, await ticketOf(world, person), admin)
      const requestId = idOf('privacy_request', await privacyRequestOf(world, person))!
      const at = { id: requestId, ownerId: person.id }
      const [note, reason] = [
        await world.db.codec.seal(PrivacyRequest, 'outcomeNote', at, 'Done.'),
        await world.db.codec.seal(PrivacyRequest, 'extensionReason', at, 'Holidays.'),
      ]
      await world.db.query(
        'UPDATE privacy_requests SET outcome_note = $2, extension_reason = $3 WHERE id = $1',
        [requestId, note, reason],
      )
      await admin.api
        .with({ 'access-reason': unique('Reason ') })
        .data(`{ user(id: "${person.globalId}") { status } }`)
      await admin.api.data(
        'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { userErrors { code } } }',
        { input: { userId: person.globalId, roleId: manager, reason: unique('Reason ') } },
      )
      const post = await world.post({ author: person })
      const { decisionId, caseId } = await decisionAbout(world, post.globalId)
      await filterMatchIn(world, caseId)
      const reported = { id: idOf('moderation_case', caseId)!, ownerId: person.id }
      await world.db.query('UPDATE moderation_cases SET reported_text = $2 WHERE id = $1', [
        reported.id,
        await world.db.codec.seal(ModerationCase, 'reportedText', reported, unique('Message ')),
      ])
      const appealId = await appealOf(world, person, decisionId)
      await new AppealService(await world.asViewer(admin)).decide({
        appealId: idOf('appeal', appealId)!,
        uphold: true,
        note: unique('Reason '),
      })
      const reportedId = (await world.post()).globalId
      await reportOf(world, reportedId, { by: person, note: unique('Remark ') })
      await act(admin, 'suspendUser', { userId: person.globalId, reason: unique('Reason ') })
    }
    return { admin, people }
  }

  interface Shown {
    /** Which row of a person's it is, in SQL. */
    row: (person: Person) => string
    /** What staff ask about all three, and the values in the answer, by person. */
    ask: (
      admin: Person,
      people: Person[],
    ) => Promise<{ values: unknown[]; errors: { extensions: { code: string } }[] }>
  }

  const aboutPeople =
    (selection: string, valueOf: (user: never) => unknown): Shown['ask'] =>
    async (admin, people) => {
      const { data, errors = [] } = await admin.api.send(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { ${selection} } } }`,
        { ids: people.map(({ globalId }) => globalId) },
      )
      return { values: data.nodes.map((user: never) => user && valueOf(user)), errors }
    }

  /** The events of an action that concern these people, by person. */
  const aboutEvents =
    (action: string, field: string): Shown['ask'] =>
    async (admin, people) => {
      const { data, errors = [] } = await admin.api.send(
        `query ($actions: [String!]) { auditEvents(first: 50, filter: { actions: $actions }) { edges { node { subject { id } ${field} } } } }`,
        { actions: [action] },
      )
      const nodes = (
        data.auditEvents.edges as { node: { subject: { id: string } } & Record<string, unknown> }[]
      ).map(({ node }) => node)
      return {
        values: people.map(
          ({ globalId }) => nodes.find((node) => node?.subject.id === globalId)?.[field] ?? null,
        ),
        errors,
      }
    }

  interface AskedDecision {
    rule: string
    reasons: string
    appeal: { text: string; note: string } | null
  }
  const aboutDecisions = (selection: string, valueOf: (decision: AskedDecision) => unknown) =>
    aboutPeople(
      `moderationDecisions(first: 1) { edges { node { ${selection} } } }`,
      ({ moderationDecisions }: { moderationDecisions: { edges: { node: AskedDecision }[] } }) =>
        valueOf(moderationDecisions.edges[0]!.node),
    )

  interface AskedTexts {
    edges: { node: { body: string | null } }[]
  }
  const firstIn = ({ edges }: AskedTexts) => edges[0]!.node.body
  interface AskedTicket {
    subject: string | null
    messages?: AskedTexts
    notes?: AskedTexts
  }
  const aboutTickets = (selection: string, valueOf: (ticket: AskedTicket) => unknown) =>
    aboutPeople(
      `tickets(first: 1) { edges { node { ${selection} } } }`,
      ({ tickets }: { tickets: { edges: { node: AskedTicket }[] } }) => valueOf(tickets.edges[0]!.node),
    )

  interface AskedCase {
    note: string | null
    textsWhenReported?: string[] | null
    reports?: { edges: { node: { note: string | null } }[] }
    filterMatches?: { found: string[] | null }[]
  }
  /** The cases that a statement finds for these people, by person. */
  const aboutRows =
    (
      find: (ids: Id[]) => [sql: string, ids: Id[]],
      selection: string,
      valueOf: (found: AskedCase) => unknown,
    ): Shown['ask'] =>
    async (admin, people) => {
      const [sql, ids] = find(people.map(({ id }) => id))
      const rows = await world.db.query<{ id: Id; person: Id }>(sql, [ids])
      const caseOf = (person: Person) => rows.find((row) => row.person === person.id)!.id
      const { data, errors = [] } = await admin.api.send(
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ModerationCase { ${selection} } } }`,
        { ids: people.map((person) => toGlobalId('moderation_case', caseOf(person))) },
      )
      return { values: data.nodes.map(valueOf), errors }
    }

  const SHOWN: Record<string, Shown> = {
    'Email.address': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutPeople('email', ({ email }: { email: string }) => email),
    },
    'Phone.phoneNumber': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutPeople(
        'phones { number }',
        ({ phones }: { phones: { number: string }[] | null }) => phones?.[0]!.number ?? null,
      ),
    },
    'User.suspensionReason': {
      row: ({ id }) => `id = '${id}'`,
      ask: aboutPeople(
        'suspension { reason }',
        ({ suspension }: { suspension: { reason: string } | null }) => suspension?.reason ?? null,
      ),
    },
    'Attribute.sealedValue': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutPeople(
        'attributes { value }',
        ({ attributes }: { attributes: { value: unknown }[] | null }) => attributes?.[0]!.value ?? null,
      ),
    },
    'StaffNote.body': {
      row: ({ id }) => `subject_id = '${id}'`,
      ask: aboutPeople(
        'staffNotes(first: 1) { edges { node { body } } }',
        ({ staffNotes }: { staffNotes: { edges: { node: { body: string } }[] } }) =>
          staffNotes.edges[0]!.node.body,
      ),
    },
    ...Object.fromEntries(
      (
        [
          ['PrivacyRequest.body', 'privacyRequests', 'message'],
          ['PrivacyRequest.outcomeNote', 'privacyRequests', 'outcomeNote'],
          ['PrivacyRequest.extensionReason', 'privacyRequests', 'extensionReason'],
          ['LegalHold.holdReason', 'legalHolds', 'reason'],
          ['LegalHold.caseReference', 'legalHolds', 'caseReference'],
        ] as const
      ).map(([name, list, field]): [string, Shown] => [
        name,
        {
          row: ({ id }) => `user_id = '${id}'`,
          ask: aboutPeople(
            `${list}(first: 1) { edges { node { ${field} } } }`,
            (user: Record<string, { edges: { node: Record<string, unknown> }[] }>) =>
              user[list]!.edges[0]!.node[field],
          ),
        },
      ]),
    ),
    'Ticket.subjectLine': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutTickets('subject', ({ subject }) => subject),
    },
    'TicketMessage.writtenText': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutTickets('messages(first: 1) { edges { node { body } } }', ({ messages }) =>
        firstIn(messages!),
      ),
    },
    'TicketNote.noteText': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutTickets('notes(first: 1) { edges { node { body } } }', ({ notes }) => firstIn(notes!)),
    },
    'ModerationDecision.brokenRule': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutDecisions('rule', ({ rule }) => rule),
    },
    'ModerationDecision.statedReasons': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutDecisions('reasons', ({ reasons }) => reasons),
    },
    'Appeal.appealText': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutDecisions('appeal { text }', ({ appeal }) => appeal!.text),
    },
    'Appeal.answer': {
      row: ({ id }) => `user_id = '${id}'`,
      ask: aboutDecisions('appeal { note }', ({ appeal }) => appeal!.note),
    },
    'ModerationCase.reportedText': {
      row: ({ id }) => `author_id = '${id}'`,
      ask: aboutRows(
        (ids) => [`SELECT id, author_id AS person FROM moderation_cases WHERE author_id = ANY($1)`, ids],
        'textsWhenReported',
        ({ textsWhenReported }) => textsWhenReported && textsWhenReported[0],
      ),
    },
    'ModerationCase.staffRemark': {
      row: ({ id }) => `author_id = '${id}'`,
      ask: aboutRows(
        (ids) => [`SELECT id, author_id AS person FROM moderation_cases WHERE author_id = ANY($1)`, ids],
        'note',
        ({ note }) => note,
      ),
    },
    'ContentFilterMatch.foundParts': {
      row: ({ id }) => `author_id = '${id}'`,
      ask: aboutRows(
        (ids) => [
          `SELECT case_id AS id, author_id AS person FROM content_filter_matches WHERE author_id = ANY($1)`,
          ids,
        ],
        'filterMatches { found }',
        ({ filterMatches }) => filterMatches![0]!.found?.[0] ?? null,
      ),
    },
    'Report.remark': {
      row: ({ id }) => `reporter_id = '${id}' AND remark IS NOT NULL`,
      ask: aboutRows(
        (ids) => [
          `SELECT case_id AS id, reporter_id AS person FROM reports WHERE reporter_id = ANY($1)`,
          ids,
        ],
        'reports(first: 1) { edges { node { note } } }',
        ({ reports }) => reports!.edges[0]!.node.note,
      ),
    },
    'RoleGrant.grantReason': {
      row: ({ id }) => `user_id = '${id}' AND grant_reason IS NOT NULL`,
      ask: aboutPeople(
        'roleGrants { reason }',
        ({ roleGrants }: { roleGrants: { reason: string | null }[] }) =>
          roleGrants.find(({ reason }) => reason !== null)?.reason ?? null,
      ),
    },
    'AccessRecord.accessReason': {
      row: ({ id }) => `subject_id = '${id}' AND access_reason IS NOT NULL`,
      ask: aboutPeople(
        'accessLog { edges { node { reason } } }',
        ({ accessLog }: { accessLog: { edges: { node: { reason: string | null } }[] } }) =>
          accessLog.edges.find(({ node }) => node.reason !== null)?.node.reason ?? null,
      ),
    },
    'AuditEvent.address': {
      row: ({ id }) => `subject_id = '${id}' AND action = 'profile.updated'`,
      ask: aboutEvents('profile.updated', 'address'),
    },
    'AuditEvent.personalDetails': {
      row: ({ id }) => `subject_id = '${id}' AND action = 'account.suspended'`,
      ask: aboutEvents('account.suspended', 'details'),
    },
  }

  /** Shown to nobody, or, the addresses of sessions, below: only to the person. */
  const WITHIN = [
    'Session.address',
    'Challenge.state',
    'Factor.sharedSecret',
    'BulkJob.order',
    'Announcement.whom',
    'DataExportPart.body',
    'Identity.subjectIdentifier',
    'Message.body',
    'KeptText.formerText',
    'Conversation.title',
    'WebhookEndpoint.signingSecret',
    'WebhookEndpoint.previousSigningSecret',
    'Delivery.letter',
  ]

  test('every encrypted column is spoilt here, or shown in no list', () => {
    expect(
      encryptedColumns()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...Object.keys(SHOWN), ...WITHIN].sort())
  })

  test.each(Object.keys(SHOWN))('%s', async (name) => {
    const { row, ask } = SHOWN[name]!
    const { metadata } = encryptedColumns().find((column) => column.name === name)!
    const { admin, people } = await three()
    const before = await ask(admin, people)
    expect(before.errors).toEqual([])
    expect(before.values.every(Boolean)).toBe(true)
    const [one, other] = people as [Person, Person]
    const table = metadata.entityMetadata.tableName
    const column = metadata.databaseName
    // As the owner: the role of requests could not change the trail.
    await query(
      world.portico.config.databaseOwnerUrl!,
      `UPDATE ${table} t SET ${column} = other.${column} FROM ${table} other
       WHERE (t.id = (SELECT id FROM ${table} WHERE ${row(one)}) AND other.id = (SELECT id FROM ${table} WHERE ${row(other)}))
          OR (t.id = (SELECT id FROM ${table} WHERE ${row(other)}) AND other.id = (SELECT id FROM ${table} WHERE ${row(one)}))`,
    )
    const already = world.logLines.length
    const { values, errors } = await ask(admin, people)
    expect(values).toEqual([null, null, before.values[2]])
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL', 'INTERNAL'])
    expect(world.logLines.slice(already).join('\n')).toContain('TamperedError')
  })

  test('a session’s address, to the person', async () => {
    const [one, other] = [await world.person(), await world.person()]
    const sealed = async ({ sessionId, id }: Person) => {
      const value = await world.db.codec.seal(
        Session,
        'address',
        { id: sessionId, ownerId: id },
        '203.0.113.7',
      )
      await world.db.query('UPDATE sessions SET address = $2 WHERE id = $1', [sessionId, value])
      return value
    }
    const ask = ({ api }: Person) =>
      api.send('{ viewer { sessions(first: 1) { edges { node { deviceName address } } } } }')
    const [, theirs] = [await sealed(one), await sealed(other)]
    expect((await ask(one)).data.viewer.sessions.edges[0].node.address).toBe('203.0.113.0/24')
    await world.db.query('UPDATE sessions SET address = $2 WHERE id = $1', [one.sessionId, theirs])
    const { data, errors } = await ask(one)
    expect(data.viewer.sessions.edges[0].node).toEqual({ deviceName: 'Test device', address: null })
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }])
  })
})
