import { DAY, MINUTE } from '../../src/core/clock'
import { idOf } from '../../src/core/id'
import { exportedTables, subjectRows, type SubjectRow } from '../../src/modules/data-export/subject-rows'
import { eraseRows } from '../../src/modules/erasure/erase'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { PostStatus } from '../../src/modules/post/post-status'
import { purgeTrashedPosts } from '../../src/modules/post/post.task'
import type { ApiClient } from '../support/api-client'
import { commentOn } from '../support/content'
import { columnsHolding } from '../support/database-bytes'
import { caseAbout, decisionAbout } from '../support/moderation'
import { legalHoldOn } from '../support/privacy'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const TRASH = '{ trashedPosts { totalCount edges { node { id title deletedAt } } } }'
const DELETE =
  'mutation ($id: ID!) { deletePost(input: { postId: $id }) { deletedPostId userErrors { code field } } }'
const RESTORE =
  'mutation ($id: ID!) { restorePost(input: { postId: $id }) { post { title body status deletedAt version } userErrors { code field } } }'
const PURGE =
  'mutation ($id: ID!) { purgePost(input: { postId: $id }) { purgedPostId userErrors { code field } } }'

const trashOf = async ({ api }: { api: ApiClient }): Promise<string[]> => {
  const { trashedPosts } = await api.data(TRASH)
  const ids = trashedPosts.edges.map(({ node }: { node: { id: string } }) => node.id)
  expect(trashedPosts.totalCount).toBe(ids.length)
  return ids
}

const rowsWith = async (word: string): Promise<number> =>
  (await world.db.query('SELECT 1 FROM posts WHERE posts::text LIKE $1', [`%${word}%`])).length

describe('a post in the trash', () => {
  test('is there for its author alone, the latest first', async () => {
    const author = await world.person()
    const [first, second] = [await world.post({ author }), await world.post({ author, publish: false })]
    for (const { globalId: id } of [first, second]) {
      await author.api.data(DELETE, { id })
      world.clock.advance(MINUTE)
    }
    expect(await trashOf(author)).toEqual([second.globalId, first.globalId])
    for (const role of ['admin', 'manager'] as const)
      expect(await trashOf(await world.person({ role }))).toEqual([])
    expect(await world.anonymous.errorCode(TRASH)).toBe('UNAUTHENTICATED')
  })

  test('comes back as it was', async () => {
    for (const status of [PostStatus.DRAFT, PostStatus.PUBLISHED, PostStatus.ARCHIVED, PostStatus.REMOVED]) {
      const { globalId: id, author, title, body } = await world.post({ status })
      await author.api.data(DELETE, { id })
      expect((await author.api.data(RESTORE, { id })).restorePost).toEqual({
        post: { title, body, status: status.toUpperCase(), deletedAt: null, version: 3 },
        userErrors: [],
      })
      expect(await trashOf(author)).toEqual([])
      expect((await author.api.data('query ($id: ID!) { post(id: $id) { id } }', { id })).post).toEqual({
        id,
      })
    }
  })

  test('is put there, and given back, by moderators where it was removed, and by its author alone where it was not', async () => {
    const manager = await world.person({ role: 'manager' })
    const refused = { userErrors: [{ code: 'NOT_PERMITTED', field: ['postId'] }] }
    const mine = await world.post({ isTrashed: true })
    expect((await manager.api.data(RESTORE, { id: mine.globalId })).restorePost).toMatchObject(refused)
    const { globalId: id, author } = await world.post()
    expect((await manager.api.data(DELETE, { id })).deletePost).toMatchObject(refused)
    await decisionAbout(world, id, { action: ModerationAction.REMOVE })
    await manager.api.data(DELETE, { id })
    expect(await trashOf(author)).toEqual([id])
    expect((await manager.api.data(RESTORE, { id })).restorePost.post).toMatchObject({ status: 'REMOVED' })
    await manager.api.data(DELETE, { id })
    expect((await author.api.data(RESTORE, { id })).restorePost.post).toMatchObject({ status: 'REMOVED' })
    expect((await world.anonymous.data('query ($id: ID!) { post(id: $id) { id } }', { id })).post).toBeNull()
  })

  test('is nobody else’s business', async () => {
    const { globalId: id } = await world.post({ isTrashed: true })
    const stranger = await world.person({ permissions: ['users:read'] })
    const manager = await world.person({ role: 'manager' })
    const elsewhere = await world.person({ role: 'manager', over: await world.group() })
    for (const { api } of [stranger, elsewhere])
      expect(await api.errorCode(RESTORE, { id })).toBe('NOT_FOUND')
    for (const { api } of [stranger, elsewhere, manager])
      expect(await api.errorCode(PURGE, { id })).toBe('NOT_FOUND')
  })

  test('is all that is restored or purged', async () => {
    const { globalId: id, author } = await world.post()
    const notThere = { userErrors: [{ code: 'INVALID', field: ['postId'] }] }
    expect((await author.api.data(RESTORE, { id })).restorePost).toMatchObject(notThere)
    expect((await author.api.data(PURGE, { id })).purgePost).toMatchObject(notThere)
    const stranger = await world.person()
    for (const change of [RESTORE, PURGE])
      expect(await stranger.api.errorCode(change, { id })).toBe('NOT_FOUND')
  })
})

describe('a purged post', () => {
  test('leaves nothing of what was written in it, be it by its author or by whoever may purge', async () => {
    const purger = await world.person({ permissions: ['posts:purge'] })
    for (const by of ['author', 'purger']) {
      const word = unique('canary')
      const { globalId: id, author } = await world.post({ title: word, body: word, isTrashed: true })
      expect(await rowsWith(word)).toBe(1)
      const { api } = by === 'author' ? author : purger
      expect((await api.data(PURGE, { id })).purgePost).toEqual({ purgedPostId: id, userErrors: [] })
      expect(await rowsWith(word)).toBe(0)
      expect(await author.api.errorCode(RESTORE, { id })).toBe('NOT_FOUND')
      expect(await author.api.errorCode(PURGE, { id })).toBe('NOT_FOUND')
    }
  })

  test('of somebody whose data is held is gone for them, and goes once it is not', async () => {
    const word = unique('canary')
    const { globalId: id, author } = await world.post({ title: word, isTrashed: true })
    await legalHoldOn(world, author)
    expect((await author.api.data(PURGE, { id })).purgePost).toEqual({ purgedPostId: id, userErrors: [] })
    expect(await trashOf(author)).toEqual([])
    for (const change of [RESTORE, PURGE])
      expect(await author.api.errorCode(change, { id })).toBe('NOT_FOUND')
    await world.do(purgeTrashedPosts, {})
    expect(await rowsWith(word)).toBe(1)
    await world.db.query('UPDATE legal_holds SET released_at = now() WHERE user_id = $1', [author.id])
    await world.do(purgeTrashedPosts, {})
    expect(await rowsWith(word)).toBe(0)
  })

  test.each<[string, (said: { comment: string; by: Person }) => Promise<() => Promise<unknown>>]>([
    [
      'the data of somebody is held who has said something to it',
      async ({ by }) => {
        await legalHoldOn(world, by)
        return () => world.db.query('UPDATE legal_holds SET released_at = now() WHERE user_id = $1', [by.id])
      },
    ],
    [
      'somebody has yet to decide about what was said to it',
      async ({ comment }) => {
        const caseId = await caseAbout(world, comment)
        return () =>
          world.db.query(`UPDATE moderation_cases SET status = 'dismissed' WHERE id = $1`, [
            idOf('moderation_case', caseId),
          ])
      },
    ],
  ])('goes later while %s, and nobody is told', async (_, keep) => {
    for (const way of ['purged', 'forgotten']) {
      const [post, by] = [await world.post(), await world.person()]
      const body = unique('canary')
      const comment = await commentOn(world, post, by, { body })
      const release = await keep({ comment, by })
      const { api } = post.author
      await api.data(DELETE, { id: post.globalId })
      if (way === 'purged')
        expect((await api.data(PURGE, { id: post.globalId })).purgePost.userErrors).toEqual([])
      else
        await world.db.query(`UPDATE posts SET deleted_at = deleted_at - interval '31 days' WHERE id = $1`, [
          post.id,
        ])
      await world.do(purgeTrashedPosts, {})
      expect(await trashOf(post.author)).toEqual([])
      expect(await api.errorCode(RESTORE, { id: post.globalId })).toBe('NOT_FOUND')
      expect(await columnsHolding(world.db, body)).not.toEqual([])
      await release()
      await world.do(purgeTrashedPosts, {})
      expect(await columnsHolding(world.db, body)).toEqual([])
    }
  })

  test('is one that was in the trash for thirty days, and no sooner', async () => {
    const [word, kept] = [unique('canary'), unique('canary')]
    const { globalId: id, author } = await world.post({ title: word })
    await world.post({ title: kept })
    await author.api.data(DELETE, { id })
    world.clock.advance(30 * DAY - 30 * MINUTE)
    await world.do(purgeTrashedPosts, {})
    expect([await rowsWith(word), await rowsWith(kept)]).toEqual([1, 1])
    world.clock.advance(30 * MINUTE)
    await world.do(purgeTrashedPosts, {})
    expect([await rowsWith(word), await rowsWith(kept)]).toEqual([0, 1])
  })

  test('that nobody has removed yet is out of reach all the same', async () => {
    const { id: postId, globalId: id, author } = await world.post({ isTrashed: true })
    await world.db.query(`UPDATE posts SET deleted_at = deleted_at - interval '31 days' WHERE id = $1`, [
      postId,
    ])
    expect(await trashOf(author)).toEqual([])
    for (const change of [RESTORE, PURGE])
      expect(await author.api.errorCode(change, { id })).toBe('NOT_FOUND')
  })
})

describe('a copy of a person’s data, and their erasure', () => {
  test('have what is in the trash too', async () => {
    const word = unique('canary')
    const { author } = await world.post({ title: word, body: `*${word}*`, isTrashed: true })
    const tables = exportedTables().filter(({ name }) => name === 'posts')
    const rows = await world.db.transaction(async (tx) => {
      const found: SubjectRow[] = []
      for (const table of tables)
        for await (const some of subjectRows(tx, table, author.id)) found.push(...some)
      return found
    })
    expect(rows).toMatchObject([
      { title: word, body: `*${word}*`, bodyHtml: `<p><em>${word}</em></p>\n`, excerpt: word },
    ])
    await world.db.transaction((tx) => eraseRows(tx, author.id, tx.now))
    expect(await rowsWith(word)).toBe(0)
  })
})
