import { MINUTE } from '../../src/core/clock'
import { exportedTables, subjectRows, type SubjectRow } from '../../src/modules/data-export/subject-rows'
import { eraseRows } from '../../src/modules/erasure/erase'
import { purgeTrashedPosts } from '../../src/modules/post/post.task'
import { PostService } from '../../src/modules/post/post.service'
import type { ApiClient } from '../support/api-client'
import { legalHoldOn } from '../support/privacy'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const UPDATE = `mutation ($input: UpdatePostInput!) { updatePost(input: $input) { post { version editedAt } userErrors { code } } }`
const RESTORE = `mutation ($input: RestorePostRevisionInput!) {
  restorePostRevision(input: $input) { post { title body bodyHtml tags version } userErrors { code field } }
}`

const update = async ({ api }: { api: ApiClient }, input: Record<string, unknown>) =>
  (await api.data(UPDATE, { input })).updatePost

const revisionsOf = async ({ api }: { api: ApiClient }, id: string) =>
  (
    await api.data(
      `query ($id: ID!) { post(id: $id) { revisions { totalCount edges { node {
        number title body tags replacedAt editor { username } diff { kind text }
      } } } } }`,
      { id },
    )
  ).post.revisions

const countRevisions = async (postId: string): Promise<number> =>
  (await world.db.query('SELECT 1 FROM post_revisions WHERE post_id = $1', [postId])).length

describe('what a post said before', () => {
  test('is kept with every change of title, text or tags, the latest first', async () => {
    const { globalId: postId, author, title } = await world.post({ body: 'One\nTwo\nThree' })
    const manager = await world.person({ role: 'manager' })
    world.clock.advance(MINUTE)
    const { post } = await update(author, { postId, body: 'One\n2\nThree', visibility: 'MEMBERS' })
    await update(manager, { postId, title: 'Moderated', tags: ['sea'] })
    const { totalCount, edges } = await revisionsOf(author, postId)
    expect(totalCount).toBe(2)
    expect(edges.map(({ node }: { node: unknown }) => node)).toEqual([
      {
        number: 2,
        title,
        body: 'One\n2\nThree',
        tags: [],
        replacedAt: expect.any(String),
        editor: { username: manager.username },
        diff: [{ kind: 'UNCHANGED', text: 'One\n2\nThree' }],
      },
      {
        number: 1,
        title,
        body: 'One\nTwo\nThree',
        tags: [],
        replacedAt: post.editedAt,
        editor: { username: author.username },
        diff: [
          { kind: 'UNCHANGED', text: 'One\n' },
          { kind: 'REMOVED', text: 'Two\n' },
          { kind: 'ADDED', text: '2\n' },
          { kind: 'UNCHANGED', text: 'Three' },
        ],
      },
    ])
  })

  test('is not what a change of anything else leaves, nor one that changes nothing', async () => {
    const { id, globalId: postId, author, title } = await world.post()
    expect((await update(author, { postId, visibility: 'MEMBERS' })).post).toEqual({
      version: 2,
      editedAt: null,
    })
    expect((await update(author, { postId, title })).post).toEqual({ version: 2, editedAt: null })
    expect(await countRevisions(id)).toBe(0)
  })

  test('is for its author and for moderators; everybody sees when it was edited', async () => {
    const { globalId: id, author } = await world.editedPost()
    const [reader, manager] = [await world.person(), await world.person({ role: 'manager' })]
    for (const person of [author, manager]) expect((await revisionsOf(person, id)).totalCount).toBe(1)
    for (const person of [reader, { api: world.anonymous }])
      expect(await revisionsOf(person, id)).toEqual({ totalCount: 0, edges: [] })
    const { post } = await world.anonymous.data('query ($id: ID!) { post(id: $id) { editedAt } }', { id })
    expect(post.editedAt).toEqual(expect.any(String))
  })

  test('differs wholly where too much does', async () => {
    const lines = (word: string) => Array.from({ length: 1_500 }, (_, index) => `${word}${index}`).join('\n')
    const { globalId: postId, author } = await world.post({ body: lines('a') })
    await update(author, { postId, body: lines('b') })
    const { edges } = await revisionsOf(author, postId)
    expect(edges[0].node.diff).toEqual([
      { kind: 'REMOVED', text: lines('a') },
      { kind: 'ADDED', text: lines('b') },
    ])
  })

  test('is compared no further than anybody reads, and not for a hundred at once', async () => {
    const lines = (word: string) => Array.from({ length: 300 }, (_, index) => `${word}${index}`).join('\n')
    const { globalId: postId, author } = await world.post({ body: lines('a') })
    await update(author, { postId, body: lines('b') })
    const { edges } = await revisionsOf(author, postId)
    expect(edges[0].node.diff).toHaveLength(2)
    const diffs =
      'query ($id: ID!, $first: Int) { post(id: $id) { revisions(first: $first) { edges { node { diff { kind } } } } } }'
    expect(await author.api.errorCode(diffs, { id: postId, first: 100 })).toBe('QUERY_TOO_EXPENSIVE')
    expect((await author.api.data(diffs, { id: postId, first: 20 })).post.revisions.edges).toHaveLength(1)
  })

  test('is numbered without gaps, however many change a post at once', async () => {
    const { id, globalId: postId, author } = await world.post()
    await Promise.all(
      Array.from({ length: 5 }, (_, index) => update(author, { postId, body: unique(`Body ${index} `) })),
    )
    const numbers = await world.db.query('SELECT number FROM post_revisions WHERE post_id = $1 ORDER BY 1', [
      id,
    ])
    expect(numbers).toEqual([1, 2, 3, 4, 5].map((number) => ({ number })))
  })

  test('is kept a hundred times over, and longer for the law alone', async () => {
    const [held, free] = [await world.editedPost(), await world.editedPost()]
    await legalHoldOn(world, held.author)
    for (const { id, author } of [held, free]) {
      // As many as somebody makes in a long time.
      await world.db.query(
        `INSERT INTO post_revisions SELECT post_id, number + further, author_id, editor_id, replaced_at, title, body, tags
         FROM post_revisions, generate_series(1, 99) AS further WHERE post_id = $1`,
        [id],
      )
      await new PostService(await world.asViewer(author)).update({ postId: id, body: unique('Body ') })
    }
    const numbersOf = async ({ id }: { id: string }) =>
      (
        await world.db.query<{ number: number }>(
          'SELECT number FROM post_revisions WHERE post_id = $1 ORDER BY 1',
          [id],
        )
      ).map(({ number }) => number)
    expect(await numbersOf(held)).toHaveLength(101)
    expect(await numbersOf(free)).toEqual(Array.from({ length: 100 }, (_, index) => index + 2))
  })

  test('goes with the post, and with its author, whoever has changed it', async () => {
    const purged = await world.editedPost()
    for (const mutation of ['deletePost', 'purgePost'])
      await purged.author.api.data(
        `mutation { ${mutation}(input: { postId: "${purged.globalId}" }) { userErrors { code } } }`,
      )
    const expired = await world.editedPost()
    await world.db.query(`UPDATE posts SET deleted_at = now() - interval '1 year' WHERE id = $1`, [
      expired.id,
    ])
    await world.do(purgeTrashedPosts, {})
    const erased = await world.editedPost({ body: 'Of the erased' })
    const copied: SubjectRow[] = []
    await world.db.transaction(async (tx) => {
      for (const table of exportedTables().filter(({ name }) => name === 'post_revisions'))
        for await (const rows of subjectRows(tx, table, erased.author.id)) copied.push(...rows)
      await eraseRows(tx, erased.author.id, tx.now)
    })
    expect(copied).toMatchObject([{ number: 1, body: 'Of the erased' }])
    for (const { id } of [purged, expired, erased]) expect(await countRevisions(id)).toBe(0)
  })
})

describe('giving a post back what it said', () => {
  test('keeps what it says now as another revision', async () => {
    const { id, globalId: postId, author, before, body } = await world.editedPost({ body: '*Before*' })
    const restored = (await author.api.data(RESTORE, { input: { postId, number: 1 } })).restorePostRevision
    expect(restored).toEqual({
      post: {
        title: before.title,
        body: '*Before*',
        bodyHtml: '<p><em>Before</em></p>\n',
        tags: [],
        version: 3,
      },
      userErrors: [],
    })
    expect((await revisionsOf(author, postId)).edges[0].node).toMatchObject({ number: 2, body })
    const again = (await author.api.data(RESTORE, { input: { postId, number: 1 } })).restorePostRevision
    expect(again.post).toMatchObject({ version: 3 })
    expect(await countRevisions(id)).toBe(2)
  })

  test('is refused for a number that is not there, on top of another change, and in the archive', async () => {
    const { globalId: postId, author } = await world.editedPost()
    for (const number of [0, -1, 2, 2 ** 31 - 1])
      expect((await author.api.data(RESTORE, { input: { postId, number } })).restorePostRevision).toEqual({
        post: null,
        userErrors: [{ code: 'NOT_FOUND', field: ['number'] }],
      })
    expect(await author.api.errorCode(RESTORE, { input: { postId, number: 1, expectedVersion: 1 } })).toBe(
      'CONFLICT',
    )
    await author.api.data(`mutation { archivePost(input: { postId: "${postId}" }) { userErrors { code } } }`)
    expect((await author.api.data(RESTORE, { input: { postId, number: 1 } })).restorePostRevision).toEqual({
      post: null,
      userErrors: [{ code: 'INVALID', field: ['postId'] }],
    })
    const stranger = await world.person()
    expect(await stranger.api.errorCode(RESTORE, { input: { postId, number: 1 } })).toBe('NOT_FOUND')
  })
})
