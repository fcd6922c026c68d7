import { HOUR } from '../../src/core/clock'
import { isNotBlocked, isNotMuted } from '../../src/modules/block/block-condition'
import type { Condition } from '../../src/db/reach'
import { blockBy } from '../support/messages'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const BLOCK = 'kind endsAt createdAt user { id }'
const OPERATIONS = {
  blockUser: `mutation ($input: BlockUserInput!) { blockUser(input: $input) { block { ${BLOCK} } userErrors { code field } } }`,
  unblockUser:
    'mutation ($input: UnblockUserInput!) { unblockUser(input: $input) { unblockedUserId userErrors { code field } } }',
  muteUser: `mutation ($input: MuteUserInput!) { muteUser(input: $input) { block { ${BLOCK} } userErrors { code field } } }`,
  unmuteUser:
    'mutation ($input: UnmuteUserInput!) { unmuteUser(input: $input) { unmutedUserId userErrors { code field } } }',
}
type Operation = keyof typeof OPERATIONS

const send = async (by: Person, operation: Operation, input: object) =>
  (await by.api.data(OPERATIONS[operation], { input }))[operation]

const codes = async (by: Person, operation: Operation, input: object): Promise<string[]> =>
  (await send(by, operation, input)).userErrors.map(({ code }: { code: string }) => code)

const listOf = async (by: Person, list: 'blockedUsers' | 'mutedUsers', page = '') =>
  (
    await by.api.data(
      `{ viewer { ${list}${page} { totalCount pageInfo { hasNextPage endCursor } edges { node { ${BLOCK} } } } } }`,
    )
  ).viewer[list]
const namesIn = (list: { edges: { node: { user: { id: string } } }[] }) =>
  list.edges.map(({ node }) => node.user.id)

const pair = () => Promise.all([world.person(), world.person()])

/** Whether a condition holds of somebody. */
async function holds(of: (person: string) => Condition, { id }: Person): Promise<boolean> {
  const [sql, parameters] = of('person.id')
  const found = await world.portico.source
    .createQueryBuilder()
    .select('person.id', 'id')
    .from('users', 'person')
    .where('person.id = :id', { id })
    .andWhere(sql, parameters)
    .getRawMany()
  return found.length === 1
}

describe('blocking somebody', () => {
  test('is said once, listed the newest first, and taken back', async () => {
    const [person, other] = await pair()
    const { block, userErrors } = await send(person, 'blockUser', { userId: other.globalId })
    expect(userErrors).toEqual([])
    expect(block).toEqual({
      kind: 'BLOCKED',
      endsAt: null,
      createdAt: expect.any(String),
      user: { id: other.globalId },
    })
    world.clock.advance(1_000)
    expect(await send(person, 'blockUser', { userId: other.globalId })).toEqual({ block, userErrors: [] })
    const next = await blockBy(person, await world.person())
    const first = await listOf(person, 'blockedUsers', '(first: 1)')
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } })
    const second = await listOf(person, 'blockedUsers', `(first: 1, after: "${first.pageInfo.endCursor}")`)
    expect([...namesIn(first), ...namesIn(second)]).toEqual([next.globalId, other.globalId])
    for (const _twice of [1, 2])
      expect(await send(person, 'unblockUser', { userId: other.globalId })).toEqual({
        unblockedUserId: other.globalId,
        userErrors: [],
      })
    expect(namesIn(await listOf(person, 'blockedUsers'))).toEqual([next.globalId])
  })

  test('of oneself, of nobody and of whoever is not shown is refused, and changes nothing', async () => {
    const [person, hidden] = await pair()
    await world.db.query('UPDATE users SET restricted_at = now() WHERE id = $1', [hidden.id])
    for (const operation of ['blockUser', 'muteUser'] as const) {
      expect(await codes(person, operation, { userId: person.globalId })).toEqual(['NOT_PERMITTED'])
      for (const userId of ['nonsense', hidden.globalId, 'user_01890000000070008000000000'])
        expect(await codes(person, operation, { userId })).toEqual(['NOT_FOUND'])
    }
    expect(await codes(person, 'unblockUser', { userId: 'nonsense' })).toEqual(['NOT_FOUND'])
    expect(await listOf(person, 'blockedUsers')).toMatchObject({ totalCount: 0 })
    expect(await listOf(person, 'mutedUsers')).toMatchObject({ totalCount: 0 })
  })

  test('is not told to whoever is blocked: not in lists, not in their trail, not by what they see', async () => {
    const [person, other] = await pair()
    await blockBy(person, other)
    expect(
      await other.api.errorCode(`{ user(id: "${person.globalId}") { blockedUsers { totalCount } } }`),
    ).toBe('FORBIDDEN')
    const { viewer, user } = await other.api.data(
      `{ viewer { blockedUsers { totalCount } auditEvents { edges { node { action } } } } user(id: "${person.globalId}") { id } }`,
    )
    expect(viewer.blockedUsers.totalCount).toBe(0)
    expect(JSON.stringify(viewer.auditEvents)).not.toContain('block')
    expect(user).toEqual({ id: person.globalId })
  })

  test('ends at a thousand people, also when many are blocked at once', async () => {
    const [person, one, two] = [await world.person(), await world.person(), await world.person()]
    await world.db.query(
      `WITH made AS (
         INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
         SELECT gen_random_uuid(), 'many_' || n, '', 'en', 'UTC', 'active', now(), now(), 1 FROM generate_series(1, 999) n RETURNING id
       )
       INSERT INTO blocks (id, person_id, blocked_id, kind, created_at) SELECT gen_random_uuid(), $1, id, 'BLOCKED', now() FROM made`,
      [person.id],
    )
    const answers = await Promise.all(
      [one, two].map(({ globalId }) => codes(person, 'blockUser', { userId: globalId })),
    )
    expect(answers.flat()).toEqual(['NOT_PERMITTED'])
    expect(await listOf(person, 'blockedUsers')).toMatchObject({ totalCount: 1_000 })
    expect(await codes(person, 'muteUser', { userId: one.globalId })).toEqual([])
  })

  test('sent many times at once is one block', async () => {
    const [person, other] = await pair()
    await Promise.all(Array.from({ length: 8 }, () => blockBy(person, other)))
    expect(await listOf(person, 'blockedUsers')).toMatchObject({ totalCount: 1 })
  })
})

describe('muting somebody', () => {
  test('lasts until its end, which can be changed', async () => {
    const [person, other] = await pair()
    const end = (hours: number) => new Date(world.clock.now().getTime() + hours * HOUR).toISOString()
    expect(await codes(person, 'muteUser', { userId: other.globalId, until: end(-1) })).toEqual(['INVALID'])
    await send(person, 'muteUser', { userId: other.globalId, until: end(3) })
    const until = end(1)
    expect((await send(person, 'muteUser', { userId: other.globalId, until })).block.endsAt).toBe(until)
    expect(namesIn(await listOf(person, 'mutedUsers'))).toEqual([other.globalId])
    expect(await listOf(person, 'blockedUsers')).toMatchObject({ totalCount: 0 })
    world.clock.advance(2 * HOUR)
    expect(await listOf(person, 'mutedUsers')).toMatchObject({ totalCount: 0 })
  })
})

describe('what rests on it', () => {
  test('asks in SQL whether the viewer has blocked or muted somebody, at that moment', async () => {
    const [person, other] = await pair()
    const { viewer } = (await world.asViewer(person)).caller
    const blocked = (column: string) => isNotBlocked(viewer, column)
    const muted = (column: string) => isNotMuted(viewer, column, world.clock.now())
    expect([await holds(blocked, other), await holds(muted, other)]).toEqual([true, true])
    await blockBy(person, other)
    expect([await holds(blocked, other), await holds(muted, other)]).toEqual([false, true])
    await send(person, 'muteUser', {
      userId: other.globalId,
      until: new Date(world.clock.now().getTime() + HOUR).toISOString(),
    })
    await send(person, 'unblockUser', { userId: other.globalId })
    expect([await holds(blocked, other), await holds(muted, other)]).toEqual([true, false])
    world.clock.advance(2 * HOUR)
    expect(await holds(muted, other)).toBe(true)
    const { viewer: back } = (await world.asViewer(other)).caller
    expect(await holds((column) => isNotBlocked(back, column), person)).toBe(true)
  })
})
