import { DAY, MINUTE, monthsLater } from '../../src/core/clock'
import { idOf } from '../../src/core/id'
import { PrivacyRequestKind } from '../../src/modules/privacy-request/privacy-request-kind'
import { PrivacyRequestService } from '../../src/modules/privacy-request/privacy-request.service'
import { tellOverdueRequests } from '../../src/modules/privacy-request/privacy-request.task'
import { columnsHolding } from '../support/database-bytes'
import { privacyRequestOf } from '../support/privacy'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const REQUEST = `id kind status purpose message outcomeNote extensionReason receivedAt dueAt extendedAt doneAt isOverdue version
  user { id } handledBy { id }`

const ACTIONS = [
  'requestRectification',
  'withdrawPrivacyRequest',
  'extendPrivacyRequest',
  'resolvePrivacyRequest',
  'refusePrivacyRequest',
] as const
type ActionName = (typeof ACTIONS)[number]

const documentOf = (action: ActionName) =>
  `mutation ($input: ${action[0]!.toUpperCase()}${action.slice(1)}Input!) {
    ${action}(input: $input) { privacyRequest { ${REQUEST} } userErrors { code message } }
  }`
const send = async (by: Person, action: ActionName, input: object) =>
  (await by.api.data(documentOf(action), { input }))[action]

/** What an action answered: `OK`, the codes of its user errors, or that of the error that refused it. */
async function outcome(by: Person, action: ActionName, input: object): Promise<string> {
  const { data, errors } = await by.api.send(documentOf(action), { input })
  if (errors) return errors[0]!.extensions.code
  const { userErrors } = data[action] as { userErrors: { code: string }[] }
  return userErrors.map(({ code }) => code).join() || 'OK'
}

const queue = async (by: Person, filter = '') =>
  (
    await by.api.data(
      `{ privacyRequests(first: 100 ${filter}) { totalCount edges { node { ${REQUEST} } } } }`,
    )
  ).privacyRequests
const idsIn = ({ edges }: { edges: { node: { id: string } }[] }) => edges.map(({ node }) => node.id)

const officer = () => world.person({ permissions: ['privacy:manage'] })
const lastMailTo = ({ email }: Person) => world.portico.mailbox!.read(email)[0]!

describe('a request about data', () => {
  test('is seen by whoever made it and by staff, is answered within a month, and its words are encrypted', async () => {
    const [person, staff] = [await world.person(), await officer()]
    const message = unique('My name is spelled wrong: ')
    const { privacyRequest, userErrors } = await send(person, 'requestRectification', { message })
    expect(userErrors).toEqual([])
    expect(privacyRequest).toMatchObject({
      kind: 'RECTIFICATION',
      status: 'RECEIVED',
      message,
      outcomeNote: null,
      dueAt: monthsLater(new Date(privacyRequest.receivedAt), 1).toISOString(),
      isOverdue: false,
      user: { id: person.globalId },
      handledBy: null,
      version: 1,
    })
    expect(lastMailTo(person).subject).toBe('We have your request about your data')
    const own = await person.api.data(`{ viewer { privacyRequests { edges { node { ${REQUEST} } } } } }`)
    expect(own.viewer.privacyRequests.edges).toEqual([{ node: privacyRequest }])
    expect(idsIn(await queue(staff))).toContain(privacyRequest.id)
    expect(await columnsHolding(world.db, message)).toEqual([])
  })

  test('is done, or refused with a reason, which the person reads and is told by mail', async () => {
    const [person, staff] = [await world.person(), await officer()]
    const done = await privacyRequestOf(world, person)
    const { privacyRequest } = await send(staff, 'resolvePrivacyRequest', {
      privacyRequestId: done,
      note: 'Corrected.',
    })
    expect(privacyRequest).toMatchObject({
      status: 'DONE',
      outcomeNote: 'Corrected.',
      doneAt: expect.any(String),
      handledBy: { id: staff.globalId },
    })
    expect(lastMailTo(person).text).toContain('Corrected.')
    const refused = await privacyRequestOf(world, person)
    await send(staff, 'refusePrivacyRequest', { privacyRequestId: refused, reason: 'It is right as it is.' })
    expect(lastMailTo(person).text).toMatch(/It is right as it is\.[^]*complain/)
    const { viewer } = await person.api.data(
      '{ viewer { privacyRequests { edges { node { status outcomeNote } } } } }',
    )
    expect(viewer.privacyRequests.edges).toContainEqual({
      node: { status: 'REFUSED', outcomeNote: 'It is right as it is.' },
    })
    for (const action of ['resolvePrivacyRequest', 'refusePrivacyRequest', 'extendPrivacyRequest'] as const) {
      const input = {
        privacyRequestId: refused,
        ...(action !== 'resolvePrivacyRequest' && { reason: 'Again.' }),
      }
      expect([action, await outcome(staff, action, input)]).toEqual([action, 'NOT_PERMITTED'])
    }
  })

  test('is extended once, by two months from when it came in, before it is due, and the person is told why', async () => {
    const [person, staff] = [await world.person(), await officer()]
    const privacyRequestId = await privacyRequestOf(world, person)
    const input = { privacyRequestId, reason: 'Much to look at.' }
    const { privacyRequest } = await send(staff, 'extendPrivacyRequest', input)
    expect(privacyRequest.dueAt).toBe(monthsLater(new Date(privacyRequest.receivedAt), 3).toISOString())
    expect(lastMailTo(person).text).toContain('Much to look at.')
    expect(await outcome(staff, 'extendPrivacyRequest', input)).toBe('NOT_PERMITTED')
    const late = await privacyRequestOf(world, person)
    await world.db.query(`UPDATE privacy_requests SET due_at = $2 WHERE id = $1`, [
      idOf('privacy_request', late),
      new Date(world.clock.now().getTime() - DAY),
    ])
    expect(await outcome(staff, 'extendPrivacyRequest', { ...input, privacyRequestId: late })).toBe(
      'NOT_PERMITTED',
    )
  })

  test('is taken back by whoever made it, and by nobody else', async () => {
    const [person, other, staff] = [await world.person(), await world.person(), await officer()]
    const input = { privacyRequestId: await privacyRequestOf(world, person) }
    expect(await outcome(other, 'withdrawPrivacyRequest', input)).toBe('NOT_FOUND')
    expect(await outcome(staff, 'withdrawPrivacyRequest', input)).toBe('NOT_FOUND')
    expect((await send(person, 'withdrawPrivacyRequest', input)).privacyRequest.status).toBe('WITHDRAWN')
    expect(await outcome(person, 'withdrawPrivacyRequest', input)).toBe('NOT_PERMITTED')
  })

  test('is answered by nobody who has made it, nor out of reach, nor on top of a change that they have not seen', async () => {
    const [staff, person] = [await officer(), await world.person()]
    const own = await privacyRequestOf(world, staff)
    expect(await outcome(staff, 'resolvePrivacyRequest', { privacyRequestId: own })).toBe('NOT_PERMITTED')
    const ofGroup = await world.person({ permissions: ['privacy:manage'], over: await world.group() })
    const privacyRequestId = await privacyRequestOf(world, person)
    expect(await outcome(ofGroup, 'resolvePrivacyRequest', { privacyRequestId })).toBe('NOT_FOUND')
    expect(idsIn(await queue(ofGroup))).toEqual([])
    const stale = { privacyRequestId, expectedVersion: 2 }
    expect(await outcome(staff, 'resolvePrivacyRequest', stale)).toBe('CONFLICT')
  })

  test('is made once where one is enough, also by two at the same moment', async () => {
    const person = await world.person()
    const requests = new PrivacyRequestService(await world.asViewer(person))
    const receive = () => requests.receive({ kind: PrivacyRequestKind.ERASURE, userId: person.id })
    const both = await Promise.allSettled([receive(), receive()])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const [open] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    await requests.withdraw(open!.id)
    await receive()
    // What is wrong about data can be many things.
    await privacyRequestOf(world, person)
    await privacyRequestOf(world, person)
  })

  test('asks for a fresh proof where somebody else could do harm with it', async () => {
    const person = await world.person()
    await world.db.query('UPDATE sessions SET authenticated_at = $2 WHERE id = $1', [
      person.sessionId,
      new Date(world.clock.now().getTime() - 11 * MINUTE),
    ])
    expect(await outcome(person, 'requestRectification', { message: 'Wrong.' })).toBe(
      'REAUTHENTICATION_REQUIRED',
    )
  })
})

describe('the queue', () => {
  test('holds what is due first before the rest, by kind, status and whether it is overdue', async () => {
    const staff = await officer()
    const [first, second] = [
      await privacyRequestOf(world, await world.person()),
      await privacyRequestOf(world, await world.person(), PrivacyRequestKind.EXPORT),
    ]
    await world.db.query(`UPDATE privacy_requests SET due_at = $2 WHERE id = $1`, [
      idOf('privacy_request', second),
      new Date(world.clock.now().getTime() - DAY),
    ])
    const all = idsIn(await queue(staff))
    expect(all.indexOf(second)).toBeLessThan(all.indexOf(first))
    expect(idsIn(await queue(staff, 'filter: { kind: EXPORT }'))).toContain(second)
    expect(idsIn(await queue(staff, 'filter: { kind: EXPORT }'))).not.toContain(first)
    const overdue = await queue(staff, 'filter: { overdue: true, status: RECEIVED }')
    expect(idsIn(overdue)).toContain(second)
    expect(idsIn(overdue)).not.toContain(first)
    expect(overdue.edges.every(({ node }: { node: { isOverdue: boolean } }) => node.isOverdue)).toBe(true)
    expect(idsIn(await queue(staff, 'filter: { overdue: false }'))).not.toContain(second)
  })

  test('tells the trail once of what is overdue', async () => {
    const person = await world.person()
    const id = await privacyRequestOf(world, person)
    await world.db.query(`UPDATE privacy_requests SET due_at = $2 WHERE id = $1`, [
      idOf('privacy_request', id),
      new Date(world.clock.now().getTime() - DAY),
    ])
    await world.do(tellOverdueRequests, {})
    await world.do(tellOverdueRequests, {})
    const told = await world.db.query(
      `SELECT subject_id, details FROM audit_events WHERE action = 'privacy-request.overdue' AND target = $1`,
      [id],
    )
    expect(told).toEqual([{ subject_id: person.id, details: { kind: 'rectification' } }])
  })
})

test.each([
  ['2026-01-15T10:00:00Z', 1, '2026-02-15T10:00:00Z'],
  ['2026-01-31T23:30:00Z', 1, '2026-02-28T23:30:00Z'],
  ['2028-01-31T00:00:00Z', 1, '2028-02-29T00:00:00Z'],
  ['2026-12-31T12:00:00Z', 1, '2027-01-31T12:00:00Z'],
  ['2026-11-30T12:00:00Z', 3, '2027-02-28T12:00:00Z'],
  ['2026-03-31T12:00:00Z', 3, '2026-06-30T12:00:00Z'],
])('%s and %i months are %s', (from, months, due) => {
  expect(monthsLater(new Date(from), months)).toEqual(new Date(due))
})
