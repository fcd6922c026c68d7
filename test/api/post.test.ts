import { later, MINUTE } from '../../src/core/clock'
import { newId, toGlobalId } from '../../src/core/id'
import type { ApiClient } from '../support/api-client'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const CREATE = `mutation ($input: CreatePostInput!) {
  createPost(input: $input) { post { id slug title body tags status publishedAt version author { username } } userErrors { code field } }
}`
const UPDATE = `mutation ($input: UpdatePostInput!) {
  updatePost(input: $input) { post { title body tags status version } userErrors { code field } }
}`
const PUBLISH = `mutation ($id: ID!) { publishPost(input: { postId: $id }) { post { status version } userErrors { code } } }`
const DELETE = `mutation ($id: ID!) { deletePost(input: { postId: $id }) { deletedPostId userErrors { code } } }`

const create = async ({ api }: Person, input: Record<string, unknown> = {}) =>
  (await api.data(CREATE, { input: { title: unique('Title '), body: 'Body', ...input } })).createPost

/** A post of an author of its own: a draft, or published. */
async function write(input: { publish: boolean; title?: string }) {
  const author = await world.person()
  const { post } = await create(author, input)
  const { slug, title, body, status } = post as Record<'slug' | 'title' | 'body' | 'status', string>
  return { globalId: (post as { id: string }).id, slug, title, body, status, author }
}

/** Every way that leads to a post, and in which of them it was found. */
async function waysTo(api: ApiClient, { globalId, slug, author, status }: Found): Promise<string[]> {
  const query = `query ($id: ID!, $slug: String!, $author: ID!, $status: PostStatus!) {
    post(id: $id) { id }
    node(id: $id) { id }
    nodes(ids: [$id]) { id }
    postBySlug(slug: $slug) { id }
    posts(filter: { status: $status }, first: 100) { edges { node { id } } }
    ofAuthor: posts(filter: { status: $status, authorId: $author }) { totalCount edges { node { id } } }
    user(id: $author) { posts(filter: { status: $status }) { totalCount edges { node { id } } } }
  }`
  const data = await api.data(query, {
    id: globalId,
    slug,
    author: author.globalId,
    status,
  })
  const listed = ({ edges }: { edges: { node: { id: string } }[] }) =>
    edges.some(({ node }) => node.id === globalId)
  const ways = {
    post: data.post !== null,
    node: data.node !== null,
    nodes: data.nodes[0] !== null,
    postBySlug: data.postBySlug !== null,
    posts: listed(data.posts),
    ofAuthor: listed(data.ofAuthor),
    'totalCount ofAuthor': data.ofAuthor.totalCount > 0,
    'User.posts': listed(data.user.posts),
    'totalCount of User.posts': data.user.posts.totalCount > 0,
  }
  return Object.entries(ways)
    .filter(([, isFound]) => isFound)
    .map(([way]) => way)
}

interface Found {
  globalId: string
  slug: string
  author: Person
  status: string
}

const ALL_WAYS = 9

describe('posts', () => {
  test('an author writes a draft, which nobody else sees until it is published', async () => {
    const author = await world.person()
    const reader = await world.person()
    const { createPost } = await author.api.data(CREATE, {
      input: { title: 'A quiet morning', body: 'It rained.' },
    })
    expect(createPost).toMatchObject({
      userErrors: [],
      post: { status: 'DRAFT', version: 1, author: { username: author.username } },
    })
    const { id } = createPost.post

    const read = `query ($id: ID!) { post(id: $id) { title } node(id: $id) { id } }`
    expect(await reader.api.data(read, { id })).toEqual({ post: null, node: null })
    expect(await author.api.data(read, { id })).toEqual({ post: { title: 'A quiet morning' }, node: { id } })

    await author.api.data(PUBLISH, { id })
    expect(await reader.api.data(read, { id })).toEqual({ post: { title: 'A quiet morning' }, node: { id } })
  })

  test('a published post is found by everybody, on every way', async () => {
    const post = await write({ publish: true })
    for (const api of [world.anonymous, (await world.person()).api, post.author.api])
      expect(await waysTo(api, post)).toHaveLength(ALL_WAYS)
  })

  test('R54 a draft is found by its author and by moderators, and by nobody else on any way', async () => {
    const draft = await write({ publish: false })
    const manager = await world.person({ role: 'manager' })
    const admin = await world.person({ role: 'admin' })
    for (const { api } of [draft.author, manager, admin])
      expect(await waysTo(api, draft)).toHaveLength(ALL_WAYS)
    const reader = await world.person({ permissions: ['users:read', 'audit:read', 'roles:read'] })
    for (const api of [world.anonymous, reader.api]) expect(await waysTo(api, draft)).toEqual([])
    await world.suspend(draft.author)
    expect(await waysTo(draft.author.api, draft)).toEqual([])
  })

  test('R57 neither filters nor orders nor counts tell of a draft', async () => {
    const author = await world.person()
    const tag = unique('tag')
    await create(author, { tags: [tag], publish: true })
    await create(author, { tags: [tag] })
    const query = `query ($author: ID!, $tag: String!, $order: PostOrder) {
      published: posts(filter: { authorId: $author, tag: $tag }, orderBy: $order, first: 1) { totalCount pageInfo { hasNextPage } }
      drafts: posts(filter: { authorId: $author, tag: $tag, status: DRAFT }, orderBy: $order) { totalCount edges { cursor } pageInfo { hasNextPage startCursor } }
    }`
    for (const order of ['NEWEST_FIRST', 'OLDEST_FIRST']) {
      const seen = await world.anonymous.data(query, { author: author.globalId, tag, order })
      expect(seen).toEqual({
        published: { totalCount: 1, pageInfo: { hasNextPage: false } },
        drafts: { totalCount: 0, edges: [], pageInfo: { hasNextPage: false, startCursor: null } },
      })
    }
  })

  test('the list of a person holds only what they have written, whoever the filter names', async () => {
    const [mine, other] = [await write({ publish: true }), await write({ publish: true })]
    const query = `query ($id: ID!, $other: ID!) { user(id: $id) { posts(filter: { authorId: $other }) { edges { node { id } } } } }`
    const { user } = await world.anonymous.data(query, {
      id: mine.author.globalId,
      other: other.author.globalId,
    })
    expect(user.posts.edges).toEqual([{ node: { id: mine.globalId } }])
  })

  test('published posts are listed by when they were published, drafts by when they were begun', async () => {
    const author = await world.person()
    const ids: string[] = []
    for (const title of ['first', 'second', 'third']) {
      ids.push((await create(author, { title })).post.id)
      world.clock.advance(MINUTE)
    }
    const list = async (status: string, orderBy: string) => {
      const query = `query ($id: ID!, $status: PostStatus, $orderBy: PostOrder) {
        posts(filter: { authorId: $id, status: $status }, orderBy: $orderBy) { edges { node { title } } }
      }`
      const { posts } = await author.api.data(query, { id: author.globalId, status, orderBy })
      return posts.edges.map(({ node }: { node: { title: string } }) => node.title)
    }
    expect(await list('DRAFT', 'NEWEST_FIRST')).toEqual(['third', 'second', 'first'])
    expect(await list('DRAFT', 'OLDEST_FIRST')).toEqual(['first', 'second', 'third'])
    for (const index of [2, 0]) {
      await author.api.data(PUBLISH, { id: ids[index] })
      world.clock.advance(MINUTE)
    }
    expect(await list('PUBLISHED', 'NEWEST_FIRST')).toEqual(['first', 'third'])
    expect(await list('PUBLISHED', 'OLDEST_FIRST')).toEqual(['third', 'first'])
  })
})

describe("changing somebody else's post", () => {
  const CHANGES = {
    updatePost: `mutation ($id: ID!) { updatePost(input: { postId: $id, title: "Taken over" }) { post { id } userErrors { code } } }`,
    publishPost: PUBLISH,
    deletePost: DELETE,
  }

  test('R59 answers like a post that is missing, and changes nothing', async () => {
    const stranger = await world.person()
    const missing = toGlobalId('post', newId())
    for (const publish of [true, false]) {
      const { globalId, author, title, status } = await write({ publish })
      for (const change of Object.values(CHANGES)) {
        const answers: unknown[] = []
        for (const id of [globalId, missing, 'nonsense', author.globalId]) {
          const { status: http, data, errors } = await stranger.api.send(change, { id })
          expect(errors).toMatchObject([{ message: 'No such post.', extensions: { code: 'NOT_FOUND' } }])
          answers.push({ http, data, errors })
        }
        for (const answer of answers) expect(answer).toEqual(answers[0])
        expect(await world.anonymous.errorCode(change, { id: globalId })).toBe('UNAUTHENTICATED')
      }
      const { post } = await author.api.data('query ($id: ID!) { post(id: $id) { title status version } }', {
        id: globalId,
      })
      expect(post).toEqual({ title, status, version: 1 })
    }
  })

  test('is what moderators may do, as far as it is about what it says', async () => {
    const manager = await world.person({ role: 'manager' })
    const { globalId: id, author } = await write({ publish: false })
    const { updatePost } = await manager.api.data(UPDATE, { input: { postId: id, title: 'Moderated' } })
    expect(updatePost).toMatchObject({ userErrors: [], post: { title: 'Moderated', version: 2 } })
    expect(await manager.api.errorCode(PUBLISH, { id })).toBe('NOT_FOUND')
    expect((await author.api.data(PUBLISH, { id })).publishPost.post).toEqual({
      status: 'PUBLISHED',
      version: 3,
    })
    const read = 'query ($id: ID!) { post(id: $id) { title author { id } } }'
    expect(await world.anonymous.data(read, { id })).toEqual({
      post: { title: 'Moderated', author: { id: author.globalId } },
    })
  })

  test('is what nobody may do who is suspended, be it their own', async () => {
    const { globalId: id, author } = await write({ publish: true })
    await world.suspend(author)
    for (const change of Object.values(CHANGES))
      expect(await author.api.errorCode(change, { id })).toBe('UNAUTHENTICATED')
  })
})

describe('a deleted post', () => {
  test('is gone on every way but the trash, for its author and for moderators too, and cannot be changed', async () => {
    const manager = await world.person({ role: 'manager' })
    for (const publish of [true, false]) {
      const post = await write({ publish })
      const { api } = post.author
      expect((await api.data(DELETE, { id: post.globalId })).deletePost).toEqual({
        deletedPostId: post.globalId,
        userErrors: [],
      })
      for (const client of [api, manager.api, world.anonymous]) expect(await waysTo(client, post)).toEqual([])
      expect(await api.errorCode(UPDATE, { input: { postId: post.globalId, title: 'Back' } })).toBe(
        'NOT_FOUND',
      )
      for (const change of [PUBLISH, DELETE])
        expect(await manager.api.errorCode(change, { id: post.globalId })).toBe('NOT_FOUND')
    }
  })
})

describe('editing a post', () => {
  test('changes what is given and counts the version', async () => {
    const { globalId: postId, author, body } = await write({ publish: true, title: 'Before' })
    const change = async (input: Record<string, unknown>) =>
      (await author.api.data(UPDATE, { input: { postId, ...input } })).updatePost
    expect((await change({ title: 'After' })).post).toEqual({
      title: 'After',
      body,
      tags: [],
      status: 'PUBLISHED',
      version: 2,
    })
    expect((await change({ body: 'One\nTwo', tags: ['Sea'] })).post).toMatchObject({
      title: 'After',
      body: 'One\nTwo',
      tags: ['sea'],
      version: 3,
    })
    expect((await change({ tags: [] })).post).toMatchObject({ tags: [], version: 4 })
    for (const field of ['title', 'body', 'tags']) {
      expect(await change({ [field]: null })).toEqual({
        post: null,
        userErrors: [{ code: 'REQUIRED', field: [field] }],
      })
    }
  })

  test('to what it is already is no change', async () => {
    const { globalId: postId, author, title, body } = await write({ publish: true })
    const read = () =>
      author.api.data('query ($id: ID!) { post(id: $id) { updatedAt version } }', { id: postId })
    const before = await read()
    world.clock.advance(MINUTE)
    for (const change of [{}, { title, body, tags: [] }]) {
      const { updatePost } = await author.api.data(UPDATE, { input: { postId, ...change } })
      expect(updatePost).toMatchObject({ post: { title, version: 1 }, userErrors: [] })
    }
    expect(await read()).toEqual(before)
    const events = `SELECT 1 FROM audit_events WHERE action = 'post.updated' AND target = $1`
    expect(await world.db.query(events, [postId])).toEqual([])
  })

  test('on top of another change is a conflict that shows the post as it is', async () => {
    const { globalId: postId, author, body } = await write({ publish: true, title: 'Before' })
    const input = { postId, title: 'Mine', expectedVersion: 1 }
    await author.api.data(UPDATE, { input: { postId, title: 'Theirs' } })
    const { data, errors } = await author.api.send(UPDATE, { input })
    expect(data).toEqual({ updatePost: null })
    const current = { title: 'Theirs', body, tags: [] }
    expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT', currentVersion: 2, current } }])
    expect(
      (await author.api.data(UPDATE, { input: { ...input, expectedVersion: 2 } })).updatePost.post,
    ).toMatchObject({ title: 'Mine', version: 3 })
  })

  test('publishing again leaves the post as it is', async () => {
    const { globalId: id, author } = await write({ publish: true })
    const read = () =>
      author.api.data('query ($id: ID!) { post(id: $id) { publishedAt updatedAt version } }', { id })
    const before = await read()
    world.clock.advance(MINUTE)
    await author.api.data(PUBLISH, { id })
    expect(await read()).toEqual(before)
  })

  test('the time of publication is that of the clock', async () => {
    const author = await world.person()
    const moment = world.clock.now()
    const { post } = await create(author, { publish: true })
    const publishedAt = new Date(post.publishedAt)
    expect(publishedAt >= moment && publishedAt <= later(world.clock.now(), 0)).toBe(true)
    expect((await create(author)).post.publishedAt).toBeNull()
  })
})

describe('tags', () => {
  test('are kept in lower case and once, and found in whatever case', async () => {
    const author = await world.person()
    const tag = unique('Grün ')
    const { post } = await create(author, {
      tags: [tag, ` ${tag.toUpperCase()} `, tag.toLowerCase(), 'C++'],
      publish: true,
    })
    expect(post.tags).toEqual([tag.toLowerCase(), 'c++'])
    for (const wanted of [tag, tag.toUpperCase(), tag.toLowerCase()]) {
      const { posts } = await world.anonymous.data(
        'query ($tag: String) { posts(filter: { tag: $tag }) { totalCount edges { node { id } } } }',
        { tag: wanted },
      )
      expect(posts).toEqual({ totalCount: 1, edges: [{ node: { id: post.id } }] })
    }
  })

  test('that are empty, too long, too many or begin with a sign are refused', async () => {
    const author = await world.person()
    const refused: [string[], string, string[]][] = [
      [[''], 'REQUIRED', ['tags', '0']],
      [['good', '   '], 'REQUIRED', ['tags', '1']],
      [['x'.repeat(41)], 'TOO_LONG', ['tags', '0']],
      [Array.from({ length: 11 }, (_, index) => `t${index}`), 'TOO_LONG', ['tags']],
      [['#tag'], 'INVALID', ['tags', '0']],
    ]
    for (const [tags, code, field] of refused) {
      expect(await create(author, { tags })).toEqual({ post: null, userErrors: [{ code, field }] })
    }
    expect((await create(author, { tags: ['x'.repeat(40)] })).userErrors).toEqual([])
  })
})

describe('the readable name', () => {
  test('comes from the title, is unique however titles repeat, and leads back to the post', async () => {
    const author = await world.person()
    const titles: [string, RegExp][] = [
      ['A quiet morning', /^a-quiet-morning-[0-9a-f]{10}$/],
      ['A quiet morning', /^a-quiet-morning-[0-9a-f]{10}$/],
      ['Über Größe & Maß!', /^uber-große-maß-[0-9a-f]{10}$/],
      ['静かな朝', /^静かな朝-[0-9a-f]{10}$/],
      ['!!! 💥 ???', /^[0-9a-f]{10}$/],
      ['--a--', /^a-[0-9a-f]{10}$/],
      // Each letter is two code units; none must be cut in half.
      [`x${'𐌰'.repeat(100)}`, /^x𐌰{59}-[0-9a-f]{10}$/u],
    ]
    const slugs = new Set<string>()
    for (const [title, expected] of titles) {
      const { post } = await create(author, { title, publish: true })
      expect(post.slug).toMatch(expected)
      slugs.add(post.slug)
      const { postBySlug } = await world.anonymous.data(
        'query ($slug: String!) { postBySlug(slug: $slug) { id slug } }',
        { slug: post.slug },
      )
      expect(postBySlug).toEqual({ id: post.id, slug: post.slug })
    }
    expect(slugs.size).toBe(titles.length)
  })

  test('follows the title until it is published, so that it tells nothing of what was only thought of', async () => {
    const { globalId: postId, author, slug } = await write({ publish: false })
    const { updatePost } = await author.api.data(
      'mutation ($input: UpdatePostInput!) { updatePost(input: $input) { post { slug } } }',
      { input: { postId, title: 'Said aloud' } },
    )
    expect(updatePost.post.slug).toMatch(/^said-aloud-[0-9a-f]{10}$/)
    const { postBySlug } = await author.api.data(
      'query ($slug: String!) { postBySlug(slug: $slug) { id } }',
      {
        slug,
      },
    )
    expect(postBySlug).toBeNull()
  })

  test('stays when the title changes of what is published, so that addresses stay good', async () => {
    const { globalId: postId, author, slug } = await write({ publish: true })
    await author.api.data(UPDATE, { input: { postId, title: 'Another title' } })
    expect(
      (await author.api.data('query ($id: ID!) { post(id: $id) { slug } }', { id: postId })).post.slug,
    ).toBe(slug)
  })
})
