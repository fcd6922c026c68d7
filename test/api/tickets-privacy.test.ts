import { DAY } from '../../src/core/clock'
import { idOf } from '../../src/core/id'
import { ALL_PERMISSIONS } from '../../src/core/permission'
import { makeDataExport } from '../../src/modules/data-export/data-export.task'
import { eraseRows, findRemains } from '../../src/modules/erasure/erase'
import { forgetOldTickets } from '../../src/modules/ticket/ticket.task'
import { ticketsTopic } from '../../src/modules/ticket/ticket-event'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { beginningOf, follow } from '../support/follower'
import { legalHoldOn, restricted } from '../support/privacy'
import { act, answerIn, noteIn, ticketOf } from '../support/tickets'
import { unzip } from '../support/unzip'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const agent = () => world.person({ permissions: ['tickets:answer'] })

/** A ticket in which staff have done whatever they can, and the words of it that are not for the person. */
async function handledTicket(person: Person) {
  const staff = await world.person({ role: 'manager' })
  const [subject, body, answer] = [unique('subject'), unique('body'), unique('answer')]
  const [note, tag] = [unique('note'), unique('tag')]
  const ticketId = await ticketOf(world, person, { subject, body })
  const noteId = await noteIn(world, ticketId, staff, `Something ${note} of them.`)
  await act(staff, 'updateTicket', {
    ticketId,
    priority: 'URGENT',
    tags: [tag],
    assigneeId: staff.globalId,
  })
  await answerIn(world, ticketId, staff, { body: answer })
  return { ticketId, noteId, staff, seen: { subject, body, answer }, hidden: { note, tag } }
}

const OWN = 'id number subject category status openedAt lastMessageAt solvedAt closedAt reopeningEndsAt'
const STAFFS =
  'priority tags assignee { id } dueAt isOverdue firstRespondedAt firstResponseMinutes resolutionMinutes version notes { totalCount } history { totalCount }'

describe('what staff keep of a ticket for themselves', () => {
  test.each([
    ['somebody without roles', []],
    ['somebody who may do everything to everybody', [...ALL_PERMISSIONS]],
  ])(
    'never reaches the person, by no field, event, list, search, trail or mail: %s',
    async (_who, permissions) => {
      const person = await world.person({ permissions })
      const follower = follow<{ kind: string }>(
        world,
        person,
        'subscription ($after: String) { viewerTicketsChanged(after: $after) { cursor kind ticket { id status } message { body } } }',
        { after: beginningOf(ticketsTopic(person.id)) },
      )
      const { ticketId, noteId, staff, seen, hidden } = await handledTicket(person)
      await act(person, 'replyToTicket', { ticketId, body: 'Thanks.' })
      await noteIn(world, ticketId, staff, hidden.note)

      const { data, errors } = await person.api.send(
        `query ($id: ID!, $note: ID!) { ticket(id: $id) { ${OWN} ${STAFFS} messages { edges { node { body author { id } } } } } node(id: $note) { id } }`,
        { id: ticketId, note: noteId },
      )
      const refused = errors!.map(({ path }) => (path as string[])[1]).sort()
      expect(refused).toEqual(
        STAFFS.replaceAll(/\{[^}]*\}/g, '')
          .split(/\s+/)
          .filter(Boolean)
          .sort(),
      )
      expect(errors!.every(({ extensions }) => extensions.code === 'FORBIDDEN')).toBe(true)
      for (const field of refused) expect(data.ticket[field!]).toBeNull()
      expect(data.node).toBeNull()
      expect(data.ticket).toMatchObject({ subject: seen.subject, status: 'OPEN' })

      // What comes last shows that nothing else is still to come.
      await act(person, 'solveTicket', { ticketId })
      await until(() => follower.told.at(-1)?.kind === 'STATUS_CHANGED')
      await follower.end()
      expect(follower.told.map(({ kind }) => kind)).toEqual([
        'OPENED',
        'ANSWERED',
        'REPLIED',
        'STATUS_CHANGED',
      ])

      const found = async (query: string) =>
        (
          await person.api.data(
            'query ($query: String!) { viewer { tickets(filter: { query: $query }) { totalCount } } }',
            { query },
          )
        ).viewer.tickets.totalCount as number
      expect(await found(seen.answer)).toBe(1)
      expect(await found(hidden.note)).toBe(0)
      expect(await found(`${seen.answer} ${hidden.note}`)).toBe(0)
      expect(await found(hidden.tag)).toBe(0)

      const trail = await person.api.data(
        '{ viewer { auditEvents(first: 100) { edges { node { action details target } } } } }',
      )
      const everything = [
        JSON.stringify([data, follower.told, trail]),
        ...world.portico.mailbox!.read(person.email).map((mail) => JSON.stringify(mail)),
      ].join()
      for (const word of Object.values(hidden)) expect(everything).not.toContain(word)
      expect(everything).not.toContain('ticket-handling')
      expect(everything).not.toContain('ticket-note')
      expect(everything).not.toContain('URGENT')
    },
  )

  test('is not in their queue either, whatever they may do', async () => {
    const person = await world.person({ role: 'admin' })
    const { ticketId, hidden } = await handledTicket(person)
    const { tickets } = await person.api.data(
      'query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }',
      { filter: { query: hidden.note } },
    )
    expect(tickets.totalCount).toBe(0)
    const { errors } = await person.api.send(
      'mutation ($input: UpdateTicketInput!) { updateTicket(input: $input) { userErrors { code } } }',
      { input: { ticketId, priority: 'LOW' } },
    )
    expect(errors![0]!.extensions.code).toBe('NOT_FOUND')
  })

  test('reads the same to them whether anything was done or not', async () => {
    const [one, other] = [await world.person(), await world.person()]
    const staff = await agent()
    const [quiet, handled] = [await ticketOf(world, one), await ticketOf(world, other)]
    const read = async ({ api }: Person, id: string) => {
      const { data, errors } = await api.send(
        `query ($id: ID!) { ticket(id: $id) { category status solvedAt closedAt reopeningEndsAt openedBy { id } followUpOf { id } mergedInto { id } messages { totalCount } ${STAFFS} } }`,
        { id },
      )
      return { data, errors: errors!.map(({ message, path }) => ({ message, path })) }
    }
    await noteIn(world, handled, staff)
    await act(staff, 'updateTicket', { ticketId: handled, priority: 'HIGH', tags: ['a'] })
    await act(staff, 'claimTicket', { ticketId: handled })
    expect(await read(other, handled)).toEqual(await read(one, quiet))
  })
})

describe('what is said in tickets', () => {
  test('R88 is encrypted for the person, notes too, and lost with their key', async () => {
    const person = await world.person()
    const { ticketId, staff, seen, hidden } = await handledTicket(person)
    for (const word of [...Object.values(seen), hidden.note])
      expect([word, await columnsHolding(world.db, word)]).toEqual([word, []])
    await world.db.codec.destroyKey(person.id)
    const { ticket } = await staff.api.data(
      `query ($id: ID!) { ticket(id: $id) { subject messages { edges { node { body } } } notes { edges { node { body } } } } }`,
      { id: ticketId },
    )
    expect(ticket).toEqual({
      subject: null,
      messages: { edges: [{ node: { body: null } }, { node: { body: null } }] },
      notes: { edges: [{ node: { body: null } }] },
    })
  })

  test('R91 is in the copy of the person’s data, with what staff have answered; notes, tags and history are not', async () => {
    const person = await world.person()
    const { ticketId, seen, hidden } = await handledTicket(person)
    const request = await person.api.data('mutation { requestDataExport { dataExport { id } } }')
    const { id } = request.requestDataExport.dataExport
    await world.do(makeDataExport, { dataExportId: idOf('data_export', id)! })
    const { createDataExportLink } = await person.api.data(
      'mutation ($id: ID!) { createDataExportLink(input: { dataExportId: $id }) { url } }',
      { id },
    )
    const response = await fetch(`${world.portico.url}${new URL(createDataExportLink.url).pathname}`)
    const files = await unzip(Buffer.from(await response.arrayBuffer()))
    const text = JSON.stringify(files)
    for (const word of Object.values(seen)) expect(text).toContain(word)
    for (const word of Object.values(hidden)) expect(text).not.toContain(word)
    const { tables } = JSON.parse(files['data.json']!) as { tables: { table: string; rows: object[] }[] }
    const rowsOf = (name: string) => tables.find(({ table }) => table === name)?.rows
    expect(rowsOf('tickets')).toMatchObject([{ id: idOf('ticket', ticketId), status: 'pending' }])
    expect(rowsOf('ticket_messages')).toHaveLength(2)
    for (const name of ['ticket_notes', 'ticket_changes', 'ticket_words'])
      expect(rowsOf(name)).toBeUndefined()
    expect(JSON.stringify(rowsOf('tickets'))).not.toMatch(/priority|assignee|tags|dueAt/)
  })

  test('R93 goes as a whole where the person is erased, and so do the words by which it was found', async () => {
    const person = await world.person()
    const { ticketId } = await handledTicket(person)
    const left = async () =>
      (
        await world.db.query<{ count: number }>(
          `SELECT (SELECT count(*) FROM tickets WHERE user_id = $1)::int + (SELECT count(*) FROM ticket_messages WHERE user_id = $1)::int
             + (SELECT count(*) FROM ticket_notes WHERE user_id = $1)::int + (SELECT count(*) FROM ticket_changes WHERE user_id = $1)::int
             + (SELECT count(*) FROM ticket_words WHERE user_id = $1)::int AS count`,
          [person.id],
        )
      )[0]!.count
    expect(await left()).toBeGreaterThan(8)
    await world.db.transaction((tx) => eraseRows(tx, person.id, tx.now))
    expect(await left()).toBe(0)
    expect(await findRemains(world.db, person.id)).toEqual([])
    const { ticket } = await (
      await agent()
    ).api.data('query ($id: ID!) { ticket(id: $id) { id } }', {
      id: ticketId,
    })
    expect(ticket).toBeNull()
  })

  test('R95 is kept for two years after it is closed, and longer under a legal hold', async () => {
    const [person, held] = [await world.person(), await world.person()]
    const staff = await agent()
    const [over, open, kept] = [
      await ticketOf(world, person),
      await ticketOf(world, person),
      await ticketOf(world, held),
    ]
    await legalHoldOn(world, held)
    for (const ticketId of [over, kept]) await act(staff, 'updateTicket', { ticketId, status: 'CLOSED' })
    const there = async () => {
      const rows = await world.db.query<{ id: string }>('SELECT id FROM tickets WHERE id = ANY($1)', [
        [over, open, kept].map((id) => idOf('ticket', id)),
      ])
      return rows.map(({ id }) => id).sort()
    }
    const ids = (...globalIds: string[]) => globalIds.map((id) => idOf('ticket', id)!).sort()
    world.clock.advance(729 * DAY)
    await world.do(forgetOldTickets, {})
    expect(await there()).toEqual(ids(over, open, kept))
    world.clock.advance(3 * DAY)
    await world.do(forgetOldTickets, {})
    expect(await there()).toEqual(ids(open, kept))
    const [words] = await world.db.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ticket_words WHERE ticket_id = $1',
      [idOf('ticket', over)],
    )
    expect(words!.count).toBe(0)
  })
})

describe('staff who read tickets', () => {
  test('see of the person what their permissions show, and no more', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const contact = await world.person({ permissions: ['tickets:answer', 'users:read-contact'] })
    const id = await ticketOf(world, person)
    const ASK = 'query ($id: ID!) { ticket(id: $id) { person { username email roles { name } } } }'
    const asked = await staff.api.send(ASK, { id })
    expect(asked.data.ticket.person).toEqual({ username: person.username, email: null, roles: null })
    expect(asked.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    const { data } = await contact.api.send(ASK, { id })
    expect(data.ticket.person).toEqual({ username: person.username, email: person.email, roles: null })
  })

  test('R55 are noted in the person’s access log, and notes look there like the ticket', async () => {
    const [person, staff, other] = [await world.person(), await agent(), await agent()]
    const id = await ticketOf(world, person)
    const noted = await noteIn(world, id, staff)
    await staff.api.data('query ($id: ID!) { ticket(id: $id) { subject } }', { id })
    await other.api.data('query ($id: ID!) { node(id: $id) { ... on TicketNote { body } } }', { id: noted })
    await until(async () => (await logOf(person)).length >= 2)
    const log = await logOf(person)
    for (const reader of [staff, other])
      expect(log.filter((entry) => entry.reader.id === reader.globalId).map(({ fields }) => fields)).toEqual([
        ['Ticket'],
      ])
  })

  test('R94 find nothing of somebody whose data is kept and no more, but those who handle such requests', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const privacy = await world.person({ permissions: ['tickets:answer', 'privacy:manage'] })
    const id = await ticketOf(world, person)
    await restricted(world, person)
    const ASK =
      'query ($id: ID!, $person: ID!) { ticket(id: $id) { id } tickets(filter: { personId: $person }) { totalCount } }'
    const variables = { id, person: person.globalId }
    expect(await staff.api.data(ASK, variables)).toEqual({ ticket: null, tickets: { totalCount: 0 } })
    expect(await privacy.api.data(ASK, variables)).toEqual({ ticket: { id }, tickets: { totalCount: 1 } })
    expect((await person.api.data('query ($id: ID!) { ticket(id: $id) { id } }', { id })).ticket).toEqual({
      id,
    })
  })

  test('who act as the person read nothing of their tickets without the permission, and write nothing with any', async () => {
    const person = await world.person()
    const id = await ticketOf(world, person)
    for (const [permissions, isShown] of [
      [['users:impersonate', 'users:impersonate-write', 'users:read'], false],
      [['users:impersonate', 'users:impersonate-write', 'users:read', 'tickets:answer'], true],
    ] as const) {
      const support = await world.person({ permissions: [...permissions] })
      const started = await support.api.data(
        'mutation ($id: ID!) { startImpersonation(input: { userId: $id, reason: "Ticket 1" }) { token userErrors { code } } }',
        { id: person.globalId },
      )
      const api = new ApiClient(world.url, started.startImpersonation.token as string)
      const { ticket } = (await api.send('query ($id: ID!) { ticket(id: $id) { id } }', { id })).data
      expect(ticket).toEqual(isShown ? { id } : null)
      const { errors } = await api.send(
        'mutation ($id: ID!) { replyToTicket(input: { ticketId: $id, body: "Me." }) { userErrors { code } } }',
        { id },
      )
      expect(errors![0]!.extensions.code).toBe('FORBIDDEN')
    }
  })
})

async function logOf({ api }: Person): Promise<{ reader: { id: string }; fields: string[] }[]> {
  const { viewer } = await api.data(
    '{ viewer { accessLog(first: 50) { edges { node { reader { id } fields } } } } }',
  )
  return viewer.accessLog.edges.map(({ node }: { node: unknown }) => node)
}
