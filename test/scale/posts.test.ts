import { toGlobalId } from '../../src/core/id'
import { toCursor } from '../../src/core/page'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { ApiClient } from '../support/api-client'
import {
  ANSWERED,
  CASE,
  COMMENT,
  idOf,
  makeManyPosts,
  NOBODY_MUCH,
  POST,
  SINGLE,
  THREAD,
  USER,
  WORDS,
  WRITER,
} from '../support/many-posts'
import { explain, flatten, type Plan } from '../support/plans'
import { useWorld } from '../support/world'

const world = useWorld()

const report = (text: string) => process.stderr.write(text)

/** Whoever reads: a stranger, somebody who keeps others out of their lists, one who has written very much, and a moderator. */
const readers = {} as Record<'stranger' | 'member' | 'writer' | 'moderator', ApiClient>

beforeAll(async () => {
  await makeManyPosts(world.portico.config.databaseOwnerUrl!, world.clock.now(), report)
  const member = await world.person()
  await world.db.query(
    `INSERT INTO blocks (id, person_id, blocked_id, kind, created_at)
     SELECT gen_random_uuid(), $1, id, CASE WHEN random() < 0.5 THEN 'BLOCKED' ELSE 'MUTED' END, now() FROM users
     WHERE username ~ '^user[1-9]*7$' LIMIT 100`,
    [member.id],
  )
  const { token } = await world.db.transaction(async (tx) => {
    await new RoleGrantService(tx).grantBuiltIn(idOf(USER, WRITER), 'user')
    return new SessionService(tx).start(idOf(USER, WRITER), Transport.BEARER, 'Test device')
  })
  Object.assign(readers, {
    stranger: world.anonymous,
    member: member.api,
    writer: new ApiClient(world.url, token),
    moderator: (await world.person({ role: 'manager' })).api,
  })
}, 600_000)

/** What is asked of the database, besides who is asking. */
const CONTENT = /\b(?:posts|comments|threads|mentions|reactions|reaction_counts|moderation_cases|reports)\b/

/** Tables that are never read from one end to the other. */
const LARGE = /^(?:posts|comments|threads|mentions|reactions|reaction_counts|moderation_cases|reports|users)$/

interface Bounds {
  /** Rows and entries of indexes that are looked at. */
  rows?: number
  /** Rows that are sorted at once. */
  sorted?: number
}

interface List {
  reader?: keyof typeof readers
  query: string
  variables?: Record<string, unknown>
  /** The index along which it is read, or by which rows are found. */
  index: RegExp
  bounds?: Bounds
  /** How many items the page has; 20 where nothing is said. */
  items?: number
}

/**
 * How many people are hidden from whoever reads. PostgreSQL asks about each author, or reads all of these once where the figures it has
 * drawn at random say that this is cheaper.
 */
const hiddenFrom = (reader: keyof typeof readers): number => (reader === 'moderator' ? 20_000 : 1_000)

/** How often each statement is carried out; its best time is printed. */
const ROUNDS = 10

const rowsOf = (node: Plan): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']

const sortedBy = (node: Plan): number =>
  node['Node Type'].endsWith('Sort') && node['Node Type'] !== 'Incremental Sort'
    ? Math.max(...(node.Plans ?? []).map((input) => input['Actual Rows']))
    : 0

const times: { line: string; time: number }[] = []
afterAll(() => {
  const late = times.filter(({ time }) => time >= 10)
  report(
    `${late.length} of ${times.length} pages took 10 ms or more:\n${late.map(({ line }) => line).join('')}`,
  )
})

/** Reads a page through the API, and says what its statements cost in the database once it is warm and prepared. */
async function read(name: string, list: List): Promise<void> {
  const { reader = 'member', query, variables, index, bounds = {}, items = 20 } = list
  const ask = () => readers[reader].data(query, variables)
  let answer: unknown
  const sent = await world.sent(async () => (answer = await ask()))
  const content = sent.filter(([sql]) => CONTENT.test(sql) || sql.startsWith('SET LOCAL'))
  const explained = await explain(world, content, ROUNDS)
  const milliseconds = explained.reduce((sum, one) => sum + one['Execution Time'], 0)
  const nodes = explained.flatMap(({ Plan: plan }) => flatten(plan))
  // What is merely kept for the next step has been counted where it was read.
  const scans = nodes.filter(
    (node) => node['Relation Name'] !== undefined || node['Index Name'] !== undefined,
  )
  const rows = Math.round(scans.reduce((sum, node) => sum + rowsOf(node), 0))
  const sorted = Math.max(0, ...nodes.map(sortedBy))
  const each = explained.map((one) => one['Execution Time'].toFixed(1)).join(' + ')
  const line = `${milliseconds.toFixed(1).padStart(7)} ms ${String(rows).padStart(7)} rows ${String(sorted).padStart(6)} sorted  ${name} (${each})\n`
  report(line)
  times.push({ line, time: milliseconds })
  const found = JSON.stringify(answer).split('"item"').length - 1
  expect([name, found]).toEqual([name, items])
  const readWhole = nodes
    .filter((node) => node['Node Type'].endsWith('Seq Scan') && LARGE.test(node['Relation Name']!))
    .map((node) => node['Relation Name'])
  expect([name, readWhole]).toEqual([name, []])
  expect(nodes.map((node) => node['Index Name']).join()).toMatch(index)
  const within = (what: number, bound: number) => (what <= bound ? what : `at most ${bound}`)
  expect([name, { rows, sorted }]).toEqual([
    name,
    {
      rows: within(rows, (bounds.rows ?? 1_000) + hiddenFrom(reader)),
      sorted: within(sorted, bounds.sorted ?? 100),
    },
  ])
}

const id = {
  user: (number: number) => toGlobalId('user', idOf(USER, number)),
  post: (number: number) => toGlobalId('post', idOf(POST, number)),
  comment: (number: number) => toGlobalId('comment', idOf(COMMENT, number)),
}

/** The place of a row in a list, by the columns of its order. */
async function cursorAt(
  list: string,
  table: string,
  rowId: string,
  columns: readonly string[],
): Promise<string> {
  const [row] = await world.db.query<Record<string, unknown>>(
    `SELECT ${columns.map((column, index) => `${column} AS c${index}`).join()} FROM ${table} WHERE id = $1`,
    [rowId],
  )
  return toCursor(
    list,
    columns.map((_, index) => {
      const value = row![`c${index}`]
      return value instanceof Date ? value.getTime() : value
    }),
  )
}

const PAGE = 'edges { item: __typename node { id } } pageInfo { hasNextPage hasPreviousPage }'
const pageOf = (list: string) => `{ ${list} { ${PAGE} } }`

describe('posts', () => {
  const published = (number: number, order = '-') =>
    cursorAt(`post${order}publishedAt,id`, 'posts', idOf(POST, number), ['published_at', 'id'])

  test('the feed, with authors, counts, reactions and the first comments', async () => {
    await read('the feed', {
      query: `{ posts(first: 20) { edges { item: __typename node {
        id title excerpt author { username } commentCount reactions { kind count viewerHasReacted }
        comments(first: 3) { edges { node { bodyHtml author { username } mentions { id } reactions { count } replies(first: 2) { edges { node { id } } } } } }
      } } } }`,
      index: /posts_published_at_index/,
      bounds: { rows: 2_500 },
    })
  })

  test('at either end and in the middle, for whoever reads', async () => {
    for (const reader of ['stranger', 'member', 'writer', 'moderator'] as const) {
      const index = /posts_published_at_index/
      const after = await published(500_000)
      await read(`all, for a ${reader}`, { reader, index, query: pageOf('posts') })
      await read(`the oldest, for a ${reader}`, {
        reader,
        index,
        query: pageOf('posts(orderBy: OLDEST_FIRST)'),
      })
      await read(`the last, for a ${reader}`, { reader, index, query: pageOf('posts(last: 20)') })
      await read(`after half of them, for a ${reader}`, {
        reader,
        index,
        query: pageOf(`posts(after: "${after}")`),
      })
      await read(`before half of them, for a ${reader}`, {
        reader,
        index,
        query: pageOf(`posts(last: 20, before: "${after}")`),
      })
    }
  })

  test('of one author', async () => {
    const after = await published(500_003)
    const index = /posts_author_published_at_index/
    const of = (number: number) => `filter: { authorId: "${id.user(number)}" }`
    await read('of who has written very much', { index, query: pageOf(`posts(${of(WRITER)})`) })
    await read('of the same, after half of them', {
      index,
      query: pageOf(`posts(${of(WRITER)}, after: "${after}")`),
    })
    await read('of the same, by way of the person', {
      index,
      query: `{ user(id: "${id.user(WRITER)}") { ${pageOf('posts').slice(1, -1)} } }`,
    })
    await read('of who has written little', { index, query: pageOf(`posts(${of(NOBODY_MUCH)})`) })
  })

  test('with a tag', async () => {
    const after = await published(500_000)
    const index = /posts_search_index/
    const tagged = (tag: string) => `filter: { tag: "${tag}" }`
    await read('with the tag of half of them', { index, query: pageOf(`posts(${tagged('news')})`) })
    await read('with it, after half', { index, query: pageOf(`posts(${tagged('news')}, after: "${after}")`) })
    await read('with the tag of a hundredth', {
      index,
      query: pageOf(`posts(${tagged('photo')})`),
      bounds: { rows: 5_000 },
    })
    await read('with it, after half', {
      index,
      query: pageOf(`posts(${tagged('photo')}, after: "${after}")`),
      bounds: { rows: 5_000 },
    })
    await read('with a tag of forty', { index, query: pageOf(`posts(${tagged('eclipse')})`) })
    await read('with a tag of none', { index, query: pageOf(`posts(${tagged('nowhere')})`), items: 0 })
    await read('with a frequent tag, of one author', {
      index: /posts_author_published_at_index/,
      query: pageOf(`posts(filter: { tag: "news", authorId: "${id.user(WRITER)}" })`),
      items: 20,
    })
  })

  test('archived, drafts, scheduled, removed, and in the trash', async () => {
    const own = `authorId: "${id.user(WRITER)}"`
    await read('archived', {
      index: /posts_archived_published_at_index/,
      query: pageOf('posts(filter: { status: ARCHIVED })'),
    })
    for (const [status, reader] of [
      ['DRAFT', 'moderator'],
      ['SCHEDULED', 'moderator'],
      ['REMOVED', 'moderator'],
      ['HELD', 'moderator'],
      ['DRAFT', 'member'],
    ] as const)
      await read(`${status}, for a ${reader}`, {
        reader,
        index: /posts_/,
        query: pageOf(`posts(filter: { status: ${status} })`),
        bounds: { rows: 5_000 },
        items: reader === 'moderator' ? 20 : 0,
      })
    for (const status of ['DRAFT', 'SCHEDULED', 'REMOVED', 'HELD', 'ARCHIVED'])
      await read(`one's own ${status}`, {
        reader: 'writer',
        index: /posts_/,
        query: pageOf(`posts(filter: { status: ${status}, ${own} })`),
      })
    const trash = { index: /posts_(author_id_)?deleted_at_index/, query: pageOf('trashedPosts') }
    await read('in the trash of who has written very much', {
      ...trash,
      reader: 'writer',
      bounds: { rows: 5_000 },
    })
    await read('in an empty trash', { ...trash, reader: 'member', items: 0 })
  })
})

describe('comments', () => {
  const place = (number: number) =>
    cursorAt('comment+createdAt,id', 'comments', idOf(COMMENT, number), ['created_at', 'id'])
  const said = (list: string) => `{ post(id: "${id.post(THREAD)}") { commentCount ${list} { ${PAGE} } } }`
  const answers = (list: string) =>
    `{ comment(id: "${id.comment(ANSWERED)}") { replyCount ${list} { ${PAGE} } } }`

  test('of a million to one post', async () => {
    const index = /comments_post_id_index/
    const middle = await place(550_000)
    for (const reader of ['stranger', 'member', 'moderator'] as const) {
      await read(`the oldest, for a ${reader}`, { reader, index, query: said('comments(first: 20)') })
      await read(`the newest, for a ${reader}`, { reader, index, query: said('comments(last: 20)') })
      await read(`after half of them, for a ${reader}`, {
        reader,
        index,
        query: said(`comments(first: 20, after: "${middle}")`),
      })
      await read(`before half of them, for a ${reader}`, {
        reader,
        index,
        query: said(`comments(last: 20, before: "${middle}")`),
      })
    }
  })

  test('of a hundred thousand that answer one', async () => {
    const index = /comments_parent_id_index/
    const middle = await place(50_000)
    await read('the oldest answers', { index, query: answers('replies(first: 20)') })
    await read('the newest answers', { index, query: answers('replies(last: 20)') })
    await read('answers after half of them', {
      index,
      query: answers(`replies(first: 20, after: "${middle}")`),
    })
    await read('answers before half of them', {
      index,
      query: answers(`replies(last: 20, before: "${middle}")`),
    })
  })

  test('with authors, mentions, reactions and answers', async () => {
    await read('comments with all that belongs to them', {
      index: /comments_post_id_index/,
      query: `{ post(id: "${id.post(THREAD)}") { comments(first: 20) { edges { item: __typename node {
        body bodyHtml author { username } mentions { username } reactions { kind count viewerHasReacted } replies(first: 2) { edges { node { body } } }
      } } } } }`,
      bounds: { rows: 2_500 },
    })
  })
})

describe('cases of moderation', () => {
  const list = (args: string) =>
    `{ moderationCases(first: 20${args}) { edges { item: __typename node { id post { title } comment { body } weight } } } }`
  test('open, decided, about somebody, and for a reason', async () => {
    const reader = 'moderator'
    const index = /moderation_cases_status_index/
    const middle = await cursorAt('moderation+rank,openedAt,id', 'moderation_cases', idOf(CASE, 100_001), [
      'rank',
      'opened_at',
      'id',
    ])
    await read('open', { reader, index, query: list('') })
    await read('open, after some', { reader, index, query: list(`, after: "${middle}"`) })
    await read('dismissed', { reader, index, query: list(', filter: { status: DISMISSED }') })
    await read('reported as spam', { reader, index, query: list(', filter: { reason: SPAM }') })
    await read('reported as violence', {
      reader,
      index: /moderation_cases|reports/,
      query: list(', filter: { reason: VIOLENCE }'),
    })
    await read('of mine', {
      reader,
      index: /moderation_cases/,
      query: list(', filter: { claimedByMe: true }'),
      items: 0,
    })
  })
})

describe('a search', () => {
  const MATCH = 'node { score titleHighlight { text isMatch } excerptHighlight { text isMatch } post { id } }'
  const search = (text: string, { filter = '', page = '' } = {}) =>
    `{ searchPosts(query: ${JSON.stringify(text)}${filter && `, filter: { ${filter} }`}${page}) { totalCount ${PAGE.replace('node { id }', MATCH)} } }`
  const index = /posts_(published_at|search|author_published_at|title)_index/

  /** The newest are looked through, and what few have is looked up: what both touch at most. */
  const NEAR: Bounds = { rows: 15_000, sorted: 5_001 }
  /** What many have that lies far is found in the index whole, and read by slices. */
  const FAR: Bounds = { rows: 250_000, sorted: 20_000 }

  test.each([
    ['that one post has in its title', SINGLE, 1],
    ['that a hundred posts have', WORDS.hundred, 20],
    ['that a thousand posts have', WORDS.thousandth, 20],
    ['that a tenth of the posts have', WORDS.tenth, 20],
    ['that half of the posts have', WORDS.half, 20],
    ['that no post has', WORDS.nobody, 0],
    ['that is misspelled', 'quetzalcoatel', 1],
  ])('for a word %s', async (name, word, items) => {
    for (const reader of ['stranger', 'member', 'moderator'] as const)
      await read(`a word ${name}, for a ${reader}`, {
        reader,
        index,
        query: search(word),
        items,
        bounds: NEAR,
      })
  })

  test('for a word, at any depth', async () => {
    for (const word of [WORDS.half, WORDS.thousandth]) {
      const whole = await readers.member.data(
        `{ searchPosts(query: "${word}", first: 100) { totalCount edges { cursor } } }`,
      )
      const { edges, totalCount } = whole.searchPosts
      expect(totalCount).toBeGreaterThan(100)
      const after = `, after: "${edges[99].cursor}"`
      await read(`“${word}” after a hundred`, { index, query: search(word, { page: after }), bounds: NEAR })
      await read(`“${word}” before a hundred`, {
        index,
        query: search(word, { page: `, last: 20, before: "${edges[99].cursor}"` }),
        bounds: NEAR,
      })
    }
  })

  test.each([
    ['of one author', () => `authorId: "${id.user(WRITER)}"`],
    ['with a tag', () => 'tag: "photo"'],
    ['in a language', () => 'language: "de"'],
    ['of a year', () => 'publishedSince: "2025-01-01T00:00:00Z", publishedBefore: "2026-01-01T00:00:00Z"'],
  ])('for words, %s', async (name, filter) => {
    for (const [word, bounds] of [
      [WORDS.hundred, NEAR],
      [WORDS.half, NEAR],
      [WORDS.thirtieth, FAR],
    ] as const) {
      const answer = await readers.member.data(search(word, { filter: filter() }))
      const items = answer.searchPosts.edges.length as number
      const query = search(word, { filter: filter() })
      await read(`“${word}”, ${name}`, {
        index: /posts_/,
        query,
        items,
        bounds: { ...bounds, rows: 200_000 },
      })
    }
  })

  test.each([
    ['a word that a thirtieth of the posts have', WORDS.thirtieth],
    ['a word that a hundredth of the posts have', WORDS.hundredth],
    ['a word that many posts had once', WORDS.once],
    ['words of which one is rare', `${WORDS.hundred} ${WORDS.half}`],
    ['words of which one is left out', `${WORDS.once} -${WORDS.half}`],
    ['either of two words', `${WORDS.hundred} or ${WORDS.thousandth}`],
    ['words in a row', `"${WORDS.half} ${WORDS.tenth}"`],
  ])('for %s is bounded', async (name, text) => {
    await read(name, { index, query: search(text), bounds: FAR })
  })
})
