import { useWorld } from '../support/world'

const world = useWorld()

/* What a screen costs in statements; a statement per row would be the end of every list. */

const FEED = `query ($first: Int!) {
  posts(first: $first) {
    edges { cursor node { id title body author { id username displayName } } }
    pageInfo { hasNextPage startCursor endCursor }
  }
}`

const PEOPLE = `query ($first: Int!) {
  users(first: $first) { edges { node { id username displayName email status lastSeenAt } } }
}`

describe('statements of a request', () => {
  test('20 posts with their authors, signed in, take three: the session, the posts, the authors', async () => {
    const reader = await world.person()
    await Promise.all(Array.from({ length: 21 }, () => world.post()))
    const { posts } = await world.expectQueries(3, () => reader.api.data(FEED, { first: 20 }))
    expect(posts.edges).toHaveLength(20)
    expect(
      new Set(posts.edges.map(({ node }: { node: { author: { id: string } } }) => node.author.id)).size,
    ).toBe(20)
  })

  test('the same, for a stranger, takes two', async () => {
    const post = await world.post()
    const { posts } = await world.expectQueries(2, () => world.anonymous.data(FEED, { first: 1 }))
    expect(posts.edges[0].node.author.username).toBe(post.author.username)
  })

  test('the viewer takes two', async () => {
    const person = await world.person()
    const { viewer } = await world.expectQueries(2, () =>
      person.api.data('{ viewer { id username displayName bio locale timeZone status createdAt version } }'),
    )
    expect(viewer.id).toBe(person.globalId)
  })

  test.each([1, 40])(
    '%i people with their e-mail addresses take four: session, people, addresses, keys',
    async (first) => {
      const admin = await world.person({ role: 'admin' })
      await Promise.all(Array.from({ length: first }, () => world.person()))
      const { users } = await world.expectQueries(4, () => admin.api.data(PEOPLE, { first }))
      expect(users.edges).toHaveLength(first)
      for (const { node } of users.edges) expect(node.email).toBe(`${node.username}@example.com`)
    },
  )
})
