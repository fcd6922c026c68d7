import { PostStatus, PostVisibility } from '../../src/modules/post/post-status'
import { storedAccessToken } from '../support/access-token'
import type { ApiClient } from '../support/api-client'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const { PUBLISHED, ARCHIVED, DRAFT, REMOVED } = PostStatus
const { PUBLIC, MEMBERS, ONLY_ME } = PostVisibility

const CHANGE = (name: string) =>
  `mutation ($id: ID!) { answer: ${name}(input: { postId: $id }) { post { status archivedAt publishedAt version } userErrors { code field } } }`

const MODERATE =
  'mutation ($input: ModerateContentInput!) { moderateContent(input: $input) { moderationCase { post { status } decision { id } } } }'
const REVERSE =
  'mutation ($id: ID!) { reverseModerationAction(input: { decisionId: $id }) { decision { post { status } } } }'

const change = async ({ api }: { api: ApiClient }, name: string, id: string) =>
  (await api.data(CHANGE(name), { id })).answer

/** On how many of the ways that lead to a post it is found. */
async function isFound(api: ApiClient, { globalId, slug, status, author }: Found): Promise<number> {
  const { post, node, postBySlug, posts, user } = await api.data(
    `query ($id: ID!, $slug: String!, $author: ID!, $status: PostStatus) {
      post(id: $id) { id }
      node(id: $id) { id }
      postBySlug(slug: $slug) { id }
      posts(filter: { authorId: $author, status: $status }) { edges { node { id } } }
      user(id: $author) { posts(filter: { status: $status }) { totalCount } }
    }`,
    { id: globalId, slug, author: author.globalId, status: status.toUpperCase() },
  )
  return [post, node, postBySlug, posts.edges[0], user.posts.totalCount].filter(Boolean).length
}

interface Found {
  globalId: string
  slug: string
  status: PostStatus
  author: Person
}

const WAYS = 5

describe('who sees a post', () => {
  const read = [PUBLISHED, ARCHIVED].flatMap((status): [PostStatus, PostVisibility, string[]][] => [
    [status, PUBLIC, ['anonymous', 'other', 'program', 'author', 'manager', 'moderatorOfAuthor']],
    [status, MEMBERS, ['other', 'program', 'author', 'manager', 'moderatorOfAuthor']],
    [status, ONLY_ME, ['author', 'manager', 'moderatorOfAuthor']],
  ])
  const unread = [DRAFT, REMOVED].flatMap((status) =>
    [PUBLIC, MEMBERS, ONLY_ME].map((visibility): [PostStatus, PostVisibility, string[]] => [
      status,
      visibility,
      ['author', 'manager', 'moderatorOfAuthor'],
    ]),
  )

  test.each([...read, ...unread])('that is %s and %s: %j', async (status, visibility, expected) => {
    const author = await world.person()
    const group = await world.group(author)
    const post = await world.post({ author, status, visibility })
    const manager = await world.person({ role: 'manager' })
    const moderatorOfAuthor = await world.person({ role: 'manager', over: group })
    const other = await world.person({ permissions: ['users:read'] })
    const { api: program } = await storedAccessToken(world, other.id)
    const readers: Record<string, ApiClient> = {
      anonymous: world.anonymous,
      other: other.api,
      program,
      author: author.api,
      manager: manager.api,
      moderatorOfAuthor: moderatorOfAuthor.api,
      moderatorOfOthers: (await world.person({ role: 'manager', over: await world.group(other) })).api,
    }
    const expectedOf = (name: string) =>
      expected.includes(name) || (name === 'moderatorOfOthers' && expected.includes('other')) ? WAYS : 0
    for (const [name, api] of Object.entries(readers))
      expect([name, await isFound(api, { ...post, status })]).toEqual([name, expectedOf(name)])
  })

  test('its author says, and says anew', async () => {
    const { globalId: id, author } = await world.post()
    const update = `mutation ($id: ID!, $to: PostVisibility) {
      updatePost(input: { postId: $id, visibility: $to }) { post { visibility version } userErrors { code } }
    }`
    const find = async () =>
      (await world.anonymous.data('query ($id: ID!) { post(id: $id) { id } }', { id })).post
    for (const [to, version, found] of [
      ['ONLY_ME', 2, null],
      [null, 2, null],
      ['MEMBERS', 3, null],
      ['PUBLIC', 4, { id }],
    ]) {
      const { updatePost } = await author.api.data(update, { id, to })
      expect(updatePost).toMatchObject({ post: { version }, userErrors: [] })
      expect(await find()).toEqual(found)
    }
  })

  test('a moderator who reads what is not meant for others is noted, and nobody else is', async () => {
    const manager = await world.person({ role: 'manager' })
    const noted = async (visibility: PostVisibility, status?: PostStatus) => {
      const { globalId: id, author } = await world.post({ visibility, status })
      await manager.api.data('query ($id: ID!) { post(id: $id) { title } }', { id })
      const { viewer } = await author.api.data(
        '{ viewer { accessLog(first: 1) { edges { node { fields } } } } }',
      )
      return viewer.accessLog.edges.length
    }
    expect([await noted(PUBLIC), await noted(MEMBERS), await noted(PUBLIC, ARCHIVED)]).toEqual([0, 0, 0])
    expect([await noted(ONLY_ME), await noted(PUBLIC, REMOVED)]).toEqual([1, 1])
  })
})

describe('an archived post', () => {
  test('is read still, and stands in no list that does not ask for it', async () => {
    const { globalId: id, author } = await world.post()
    expect(await change(author, 'archivePost', id)).toEqual({
      post: {
        status: 'ARCHIVED',
        archivedAt: expect.any(String),
        publishedAt: expect.any(String),
        version: 2,
      },
      userErrors: [],
    })
    const { post, posts, archived } = await world.anonymous.data(
      `query ($id: ID!, $author: ID!) {
        post(id: $id) { id }
        posts(filter: { authorId: $author }) { totalCount }
        archived: posts(filter: { authorId: $author, status: ARCHIVED }) { edges { node { id } } }
      }`,
      { id, author: author.globalId },
    )
    expect({ post, posts, archived }).toEqual({
      post: { id },
      posts: { totalCount: 0 },
      archived: { edges: [{ node: { id } }] },
    })
  })

  test('is finished: nobody changes what it says until it is taken out of the archive', async () => {
    const { globalId: id, author } = await world.post()
    await change(author, 'archivePost', id)
    const update = async (changes: string) =>
      (
        await author.api.data(
          `mutation ($id: ID!) { updatePost(input: { postId: $id, ${changes} }) { post { version } userErrors { code field } } }`,
          { id },
        )
      ).updatePost
    expect(await update('title: "Another"')).toEqual({
      post: null,
      userErrors: [{ code: 'INVALID', field: ['postId'] }],
    })
    expect(await update('visibility: MEMBERS')).toEqual({ post: { version: 3 }, userErrors: [] })
    expect(await change(author, 'publishPost', id)).toMatchObject({
      post: null,
      userErrors: [{ code: 'INVALID', field: ['postId'] }],
    })
    expect((await change(author, 'unarchivePost', id)).post).toMatchObject({
      status: 'PUBLISHED',
      archivedAt: null,
    })
    expect(await update('title: "Another"')).toEqual({ post: { version: 5 }, userErrors: [] })
  })

  test('was published before, and what is done already is done once', async () => {
    const draft = await world.post({ publish: false })
    for (const name of ['archivePost', 'unarchivePost'])
      expect(await change(draft.author, name, draft.globalId)).toEqual({
        post: null,
        userErrors: [{ code: 'INVALID', field: ['postId'] }],
      })
    const { globalId: id, author } = await world.post()
    expect((await change(author, 'unarchivePost', id)).post).toMatchObject({ version: 1 })
    for (const _ of [1, 2])
      expect((await change(author, 'archivePost', id)).post).toMatchObject({ version: 2 })
  })
})

describe('a removed post', () => {
  test('comes back as it was: a draft, published or archived', async () => {
    const manager = await world.person({ role: 'manager' })
    for (const status of ['DRAFT', 'PUBLISHED', 'ARCHIVED']) {
      const { globalId: id, author } = await world.post({ publish: status !== 'DRAFT' })
      if (status === 'ARCHIVED') await change(author, 'archivePost', id)
      const input = { subjectId: id, action: 'REMOVE', rule: 'Rule.', messageToAuthor: 'Reasons.' }
      const { moderateContent } = await manager.api.data(MODERATE, { input })
      expect(moderateContent.moderationCase).toMatchObject({ post: { status: 'REMOVED' } })
      const { decision } = moderateContent.moderationCase
      const { reverseModerationAction } = await manager.api.data(REVERSE, { id: decision.id })
      expect(reverseModerationAction.decision.post).toEqual({ status })
    }
  })

  test('is neither published again nor changed: what comes back is what was decided about', async () => {
    const { globalId: id, author } = await world.post({ status: REMOVED })
    expect(await change(author, 'publishPost', id)).toMatchObject({
      post: null,
      userErrors: [{ code: 'NOT_PERMITTED', field: ['postId'] }],
    })
    for (const name of ['archivePost', 'unarchivePost'])
      expect((await change(author, name, id)).userErrors).toEqual([{ code: 'INVALID', field: ['postId'] }])
    const manager = await world.person({ role: 'manager' })
    for (const { api } of [author, manager]) {
      const { updatePost } = await api.data(
        `mutation ($id: ID!) { updatePost(input: { postId: $id, body: "${unique('Mended ')}" }) { userErrors { code field } } }`,
        { id },
      )
      expect(updatePost.userErrors).toEqual([{ code: 'NOT_PERMITTED', field: ['postId'] }])
    }
  })
})
