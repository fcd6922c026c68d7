import { DAY, HOUR, later as after, MINUTE } from '../../src/core/clock'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { ApiClient } from '../support/api-client'
import { idOf, toGlobalId } from '../../src/core/id'
import { closeSolvedTickets } from '../../src/modules/ticket/ticket.task'
import { TicketStatus } from '../../src/modules/ticket/ticket-status'
import { act, answerIn, noteIn, ticketOf } from '../support/tickets'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const agent = () => world.person({ permissions: ['tickets:answer'] })

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by tests, whose assertions are the types */

const SEEN = `id number subject category status openedAt lastMessageAt solvedAt closedAt reopeningEndsAt
  person { id } openedBy { id } followUpOf { id } mergedInto { id }
  messages { totalCount edges { node { body isFromStaff author { id } } } } lastMessage { body }`
const HANDLED = `priority tags assignee { id } dueAt isOverdue firstRespondedAt firstResponseMinutes resolutionMinutes version
  notes { edges { node { body author { id } } } }
  history { edges { node { field before after changedBy { id } } } }`

const seen = async ({ api }: Pick<Person, 'api'>, id: string, selection = SEEN): Promise<any> =>
  (await api.data(`query ($id: ID!) { ticket(id: $id) { ${selection} } }`, { id })).ticket
const handled = (by: Pick<Person, 'api'>, id: string) => seen(by, id, `${SEEN} ${HANDLED}`)
const nodesOf = ({ edges }: { edges: { node: any }[] }) => edges.map(({ node }) => node)

const queue = async (
  { api }: Pick<Person, 'api'>,
  filter: object,
  orderBy: string = 'NEWEST',
): Promise<string[]> => {
  const { tickets } = await api.data(
    'query ($filter: TicketFilter, $orderBy: TicketOrder) { tickets(filter: $filter, orderBy: $orderBy, first: 100) { edges { node { id } } } }',
    { filter, orderBy },
  )
  return nodesOf(tickets).map(({ id }) => id as string)
}

const own = async ({ api }: Pick<Person, 'api'>, filter: object = {}): Promise<string[]> => {
  const { viewer } = await api.data(
    'query ($filter: OwnTicketFilter) { viewer { tickets(filter: $filter, first: 100) { edges { node { id } } } } }',
    { filter },
  )
  return nodesOf(viewer.tickets).map(({ id }) => id as string)
}

const conflict = async ({ api }: Pick<Person, 'api'>, field: string, input: object) => {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
  const { errors } = await api.send(
    `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { code } } }`,
    { input },
  )
  return errors?.[0]?.extensions
}

/** The same person, signed in anew: a session does not last as long as a ticket. */
async function later(person: Person): Promise<Person> {
  const { token } = await new SessionService(world.db).start(person.id, Transport.BEARER, 'Later')
  return { ...person, token, api: new ApiClient(world.url, token) }
}

const mailsTo = ({ email }: Person) => world.portico.mailbox!.read(email)

describe('somebody who wants help', () => {
  test('opens a ticket, is answered, replies, and says that it is solved', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const { ticket: opened } = await act(
      person,
      'openTicket',
      { subject: 'My invoice', body: 'It is wrong.', category: 'ACCOUNT' },
      `ticket { ${SEEN} }`,
    )
    expect(opened).toMatchObject({
      id: expect.stringMatching(/^ticket_/),
      number: expect.any(Number),
      subject: 'My invoice',
      category: 'ACCOUNT',
      status: 'OPEN',
      person: { id: person.globalId },
      openedBy: null,
      solvedAt: null,
      lastMessage: { body: 'It is wrong.' },
    })
    world.clock.advance(MINUTE)
    const { ticket, message } = await act(
      staff,
      'answerTicket',
      { ticketId: opened.id, body: 'Which one?' },
      'ticket { status } message { body isFromStaff author { id } }',
    )
    expect(ticket.status).toBe('PENDING')
    expect(message).toEqual({ body: 'Which one?', isFromStaff: true, author: { id: staff.globalId } })
    world.clock.advance(MINUTE)
    await act(person, 'replyToTicket', { ticketId: opened.id, body: 'The last.' })
    expect(await seen(person, opened.id, 'status')).toEqual({ status: 'OPEN' })
    await act(person, 'solveTicket', { ticketId: opened.id })
    const solved = await seen(person, opened.id)
    expect(solved).toMatchObject({ status: 'SOLVED', solvedAt: expect.any(String) })
    expect(new Date(solved.reopeningEndsAt).getTime() - new Date(solved.solvedAt).getTime()).toBe(14 * DAY)
    expect(nodesOf(solved.messages).map(({ body }: { body: string }) => body)).toEqual([
      'It is wrong.',
      'Which one?',
      'The last.',
    ])
    expect(await act(person, 'solveTicket', { ticketId: opened.id })).toMatchObject({
      userErrors: [{ code: 'NOT_PERMITTED' }],
    })
  })

  test('finds their tickets, the one in which something was said last first, by status and by words and number', async () => {
    const person = await world.person()
    const word = unique('zebra')
    const first = await ticketOf(world, person, { subject: 'Login', body: `I saw a ${word.toUpperCase()}.` })
    world.clock.advance(MINUTE)
    const second = await ticketOf(world, person, { subject: 'Crème brûlée' })
    expect(await own(person)).toEqual([second, first])
    world.clock.advance(MINUTE)
    await act(person, 'replyToTicket', { ticketId: first, body: 'More.' })
    expect(await own(person)).toEqual([first, second])
    await act(person, 'solveTicket', { ticketId: second })
    expect(await own(person, { status: ['SOLVED'] })).toEqual([second])
    expect(await own(person, { query: word })).toEqual([first])
    expect(await own(person, { query: `login ${word}` })).toEqual([first])
    expect(await own(person, { query: `login creme` })).toEqual([])
    expect(await own(person, { query: 'creme BRULEE' })).toEqual([second])
    expect(await own(person, { query: '…' })).toEqual([])
    const { number } = await seen(person, second, 'number')
    expect(await own(person, { query: `#${number}` })).toEqual([second])
    expect(await own(await world.person(), { query: word })).toEqual([])
  })

  test('takes a ticket up again within 14 days; after that, and where it is closed, what they say begins another', async () => {
    const [newcomer, staff] = [await world.person(), await agent()]
    let person = newcomer
    const [early, late, closed] = [
      await ticketOf(world, person),
      await ticketOf(world, person, { subject: 'Lamp' }),
      await ticketOf(world, person),
    ]
    for (const id of [early, late]) await act(staff, 'updateTicket', { ticketId: id, status: 'SOLVED' })
    await act(staff, 'updateTicket', { ticketId: closed, status: 'CLOSED' })
    world.clock.advance(14 * DAY - MINUTE)
    person = await later(person)
    const again = await act(person, 'replyToTicket', { ticketId: early, body: 'No.' }, 'ticket { id status }')
    expect(again.ticket).toEqual({ id: early, status: 'OPEN' })
    world.clock.advance(MINUTE)
    for (const [before, subject] of [
      [late, 'Lamp'],
      [closed, expect.any(String)],
    ] as const) {
      const { ticket, message } = await act(
        person,
        'replyToTicket',
        { ticketId: before, body: 'Once more.' },
        'ticket { id status subject followUpOf { id } } message { body }',
      )
      expect(ticket).toEqual({ id: expect.any(String), status: 'OPEN', subject, followUpOf: { id: before } })
      expect(ticket.id).not.toBe(before)
      expect(message).toEqual({ body: 'Once more.' })
    }
    // Until it is closed by itself, which only says what is so.
    expect(await seen(person, late, 'status')).toEqual({ status: 'SOLVED' })
    await world.do(closeSolvedTickets, {})
    expect(await seen(person, late, 'status closedAt')).toEqual({
      status: 'CLOSED',
      closedAt: expect.any(String),
    })
    expect(await seen(person, early, 'status')).toEqual({ status: 'OPEN' })
  })

  test('is told nothing of tickets of others, whatever they try', async () => {
    const [person, other] = [await world.person(), await world.person()]
    const id = await ticketOf(world, other)
    expect(await seen(person, id)).toBeNull()
    expect(await own(person)).toEqual([])
    for (const [field, input] of [
      ['replyToTicket', { ticketId: id, body: 'Mine.' }],
      ['solveTicket', { ticketId: id }],
    ] as const)
      expect((await conflict(person, field, input))?.code).toBe('NOT_FOUND')
    for (const field of ['answerTicket', 'addTicketNote'] as const)
      expect((await conflict(person, field, { ticketId: id, body: 'Mine.' }))?.code).toBe('FORBIDDEN')
  })

  test('opens so many tickets and no more', async () => {
    const person = await world.person()
    for (let count = 0; count < 10; count++)
      await act(person, 'openTicket', { subject: 'Again', body: 'And again.' })
    const refused = await conflict(person, 'openTicket', { subject: 'Again', body: 'And again.' })
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) })
    expect(await own(person)).toHaveLength(10)
  })
})

describe('staff', () => {
  test('write to somebody who cannot sign in, who is told by mail and finds it when they can', async () => {
    const [person, staff] = [await world.person(), await agent()]
    await world.suspend(person)
    const { ticket, userErrors } = await act(staff, 'openTicketFor', {
      userId: person.globalId,
      subject: 'Your account',
      body: 'We have suspended it by mistake.',
    })
    expect(userErrors).toEqual([])
    const [mail] = mailsTo(person)
    const { number } = await seen(staff, ticket.id, 'number')
    expect(mail!.subject).toBe(`We have written to you: ticket #${number}`)
    expect(mail!.link).toContain(ticket.id)
    await world.reinstate(person)
    expect(await seen(person, ticket.id)).toMatchObject({
      status: 'PENDING',
      openedBy: { id: staff.globalId },
      messages: { edges: [{ node: { body: 'We have suspended it by mistake.', isFromStaff: true } }] },
    })
    expect(
      await act(staff, 'openTicketFor', { userId: staff.globalId, subject: 'I', body: 'I.' }),
    ).toMatchObject({ userErrors: [{ code: 'NOT_PERMITTED', field: ['userId'] }] })
    const nobody = toGlobalId('user', '01900000-0000-7000-8000-000000000000')
    expect(await act(staff, 'openTicketFor', { userId: nobody, subject: 'I', body: 'I.' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', field: ['userId'] }],
    })
  })

  test('sort and assign, and find how a ticket came to where it is', async () => {
    const [person, staff, other] = [await world.person(), await agent(), await agent()]
    const id = await ticketOf(world, person)
    await act(staff, 'updateTicket', {
      ticketId: id,
      priority: 'HIGH',
      category: 'TECHNICAL',
      tags: ['Crash', 'ios', 'crash'],
      assigneeId: other.globalId,
    })
    world.clock.advance(MINUTE)
    await noteIn(world, id, other, 'Known since 4.2.')
    await act(other, 'updateTicket', { ticketId: id, assigneeId: null, status: 'ON_HOLD' })
    const ticket = await handled(staff, id)
    expect(ticket).toMatchObject({
      priority: 'HIGH',
      category: 'TECHNICAL',
      tags: ['crash', 'ios'],
      assignee: null,
      status: 'ON_HOLD',
      version: 3,
    })
    expect(nodesOf(ticket.notes)).toEqual([{ body: 'Known since 4.2.', author: { id: other.globalId } }])
    const by = (who: Person) => ({ id: who.globalId })
    const byField = (one: { field: string }, another: { field: string }) =>
      one.field < another.field ? -1 : 1
    const history = nodesOf(ticket.history)
    expect(history.slice(0, 4).sort(byField)).toEqual([
      { field: 'ASSIGNEE', before: null, after: other.globalId, changedBy: by(staff) },
      { field: 'CATEGORY', before: 'OTHER', after: 'TECHNICAL', changedBy: by(staff) },
      { field: 'PRIORITY', before: 'NORMAL', after: 'HIGH', changedBy: by(staff) },
      { field: 'TAGS', before: null, after: 'crash, ios', changedBy: by(staff) },
    ])
    expect(history.slice(4).sort(byField)).toEqual([
      { field: 'ASSIGNEE', before: other.globalId, after: null, changedBy: by(other) },
      { field: 'STATUS', before: 'OPEN', after: 'ON_HOLD', changedBy: by(other) },
    ])
    // What is so already is no change.
    await act(other, 'updateTicket', { ticketId: id, status: 'ON_HOLD', tags: ['crash', 'ios'] })
    expect(await seen(staff, id, 'version')).toEqual({ version: 3 })
  })

  test('learn of a change that came between, with how the ticket stands', async () => {
    const [person, staff, other] = [await world.person(), await agent(), await agent()]
    const id = await ticketOf(world, person)
    await act(other, 'updateTicket', { ticketId: id, priority: 'URGENT', assigneeId: other.globalId })
    for (const [field, input] of [
      ['answerTicket', { body: 'Hello.' }],
      ['updateTicket', { status: 'SOLVED' }],
    ] as const)
      expect(await conflict(staff, field, { ticketId: id, expectedVersion: 1, ...input })).toMatchObject({
        code: 'CONFLICT',
        currentVersion: 2,
        current: {
          status: 'OPEN',
          priority: 'URGENT',
          category: 'OTHER',
          assigneeId: other.globalId,
          tags: [],
        },
      })
    // A reply of the person's is one as well.
    await act(person, 'replyToTicket', { ticketId: id, body: 'Wait.' })
    expect(
      await conflict(staff, 'answerTicket', { ticketId: id, expectedVersion: 2, body: 'Done.' }),
    ).toMatchObject({ code: 'CONFLICT', currentVersion: 3 })
    expect(await seen(person, id, 'messages { totalCount }')).toEqual({ messages: { totalCount: 2 } })
  })

  test('take one ticket each, however many try at once; nobody takes what somebody has', async () => {
    const person = await world.person()
    const agents = await Promise.all(Array.from({ length: 6 }, agent))
    const id = await ticketOf(world, person)
    const claims = await Promise.all(agents.map((each) => act(each, 'claimTicket', { ticketId: id })))
    expect(claims.filter(({ ticket }) => ticket !== null)).toHaveLength(1)
    expect(claims.flatMap(({ userErrors }) => userErrors).map(({ code }: { code: string }) => code)).toEqual(
      Array.from({ length: 5 }, () => 'NOT_PERMITTED'),
    )
    const changes = await Promise.all(
      agents.map((each) =>
        conflict(each, 'updateTicket', {
          ticketId: id,
          expectedVersion: 2,
          priority: 'LOW',
          assigneeId: each.globalId,
        }),
      ),
    )
    expect(changes.filter((refused) => refused === undefined)).toHaveLength(1)
  })

  test('are given the open ticket that is due first and that nobody has, each another', async () => {
    const group = await world.group()
    const people = [await world.person(), await world.person(), await world.person()]
    await world.join(group, ...people)
    const limited = () => world.person({ permissions: ['tickets:answer'], over: group })
    const [low, urgent, high] = [
      await ticketOf(world, people[0]!),
      await ticketOf(world, people[1]!),
      await ticketOf(world, people[2]!),
    ]
    const boss = await limited()
    await act(boss, 'updateTicket', { ticketId: low, priority: 'LOW' })
    await act(boss, 'updateTicket', { ticketId: urgent, priority: 'URGENT' })
    await act(boss, 'updateTicket', { ticketId: high, priority: 'HIGH' })
    expect(await queue(boss, {}, 'DUE')).toEqual([urgent, high, low])
    expect(await queue(boss, {}, 'PRIORITY')).toEqual([urgent, high, low])
    const first = await act(boss, 'claimTicket', {})
    expect(first.ticket.id).toBe(urgent)
    const rest = await Promise.all(
      [await limited(), await limited()].map((each) => act(each, 'claimTicket', {})),
    )
    expect(new Set(rest.map(({ ticket }) => ticket?.id))).toEqual(new Set([high, low]))
    expect(await act(boss, 'claimTicket', {})).toEqual({ ticket: null, userErrors: [] })
  })

  test('assign to nobody who may not deal with it, and are told no more of them than that', async () => {
    const [person, staff] = [await world.person({ permissions: ['tickets:answer'] }), await agent()]
    const id = await ticketOf(world, person)
    const elsewhere = await world.person({ permissions: ['tickets:answer'], over: await world.group() })
    const suspended = await agent()
    await world.suspend(suspended)
    const nobody = { globalId: toGlobalId('user', '01900000-0000-7000-8000-000000000000') }
    const answers = []
    for (const { globalId } of [await world.person(), elsewhere, person, suspended, nobody])
      answers.push(await act(staff, 'updateTicket', { ticketId: id, assigneeId: globalId }))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ userErrors: [{ code: 'NOT_PERMITTED', field: ['assigneeId'] }] })
  })

  test('see in the queue whom their permission reaches, and nothing of their own', async () => {
    const [person, other] = [await world.person(), await world.person()]
    const group = await world.group(person)
    const limited = await world.person({ permissions: ['tickets:answer'], over: group })
    await world.join(group, limited)
    const [theirs, others, mine] = [
      await ticketOf(world, person),
      await ticketOf(world, other),
      await ticketOf(world, limited),
    ]
    expect(await queue(limited, {})).toEqual([theirs])
    expect(await seen(limited, others)).toBeNull()
    expect((await conflict(limited, 'answerTicket', { ticketId: others, body: 'No.' }))?.code).toBe(
      'NOT_FOUND',
    )
    expect((await conflict(limited, 'answerTicket', { ticketId: mine, body: 'No.' }))?.code).toBe('NOT_FOUND')
    expect((await conflict(limited, 'claimTicket', { ticketId: mine }))?.code).toBe('NOT_FOUND')
    // Whoever loses the permission meanwhile has lost it.
    await world.db.query('DELETE FROM role_grants WHERE user_id = $1', [limited.id])
    expect((await conflict(limited, 'answerTicket', { ticketId: theirs, body: 'No.' }))?.code).toBe(
      'FORBIDDEN',
    )
  })

  test('filter the queue, each condition by itself and all of them together', async () => {
    const person = await world.person()
    let staff = await agent()
    const word = unique('giraffe')
    const [plain, sorted] = [await ticketOf(world, person), await ticketOf(world, person)]
    await act(staff, 'updateTicket', {
      ticketId: sorted,
      status: 'ON_HOLD',
      priority: 'URGENT',
      category: 'PRIVACY',
      tags: ['gdpr', 'export'],
      assigneeId: staff.globalId,
    })
    await noteIn(world, sorted, staff, `Like that ${word}.`)
    const personId = person.globalId
    const conditions = {
      status: ['ON_HOLD'],
      priority: 'URGENT',
      category: 'PRIVACY',
      tags: ['GDPR', 'export'],
      assigneeId: staff.globalId,
      isAssigned: true,
      query: word,
    }
    for (const [name, value] of Object.entries(conditions))
      expect([name, await queue(staff, { personId, [name]: value })]).toEqual([name, [sorted]])
    expect(await queue(staff, { personId, ...conditions })).toEqual([sorted])
    expect(await queue(staff, { personId, isAssigned: false })).toEqual([plain])
    expect(await queue(staff, { personId, tags: ['gdpr', 'other'] })).toEqual([])
    expect(await queue(staff, { personId, isOverdue: true })).toEqual([])
    world.clock.advance(2 * HOUR)
    staff = await later(staff)
    expect(await queue(staff, { personId, isOverdue: true })).toEqual([sorted])
    expect(await queue(staff, { personId, isOverdue: false })).toEqual([plain])
    expect(await handled(staff, sorted)).toMatchObject({ isOverdue: true, dueAt: expect.any(String) })
    await answerIn(world, sorted, staff)
    // Until the person has answered nothing of it is late.
    world.clock.advance(30 * DAY)
    expect(await handled(await later(staff), sorted)).toMatchObject({
      isOverdue: false,
      dueAt: null,
      firstResponseMinutes: 120,
      resolutionMinutes: null,
    })
  })

  test('change nothing about what is closed', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const id = await ticketOf(world, person)
    await act(staff, 'updateTicket', { ticketId: id, status: 'CLOSED' })
    for (const [field, input] of [
      ['answerTicket', { body: 'Hello.' }],
      ['addTicketNote', { body: 'Hello.' }],
      ['updateTicket', { status: 'OPEN' }],
      ['claimTicket', {}],
      ['mergeTickets', { intoTicketId: await ticketOf(world, person) }],
    ] as const)
      expect((await act(staff, field, { ticketId: id, ...input }, '')).userErrors).toMatchObject([
        { code: 'NOT_PERMITTED', field: ['ticketId'] },
      ])
  })

  test('let two tickets of one person go on as one, whose words both find it', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const [word, noted] = [unique('otter'), unique('badger')]
    const [from, into] = [
      await ticketOf(world, person, { subject: 'First', body: `An ${word}.` }),
      await ticketOf(world, person, { subject: 'Second' }),
    ]
    await noteIn(world, from, staff, noted)
    await act(staff, 'updateTicket', { ticketId: from, tags: ['one', 'two'] })
    await act(staff, 'updateTicket', { ticketId: into, tags: ['two', 'three'] })
    await act(staff, 'mergeTickets', { ticketId: from, intoTicketId: into })
    expect(await handled(staff, into)).toMatchObject({
      status: 'OPEN',
      tags: ['two', 'three', 'one'],
      messages: { totalCount: 2 },
      notes: { edges: [{ node: { body: noted } }] },
    })
    expect(await seen(person, from)).toMatchObject({
      status: 'CLOSED',
      mergedInto: { id: into },
      subject: 'First',
      messages: { totalCount: 0 },
    })
    expect(await own(person, { query: word })).toEqual([into])
    expect(await own(person, { query: 'first' })).toEqual([into, from])
    expect(await own(person, { query: noted })).toEqual([])
    expect(await queue(staff, { query: noted })).toEqual([into])
    // Whoever replies where they have written replies where it goes on.
    const { ticket } = await act(person, 'replyToTicket', { ticketId: from, body: 'And this.' })
    expect(ticket.id).toBe(into)
    const foreign = await ticketOf(world, await world.person())
    expect(await act(staff, 'mergeTickets', { ticketId: into, intoTicketId: foreign })).toMatchObject({
      userErrors: [{ code: 'NOT_PERMITTED', field: ['intoTicketId'] }],
    })
    expect(await act(staff, 'mergeTickets', { ticketId: into, intoTicketId: into })).toMatchObject({
      userErrors: [{ code: 'NOT_PERMITTED', field: ['intoTicketId'] }],
    })
  })

  test('read how many wait, and for how long, of those whom they reach', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => world.person()))
    let staff = await world.person({ permissions: ['tickets:answer'], over: await world.group(...people) })
    const since = world.clock.now().toISOString()
    const ids = []
    for (const person of people) ids.push(await ticketOf(world, person))
    // Of a ticket that staff have opened nobody has waited.
    await act(staff, 'openTicketFor', { userId: people[0]!.globalId, subject: 'Hello', body: 'Hello.' })
    for (const [index, id] of ids.slice(0, 3).entries()) {
      world.clock.advance((index + 1) * 10 * MINUTE)
      await answerIn(world, id, staff, { status: index === 0 ? TicketStatus.SOLVED : TicketStatus.PENDING })
    }
    const until = world.clock.now().toISOString()
    world.clock.advance(2 * DAY)
    staff = await later(staff)
    // The clock of a test goes on while it runs, and this is about minutes.
    const whole = (value: number | null) => value && Math.floor(value)
    const ask = async (span: Record<string, unknown>) => {
      const { ticketStatistics } = await staff.api.data(
        `query ($since: DateTime, $until: DateTime) { ticketStatistics(since: $since, until: $until) {
            openCount pendingCount onHoldCount solvedCount closedCount unassignedCount overdueCount
            firstResponseMedianMinutes firstResponseP90Minutes resolutionMedianMinutes resolutionP90Minutes
          } }`,
        span,
      )
      return Object.fromEntries(
        Object.entries(ticketStatistics as Record<string, number | null>).map(([name, value]) => [
          name,
          whole(value),
        ]),
      )
    }
    expect(await ask({ since, until })).toEqual({
      openCount: 2,
      pendingCount: 3,
      onHoldCount: 0,
      solvedCount: 1,
      closedCount: 0,
      unassignedCount: 5,
      overdueCount: 2,
      // 10, 30 and 60 minutes.
      firstResponseMedianMinutes: 30,
      firstResponseP90Minutes: 54,
      resolutionMedianMinutes: 10,
      resolutionP90Minutes: 10,
    })
    expect(await ask({ since: after(world.clock.now(), HOUR).toISOString() })).toMatchObject({
      openCount: 0,
      firstResponseMedianMinutes: null,
    })
  })

  test('pay as many statements for 20 tickets with their people, words and agents as for one', async () => {
    const staff = await agent()
    for (let count = 0; count < 20; count++) {
      const id = await ticketOf(world, await world.person())
      await act(staff, 'updateTicket', { ticketId: id, assigneeId: (await agent()).globalId })
    }
    const PAGE = `query ($first: Int!) { tickets(orderBy: NEWEST, first: $first) { edges { node {
      number subject status priority tags dueAt person { id username } assignee { id username } lastMessage { body author { id } }
    } } } }`
    await staff.api.data(PAGE, { first: 1 })
    // Who asks may be known from the request before.
    const count = async (first: number) =>
      (
        await world.statements(async () =>
          expect(nodesOf((await staff.api.data(PAGE, { first })).tickets)).toHaveLength(first),
        )
      ).filter((sql) => !sql.includes('token_hash')).length
    const one = await count(1)
    expect(await count(20)).toBe(one)
    expect(one).toBeLessThanOrEqual(8)
  })
})

describe('mails about tickets', () => {
  test('tell the person that there is an answer and that it is solved, and whoever deals with it of a reply; none says a word of it', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const words = [unique('subject'), unique('body'), unique('answer'), unique('reply'), unique('note')]
    const [subject, body, answer, reply, note] = words as [string, string, string, string, string]
    const id = await ticketOf(world, person, { subject, body })
    const { number } = await seen(person, id, 'number')
    await act(staff, 'claimTicket', { ticketId: id })
    await noteIn(world, id, staff, note)
    await answerIn(world, id, staff, { body: answer })
    await act(person, 'replyToTicket', { ticketId: id, body: reply })
    await answerIn(world, id, staff, { body: answer, status: TicketStatus.SOLVED })
    await act(person, 'replyToTicket', { ticketId: id, body: reply })
    await act(staff, 'updateTicket', { ticketId: id, status: 'SOLVED' })
    expect(mailsTo(person).map((mail) => mail.subject)).toEqual([
      `Ticket #${number} is solved`,
      `Ticket #${number} is solved`,
      `There is an answer to ticket #${number}`,
    ])
    expect(mailsTo(staff).map((mail) => mail.subject)).toEqual(
      Array.from({ length: 2 }, () => `There is something new in ticket #${number}`),
    )
    for (const mail of [...mailsTo(person), ...mailsTo(staff)])
      for (const word of words) expect(JSON.stringify(mail)).not.toContain(word)
  })

  test('tell whoever may not deal with it any more nothing', async () => {
    const [person, staff] = [await world.person(), await agent()]
    const id = await ticketOf(world, person)
    await act(staff, 'claimTicket', { ticketId: id })
    await world.db.query('DELETE FROM role_grants WHERE user_id = $1', [staff.id])
    await act(person, 'replyToTicket', { ticketId: id, body: 'Hello?' })
    expect(mailsTo(staff)).toEqual([])
    expect(idOf('ticket', id)).not.toBeNull()
  })
})
