import { PasswordService } from '../../src/modules/password/password.service'
import { storedPasskey } from '../support/second-factor'
import { useWorld } from '../support/world'

const PASSWORD = 'a quiet morning by the sea'

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

  test('how 40 people sign in takes as many statements as of one', async () => {
    const admin = await world.person({ role: 'admin' })
    const passwords = new PasswordService(world.db)
    const hash = await passwords.hash(PASSWORD)
    for (const { id } of await Promise.all(Array.from({ length: 40 }, () => world.person()))) {
      await passwords.store(id, hash)
      await storedPasskey(world, id)
    }
    const security = `{ passwordChangedAt isPasswordBreached secondFactors isSecondFactorRequired freezeEndsAt
      passkeys { name } identities { id } recoveryCodesLeft }`
    const SECURITY = `query ($first: Int!) { users(first: $first) { edges { node { security ${security} } } } }`
    await admin.api.data(SECURITY, { first: 1 })
    // People; passwords; factors, passkeys and recovery codes as second factors; passkeys, identities and codes by themselves.
    for (const first of [1, 40]) {
      const { users } = await world.expectQueries(9, () => admin.api.data(SECURITY, { first }))
      expect(users.edges).toHaveLength(first)
      for (const { node } of users.edges)
        expect(node.security).toMatchObject({
          passwordChangedAt: expect.any(String),
          secondFactors: ['PASSKEY'],
          passkeys: [{ name: 'Phone' }],
        })
    }
  })

  test.each([1, 40])(
    '%i people with their e-mail addresses take five: session, people, addresses, keys, and the note of who read them',
    async (first) => {
      const admin = await world.person({ role: 'admin' })
      await Promise.all(Array.from({ length: first }, () => world.person()))
      const { users } = await world.expectQueries(5, () => admin.api.data(PEOPLE, { first }))
      expect(users.edges).toHaveLength(first)
      for (const { node } of users.edges) expect(node.email).toBe(`${node.username}@example.com`)
    },
  )
})
