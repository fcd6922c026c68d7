import { DAY, later } from '../../src/core/clock'
import { newId } from '../../src/core/id'
import { forgetAuditAddresses } from '../../src/modules/retention/retention.task'
import { columnsHolding } from '../support/database-bytes'
import { erased } from '../support/privacy'
import { useWorld, type Person } from '../support/world'

const world = useWorld({ TRUSTED_PROXIES: '127.0.0.1,::1' })

const LIST = `query ($filter: AuditEventFilter, $first: Int, $last: Int, $after: String, $before: String) {
  auditEvents(filter: $filter, first: $first, last: $last, after: $after, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { id action severity outcome } }
  } }`
const OWN = `query ($filter: AuditEventFilter) { viewer { auditEvents(filter: $filter, first: 100) {
  totalCount edges { node { id action } } } } }`

interface Node {
  id: string
  action: string
  severity: string
  outcome: string
}
interface List {
  totalCount: number
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
  edges: { node: Node }[]
}
const nodesOf = ({ edges }: Pick<List, 'edges'>) => edges.map(({ node }) => node)
const actionsOf = (list: Pick<List, 'edges'>) => nodesOf(list).map(({ action }) => action)

let auditor: Person
beforeAll(async () => {
  auditor = await world.person({ permissions: ['audit:read'] })
})

const search = async (filter: object, page: object = { first: 100 }): Promise<List> =>
  (await auditor.api.data(LIST, { filter, ...page })).auditEvents

/** Somebody who has changed their profile from each of these addresses. */
async function seenAt(...addresses: string[]): Promise<Person> {
  // Reading people is not reading the trail.
  const person = await world.person({ permissions: ['users:read'] })
  for (const [index, address] of addresses.entries())
    await person.api
      .with({ 'x-forwarded-for': address })
      .data(`mutation { updateProfile(input: { bio: "Bio ${index}." }) { userErrors { code } } }`)
  return person
}

/** An address that nobody else has, of a network of its own. */
let networks = 0
const newAddress = (): string => `203.${networks % 256}.${100 + Math.floor(networks++ / 256)}.7`

describe('R85 filtering the trail by address', () => {
  test('finds what came from it, however it is written, and what came from its network', async () => {
    const address = newAddress()
    const neighbour = address.replace(/7$/, '8')
    const person = await seenAt(address, neighbour, `::ffff:${address}`)
    const found = async (sought: string) =>
      (await search({ actorId: person.globalId, address: sought })).totalCount
    expect(await found(address)).toBe(2)
    expect(await found(`::ffff:${address}`)).toBe(2)
    expect(await found(neighbour)).toBe(1)
    expect(await found(address.replace(/7$/, '0/24'))).toBe(3)
    expect(await found(address.replace(/7$/, '9'))).toBe(0)
    expect(await found(newAddress())).toBe(0)
    const v6 = await seenAt('2001:db8:77::1', '2001:db8:77:1::2')
    expect((await search({ actorId: v6.globalId, address: '2001:0db8:0077::0001' })).totalCount).toBe(1)
    expect((await search({ actorId: v6.globalId, address: '2001:db8:77::/48' })).totalCount).toBe(2)
  })

  test('refuses what is no address, and networks of another size', async () => {
    for (const address of [
      'nonsense',
      '203.0.113.0/25',
      '203.0.113.0/',
      '2001:db8::/64',
      '1.2.3.4/24/24',
      '',
      'fe80::1%eth0',
    ])
      expect([address, await auditor.api.errorCode(LIST, { filter: { address } })]).toEqual([
        address,
        'BAD_USER_INPUT',
      ])
  })

  test('R57 tells nobody where somebody was who acted on them', async () => {
    const [there, here] = [newAddress(), newAddress()]
    const admin = await world.person({ role: 'admin' })
    const person = await seenAt(here)
    await admin.api
      .with({ 'x-forwarded-for': there })
      .data(
        'mutation ($id: ID!) { updateUser(input: { userId: $id, displayName: "Other" }) { userErrors { code } } }',
        {
          id: person.globalId,
        },
      )
    const own = async (filter: object) => (await person.api.data(OWN, { filter })).viewer.auditEvents as List
    expect(actionsOf(await own({ subjectId: person.globalId, address: here }))).toEqual(['profile.updated'])
    expect(await own({ address: there })).toEqual({ totalCount: 0, edges: [] })
    expect(actionsOf(await search({ subjectId: person.globalId, address: there }))).toEqual([
      'profile.updated',
    ])
  })

  test('finds nothing any more of somebody who was erased, whose events stay', async () => {
    const address = newAddress()
    const person = await seenAt(address)
    expect((await search({ address })).totalCount).toBe(1)
    await erased(world, person)
    expect((await search({ address })).totalCount).toBe(0)
    expect((await search({ actorId: person.globalId, actions: ['profile.updated'] })).totalCount).toBe(1)
    expect(await world.db.query('SELECT FROM audit_addresses WHERE owner_id = $1', [person.id])).toEqual([])
  })

  test('finds nothing that is older than two years', async () => {
    const address = newAddress()
    const person = await seenAt(address)
    await world.db.query('UPDATE audit_addresses SET occurred_at = $2 WHERE owner_id = $1', [
      person.id,
      later(world.clock.now(), -731 * DAY),
    ])
    await world.do(forgetAuditAddresses, {})
    expect(await world.db.query('SELECT FROM audit_addresses WHERE owner_id = $1', [person.id])).toEqual([])
  })

  test('leaves the address in no column in clear, neither of what it finds nor of who looked for it', async () => {
    const address = newAddress()
    await seenAt(address)
    await search({ address })
    expect(await columnsHolding(world.db, address)).toEqual([])
    const { edges } = (
      await auditor.api.data(
        '{ viewer { auditEvents(filter: { actions: ["audit.read"] }, first: 20) { edges { node { details } } } } }',
      )
    ).viewer.auditEvents as { edges: { node: { details: { address?: string } } }[] }
    expect(edges.map(({ node }) => node.details.address)).toContain(address)
  })
})

describe('R85 filtering the trail', () => {
  test('by request finds all that happened in it', async () => {
    const person = await world.person()
    const { headers } = await person.api.send(
      'mutation { updateProfile(input: { bio: "Once." }) { userErrors { code } } }',
    )
    const found = await search({ requestId: headers.get('x-request-id') })
    expect(actionsOf(found)).toEqual(['profile.updated'])
    expect((await search({ requestId: newId() })).totalCount).toBe(0)
    expect((await search({ requestId: headers.get('x-request-id'), outcome: 'FAILURE' })).totalCount).toBe(0)
  })

  test('by severity, outcome and action leaves what all of them leave, and tells the severity', async () => {
    const person = await world.person()
    await person.api.data(
      'mutation { reauthenticate(input: { password: "not this one, I fear" }) { userErrors { code } } }',
    )
    await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    const personId = person.globalId
    const warnings = await search({ personId, severities: ['WARNING'] })
    expect(nodesOf(warnings)).toMatchObject([
      { action: 'session.reauthentication-failed', severity: 'WARNING', outcome: 'FAILURE' },
    ])
    expect(
      actionsOf(
        await search({ personId, severities: ['INFO'], actions: ['profile.updated', 'role.granted'] }),
      ),
    ).toEqual(['profile.updated'])
    expect(
      actionsOf(await search({ personId, severities: ['WARNING', 'CRITICAL'], outcome: 'SUCCESS' })),
    ).toEqual([])
    expect(actionsOf(await search({ personId, severities: [] }))).toEqual([])
    const all = await search({ personId })
    const bySeverity = await search({ personId, severities: ['INFO', 'NOTICE', 'WARNING', 'CRITICAL'] })
    expect(nodesOf(bySeverity)).toEqual(nodesOf(all))
  })

  test.each([
    ['a person', (person: Person) => ({ personId: person.globalId })],
    [
      'a person and severities',
      (person: Person) => ({ personId: person.globalId, severities: ['INFO', 'NOTICE'] }),
    ],
    ['an address', (_: Person, address: string) => ({ address })],
    [
      'an actor, from an address',
      (person: Person, address: string) => ({ actorId: person.globalId, address }),
    ],
  ])('pages forwards and backwards through all of it: %s', async (_name, filterOf) => {
    const address = newAddress()
    const filter = filterOf(await seenAt(...Array.from({ length: 5 }, () => address)), address)
    const whole = nodesOf(await search(filter))
    expect(whole.length).toBeGreaterThanOrEqual(5)
    expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length)
    const forwards: Node[] = []
    for (let after: string | null = null; ;) {
      const page: List = await search(filter, { first: 2, after })
      forwards.push(...nodesOf(page))
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor
    }
    const backwards: Node[] = []
    for (let before: string | null = null; ;) {
      const page: List = await search(filter, { last: 2, before })
      backwards.unshift(...nodesOf(page))
      if (!page.pageInfo.hasPreviousPage) break
      before = page.pageInfo.startCursor
    }
    expect(forwards).toEqual(whole)
    expect(backwards).toEqual(whole)
  })
})
