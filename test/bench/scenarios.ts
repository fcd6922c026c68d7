/** One thing to measure: the same question to Portico in GraphQL and to the floor by a path, with the same answer. */
export interface Scenario {
  name: string
  /** `writers` take turns: no person writes as fast as all of them. */
  as: 'reader' | 'admin' | 'writers'
  /** The body of Portico's `POST /graphql`. */
  operation: { query: string; variables?: Record<string, unknown> }
  floor: { method: 'GET' | 'POST'; path: string; body?: unknown }
  /** Properties that are new in every answer; only their form is compared. */
  fresh?: readonly string[]
}

const NEW_POST = {
  title: 'What the tide leaves behind',
  body: 'Shells, rope, a single glove, and once a letter that nobody had opened. '.repeat(6).trim(),
  tags: ['shore', 'found things'],
  publish: true,
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'feed: 20 posts with authors',
    as: 'reader',
    operation: {
      query: `query Feed {
        posts(first: 20) {
          edges { node { id slug title body tags publishedAt author { id username displayName } } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
    },
    floor: { method: 'GET', path: '/feed' },
  },
  {
    name: 'viewer',
    as: 'reader',
    operation: {
      query: 'query Viewer { viewer { id username displayName bio locale timeZone createdAt version } }',
    },
    floor: { method: 'GET', path: '/viewer' },
  },
  {
    name: 'list of 100 users with decrypted e-mail',
    as: 'admin',
    operation: {
      query: `query Users {
        users(first: 100) {
          edges { node { id username displayName email status lastSeenAt } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
    },
    floor: { method: 'GET', path: '/users' },
  },
  {
    name: 'createPost',
    as: 'writers',
    operation: {
      query: `mutation CreatePost($input: CreatePostInput!) {
        createPost(input: $input) {
          post { id slug title tags status publishedAt version author { username } }
          userErrors { code field }
        }
      }`,
      variables: { input: NEW_POST },
    },
    floor: { method: 'POST', path: '/posts', body: NEW_POST },
    fresh: ['id', 'slug', 'publishedAt'],
  },
]
