import { randomUUID } from 'node:crypto'
import { authorityOf } from '../../src/core/authority'
import { newId } from '../../src/core/id'
import type { Page, PageRequest } from '../../src/core/page'
import type { Permission } from '../../src/core/permission'
import type { Database } from '../../src/db/database'
import { AuditOutcome } from '../../src/modules/audit/audit-event'
import { AuditEventRepository, type AuditEventFilter } from '../../src/modules/audit/audit-event.repository'
import { PostStatus } from '../../src/modules/post/post-status'
import { PostOrder, PostRepository, type PostFilter } from '../../src/modules/post/post.repository'
import { flatten, type Plan } from '../support/plans'
import { useWorld } from '../support/world'

const world = useWorld()

/** The index of a partitioned table that one of a partition belongs to; any other is its own. */
async function rootOf(index: string): Promise<string> {
  const [row] = await world.db.query<{ root: string }>(
    `SELECT relname AS root FROM pg_class WHERE oid = (
       SELECT coalesce(pg_partition_root(oid), oid) FROM pg_class WHERE relname = $1 AND relkind = 'i'
       ORDER BY relispartition DESC LIMIT 1)`,
    [index],
  )
  return row!.root
}

/** The partitions, by the end of their names, whose rows a plan reads. */
const partitionsIn = (plan: Plan[]): string[] =>
  plan.flatMap((node) => /^audit_events_(.*)/.exec(node['Relation Name'] ?? '')?.[1] ?? [])

/** How PostgreSQL would carry out the one statement that `work` sends, were the table too large to read or sort it whole. */
async function planOf(work: () => Promise<unknown>): Promise<Plan[]> {
  const sent = await world.sent(work)
  expect(sent).toHaveLength(1)
  const [sql, parameters] = sent[0]!
  return world.db.transaction(async (tx) => {
    for (const way of ['seqscan', 'bitmapscan', 'sort']) await tx.query(`SET LOCAL enable_${way} = off`)
    const [row] = await tx.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(`EXPLAIN (FORMAT JSON) ${sql}`, [
      ...parameters,
    ])
    return flatten(row!['QUERY PLAN'][0]!.Plan)
  })
}

const personId = newId()

/** The database as somebody has it who holds these permissions. */
const as = (permissions: Permission[]): Database => {
  const authenticatedAt = world.clock.now()
  const viewer = {
    kind: 'signed-in',
    userId: personId,
    sessionId: newId(),
    username: 'reader',
    authenticatedAt,
    ...authorityOf([{ permissions, groupId: null, requiresReason: false }]),
  } as const
  return world.db.as({ viewer, requestId: null, address: null })
}

type List = (page: PageRequest) => Promise<Pick<Page<never>, 'cursorOf'>>

const posts =
  (filter: PostFilter, order = PostOrder.NEWEST_FIRST): List =>
  (page) =>
    new PostRepository(as(['posts:moderate'])).list(filter, order, page)
const events =
  (filter: AuditEventFilter): List =>
  (page) =>
    new AuditEventRepository(as(['audit:read'])).list(filter, page)

const inbox: List = (page) => new AuditEventRepository(as([])).listSecurity(personId, page)

/** Lists, and the index along which each is read. */
const LISTS: Record<string, [index: string, list: List]> = {
  'published posts': ['posts_published_at_index', posts({})],
  'published posts, the oldest first': ['posts_published_at_index', posts({}, PostOrder.OLDEST_FIRST)],
  drafts: ['posts_created_at_index', posts({ status: PostStatus.DRAFT })],
  'drafts of one person': ['posts_author_id_index', posts({ status: PostStatus.DRAFT, authorId: personId })],
  'the trail': ['audit_events_occurred_at_index', events({})],
  'events of one actor': ['audit_events_actor_id_index', events({ actorId: personId })],
  'events about one person': ['audit_events_subject_id_index', events({ subjectId: personId })],
  'the security inbox': ['audit_events_security_index', inbox],
}

describe('R103 a page', () => {
  test.each(Object.keys(LISTS))(
    'of %s is read along an index, forwards, backwards and from a cursor, and nothing is sorted',
    async (name) => {
      const [index, list] = LISTS[name]!
      const now = world.clock.now()
      const { cursorOf } = await list({})
      const cursor = cursorOf({ id: newId(), createdAt: now, publishedAt: now, occurredAt: now } as never)
      for (const page of [
        { first: 5 },
        { last: 5 },
        { first: 5, after: cursor },
        { last: 5, before: cursor },
      ]) {
        // Whether somebody is shown at all, or blocked, is asked of an index before a row counts, or once for all.
        const isAskedOfRows = (node: Plan) =>
          node['Join Type'] === 'Anti' ||
          node['Node Type'] === 'Materialize' ||
          node['Node Type'] === 'Result' ||
          /^(users_hidden|blocks_.*)_(index|key)$/.test(node['Index Name'] ?? '')
        const plan = (await planOf(() => list(page))).filter((node) => !isAskedOfRows(node))
        // What is in partitions is merged in order, none of them read further than need be.
        const [limit, ...rest] = plan
          .map((node) => node['Node Type'])
          .filter((type) => type !== 'Merge Append')
        expect([page, limit, ...new Set(rest)]).toEqual([
          page,
          'Limit',
          expect.stringMatching(/^Index (Only )?Scan$/),
        ])
        const used = plan.flatMap((node) => node['Index Name'] ?? [])
        expect([...new Set(await Promise.all(used.map(rootOf)))]).toEqual([index])
      }
    },
  )

  test('of a month of the trail, or one event by its id, is looked for in the partition of that month alone', async () => {
    const month = (ahead: number) => {
      const now = new Date()
      return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    }
    const name = month(2).toISOString().slice(0, 7).replace('-', '_')
    const ofMonth = await planOf(() => events({ since: month(2), until: month(3) })({ first: 5 }))
    expect(partitionsIn(ofMonth)).toEqual([name])
    const id = newId(new Date((month(2).getTime() + month(3).getTime()) / 2))
    const repository = new AuditEventRepository(as(['audit:read']))
    expect(partitionsIn(await planOf(() => repository.lookup([id])))).toEqual([name])
    expect(partitionsIn(await planOf(() => repository.findSecurity(id)))).toEqual([name])
    expect(partitionsIn(await planOf(() => repository.lookup([randomUUID()])))).toHaveLength(5)
  })

  test('of the trail takes as many statements however many filters add up, and its count one', async () => {
    const now = world.clock.now()
    const people = { actorId: personId, subjectId: personId, personId }
    const filter: AuditEventFilter = {
      ...people,
      actions: ['post.created'],
      outcome: AuditOutcome.FAILURE,
      since: now,
      until: now,
    }
    await world.expectQueries(1, () => events({})({}))
    // What a filter leaves out is not read: where the first matches may be is asked by each of its conditions, in one transaction.
    await world.expectQueries(7, () => events(filter)({}))
    await world.expectQueries(1, () => new AuditEventRepository(as(['audit:read'])).count(filter))
  })
})
