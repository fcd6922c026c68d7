import { idOf } from '../../src/core/id'
import { renderCommentsAnew } from '../../src/modules/comment/comment.task'
import { renderPostsAnew } from '../../src/modules/post/post.task'
import { commentOn } from '../support/content'
import { unique, useWorld } from '../support/world'

const world = useWorld()

const READ = 'query ($id: ID!) { post(id: $id) { body bodyHtml excerpt version updatedAt } }'

test('a post is written in Markdown, and read as that, as HTML and as an excerpt', async () => {
  const { api } = await world.person()
  const { createPost } = await api.data(
    `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id body bodyHtml excerpt } } }`,
    { input: { title: 'Title', body: '**Ada** <script>\n\n- @grace', publish: true } },
  )
  expect(createPost.post).toMatchObject({
    body: '**Ada** <script>\n\n- @grace',
    bodyHtml:
      '<p><strong>Ada</strong> &#x3C;script></p>\n<ul>\n<li><span class="mention" data-username="grace">@grace</span></li>\n</ul>\n',
    excerpt: 'Ada <script> @grace',
  })
  const { updatePost } = await api.data(
    `mutation ($input: UpdatePostInput!) { updatePost(input: $input) { post { bodyHtml excerpt } } }`,
    { input: { postId: createPost.post.id, body: '*Grace*' } },
  )
  expect(updatePost.post).toEqual({ bodyHtml: '<p><em>Grace</em></p>\n', excerpt: 'Grace' })
})

describe.each([
  {
    table: 'posts',
    job: renderPostsAnew,
    write: async (body: string) => (await world.post({ body })).globalId,
  },
  {
    table: 'comments',
    job: renderCommentsAnew,
    write: async (body: string) => commentOn(world, await world.post(), await world.person(), { body }),
  },
])('what an older version has rendered of $table', ({ table, job, write }) => {
  const idOfText = (id: string) => (idOf('post', id) ?? idOf('comment', id))!
  const stored = async (id: string) =>
    (
      await world.db.query<Record<string, unknown>>(`SELECT * FROM ${table} WHERE id = $1`, [idOfText(id)])
    )[0]!
  const read = async (id: string) =>
    (
      await world.anonymous.data(
        'query ($id: ID!) { node(id: $id) { ... on Post { bodyHtml version } ... on Comment { bodyHtml version } } }',
        { id },
      )
    ).node as unknown

  test('is rendered for whoever reads it, and once for all by the job, which changes nothing else', async () => {
    const word = unique('word ')
    const ids = await Promise.all(Array.from({ length: 3 }, () => write(`*${word}*`)))
    const now = await Promise.all(ids.map(stored))
    await world.db.query(`UPDATE ${table} SET body_html = 'old', markup_version = 0 WHERE id = ANY($1)`, [
      ids.map(idOfText),
    ])
    const before = await read(ids[0]!)
    expect(before).toEqual({ bodyHtml: `<p><em>${word}</em></p>\n`, version: 1 })
    await world.do(job, {})
    expect(await Promise.all(ids.map(stored))).toEqual(now)
    expect(await read(ids[0]!)).toEqual(before)
  })

  test('is left to whoever works on it already', async () => {
    const id = await write('Text.')
    await world.db.query(`UPDATE ${table} SET markup_version = 0 WHERE id = $1`, [idOfText(id)])
    await world.db.transaction(async (tx) => {
      await tx.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [idOfText(id)])
      await world.do(job, {})
      expect(await stored(id)).toMatchObject({ markup_version: 0 })
    })
    await world.do(job, {})
    expect(await stored(id)).toMatchObject({ markup_version: 1 })
  })

  test('what a newer version has rendered stays as it is', async () => {
    const id = await write('Text.')
    await world.db.query(`UPDATE ${table} SET body_html = 'newer', markup_version = 99 WHERE id = $1`, [
      idOfText(id),
    ])
    await world.do(job, {})
    expect(await stored(id)).toMatchObject({ body_html: 'newer', markup_version: 99 })
  })
})

test('the excerpt of a post that an older version has made is made anew with it', async () => {
  const { id, globalId } = await world.post({ body: '*Ada*' })
  await world.db.query(`UPDATE posts SET excerpt = 'old', markup_version = 0 WHERE id = $1`, [id])
  const excerpt = async () => (await world.anonymous.data(READ, { id: globalId })).post.excerpt as string
  expect(await excerpt()).toBe('Ada')
  await world.do(renderPostsAnew, {})
  expect(await world.db.query('SELECT excerpt FROM posts WHERE id = $1', [id])).toEqual([{ excerpt: 'Ada' }])
})
