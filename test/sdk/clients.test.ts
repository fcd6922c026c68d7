import { generate } from '@graphql-codegen/cli'
import { generateOutput } from '@gql.tada/cli-utils'
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'
import { parse, type DocumentNode } from 'graphql'
import { GraphQLClient } from 'graphql-request'
import { initGraphQLTada } from 'gql.tada'
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { cacheExchange, Client, fetchExchange } from 'urql'
import { unique, useWorld } from '../support/world'

const world = useWorld()
const REPOSITORY = process.cwd()
/** A package that is nothing but where its binary is. */
const relayCompiler = createRequire(__filename)('relay-compiler') as string
const PASSWORD = 'a lamp beside the seventh door'

/** Named as Relay's compiler asks for: after their file. */
const OPERATIONS = {
  FlowSignUpMutation: `mutation FlowSignUpMutation($input: SignUpInput!) {
    signUp(input: $input) { challenge { id expiresAt } userErrors { code field message } }
  }`,
  FlowVerifyMutation: `mutation FlowVerifyMutation($input: CompleteSignUpInput!) {
    completeSignUp(input: $input) { token user { id } userErrors { code field message } }
  }`,
  FlowSignInMutation: `mutation FlowSignInMutation($input: SignInInput!) {
    signIn(input: $input) { token user { id username } userErrors { code field message } }
  }`,
  FlowPostsQuery: `query FlowPostsQuery($authorId: ID!, $after: String) {
    posts(filter: { authorId: $authorId }, orderBy: OLDEST_FIRST, first: 2, after: $after) {
      edges { node { id title author { username } } }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  FlowProfileMutation: `mutation FlowProfileMutation($input: UpdateProfileInput!) {
    updateProfile(input: $input) { user { id displayName version } userErrors { code field message } }
  }`,
  FlowSignOutMutation: `mutation FlowSignOutMutation { signOut { userErrors { code field message } } }`,
  FlowViewerQuery: `query FlowViewerQuery { viewer { id username } }`,
}
type Name = keyof typeof OPERATIONS

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by the assertions below */
type Send = (name: Name, variables: Record<string, unknown>, token?: string) => Promise<any>

/** Signs up, signs in, pages, updates, signs out. */
async function walkThrough(send: Send): Promise<void> {
  const username = unique('u')
  const email = `${username}@example.com`
  const { signUp } = await send('FlowSignUpMutation', { input: { username, email, password: PASSWORD } })
  const { code } = world.portico.mailbox!.read(email)[0]!
  const { completeSignUp } = await send('FlowVerifyMutation', {
    input: { challengeId: signUp.challenge.id, code },
  })
  expect(completeSignUp).toMatchObject({ userErrors: [], token: expect.stringMatching(/^ptc_/) })

  const { signIn } = await send('FlowSignInMutation', { input: { login: email, password: PASSWORD } })
  expect(signIn).toMatchObject({ userErrors: [], user: { username } })
  const { token } = signIn

  const author = await world.person()
  for (const title of ['One', 'Two', 'Three']) {
    await world.post({ author, title })
    world.clock.advance(1)
  }
  const titles: string[] = []
  let after: string | null = null
  do {
    const { posts } = await send('FlowPostsQuery', { authorId: author.globalId, after }, token)
    titles.push(...posts.edges.map(({ node }: { node: { title: string } }) => node.title))
    after = posts.pageInfo.hasNextPage ? posts.pageInfo.endCursor : null
  } while (after)
  expect(titles).toEqual(['One', 'Two', 'Three'])

  const { updateProfile } = await send('FlowProfileMutation', { input: { displayName: 'Ada' } }, token)
  expect(updateProfile).toMatchObject({ userErrors: [], user: { displayName: 'Ada' } })

  expect(await send('FlowSignOutMutation', {}, token)).toMatchObject({ signOut: { userErrors: [] } })
  expect(await send('FlowViewerQuery', {}, token)).toMatchObject({ viewer: null })
}

const documents = Object.fromEntries(
  Object.entries(OPERATIONS).map(([name, text]) => [name, parse(text)]),
) as Record<Name, DocumentNode>
const isMutation = (name: Name) => name.endsWith('Mutation')
const headersFor = (token?: string): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {}

describe('R104 by default', () => {
  test('Apollo Client works', async () => {
    const client = new ApolloClient({ link: new HttpLink({ uri: world.url }), cache: new InMemoryCache() })
    await walkThrough(async (name, variables, token) => {
      const context = { headers: headersFor(token) }
      const { data } = isMutation(name)
        ? await client.mutate({ mutation: documents[name], variables, context })
        : await client.query({ query: documents[name], variables, context })
      return data
    })
    client.stop()
  })

  test('urql works, which sends short queries by GET', async () => {
    const methods: string[] = []
    const spy = jest.spyOn(globalThis, 'fetch').mockImplementation((...given) => {
      methods.push(given[1]?.method ?? 'GET')
      return original(...given)
    })
    const client = new Client({ url: world.url, exchanges: [cacheExchange, fetchExchange] })
    await walkThrough(async (name, variables, token) => {
      const context = { fetchOptions: { headers: headersFor(token) } }
      const { data, error } = isMutation(name)
        ? await client.mutation(documents[name], variables, context)
        : await client.query(documents[name], variables, context)
      if (error) throw error
      return data
    })
    spy.mockRestore()
    expect(methods).toEqual(['POST', 'POST', 'POST', 'GET', 'GET', 'POST', 'POST', 'GET'])
  })

  test('graphql-request works', async () => {
    await walkThrough(requested((name) => documents[name]))
  })
})
const original = globalThis.fetch

const requested =
  (documentOf: (name: Name) => DocumentNode | string): Send =>
  (name, variables, token) =>
    new GraphQLClient(world.url, { headers: headersFor(token) }).request(documentOf(name), variables)

describe('R104 from the committed schema', () => {
  let folder: string
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'portico-tools-')))
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'junction')
    copyFileSync('schema/schema.graphql', join(folder, 'schema.graphql'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const write = (file: string, content: string | object) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content))
  }
  /** A module that a tool has written. */
  const load = (file: string) => import(join(folder, file)) as Promise<Record<string, unknown>>
  const asConstants = Object.entries(OPERATIONS)
    .map(([name, text]) => `export const ${name} = graphql(\`${text}\`)`)
    .join('\n')

  test('the client preset of GraphQL Code Generator makes documents that work', async () => {
    write('preset/flow.ts', `import { graphql } from './gql'\n${asConstants}`)
    await generate({
      cwd: folder,
      schema: 'schema.graphql',
      documents: 'preset/flow.ts',
      generates: { './preset/gql/': { preset: 'client' } },
      silent: true,
    })
    const made = await load('preset/gql/graphql.ts')
    await walkThrough(requested((name) => made[`${name}Document`] as DocumentNode))
  }, 60_000)

  test('gql.tada infers the types of documents that work', async () => {
    const project = {
      compilerOptions: {
        ...{ strict: true, noEmit: true, skipLibCheck: true },
        ...{ module: 'nodenext', target: 'es2022', lib: ['es2022'] },
        plugins: [
          {
            name: 'gql.tada/ts-plugin',
            schema: './schema.graphql',
            tadaOutputLocation: './tada/graphql-env.d.ts',
          },
        ],
      },
      include: ['tada/*.ts'],
    }
    write('tsconfig.json', project)
    write(
      'tada/flow.ts',
      `import { initGraphQLTada, type ResultOf, type VariablesOf } from 'gql.tada'
       import type { introspection } from './graphql-env.js'
       const graphql = initGraphQLTada<{ introspection: introspection }>()
       ${asConstants}
       type Posts = ResultOf<typeof FlowPostsQuery>['posts']
       export const titlesOf = ({ edges }: Posts): string[] => edges.map(({ node }) => node.title)
       // @ts-expect-error the author may be unknown
       export const namesOf = ({ edges }: Posts): string[] => edges.map(({ node }) => node.author.username)
       // @ts-expect-error the password is missing
       export const input: VariablesOf<typeof FlowSignInMutation> = { input: { login: 'ada' } }`,
    )
    await generateOutput({ output: undefined, tsconfig: join(folder, 'tsconfig.json'), silent: true })
    const { fileNames, options } = ts.parseJsonConfigFileContent(project, ts.sys, folder)
    const host = ts.createCompilerHost(options)
    host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors
    const problems = ts.getPreEmitDiagnostics(ts.createProgram(fileNames, options, host))
    expect(ts.formatDiagnostics(problems, host)).toBe('')
    const graphql = initGraphQLTada()
    await walkThrough(requested((name) => graphql(OPERATIONS[name])))
  }, 60_000)

  test('Relay compiles the flow, and a list that goes on by node and cursor', async () => {
    const texts = [
      ...Object.values(OPERATIONS),
      'query FlowAuthorQuery($id: ID!) { user(id: $id) { ...Flow_author } }',
      `fragment Flow_author on User
        @refetchable(queryName: "FlowAuthorPaginationQuery")
        @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
        posts(first: $count, after: $cursor) @connection(key: "Flow_author_posts") { edges { node { title } } }
      }`,
    ]
    write('relay/Flow.ts', texts.map((text) => `graphql\`${text}\``).join('\n'))
    write('relay.json', {
      src: './relay',
      schema: './schema.graphql',
      language: 'typescript',
      artifactDirectory: './artifacts',
    })
    mkdirSync(join(folder, 'artifacts'))
    await promisify(execFile)(relayCompiler, ['relay.json'], { cwd: folder })
    const artifacts = await Promise.all(
      [...Object.keys(OPERATIONS), 'FlowAuthorQuery', 'FlowAuthorPaginationQuery'].map(async (name) => {
        const artifact = (await load(`artifacts/${name}.graphql.ts`)) as {
          default: { params: { text: string } }
        }
        return [name, artifact.default.params.text] as const
      }),
    )
    const compiled = new Map<string, string>(artifacts)
    await walkThrough(requested((name) => compiled.get(name)!))

    const { author } = await world.post({ title: 'The only one' })
    const first = await world.anonymous.data(compiled.get('FlowAuthorQuery')!, { id: author.globalId })
    expect(first.user.posts).toMatchObject({
      edges: [{ node: { title: 'The only one', __typename: 'Post' } }],
    })
    const cursor: string = first.user.posts.pageInfo.endCursor
    const rest = await world.anonymous.data(compiled.get('FlowAuthorPaginationQuery')!, {
      id: author.globalId,
      count: 2,
      cursor,
    })
    expect(rest.node).toMatchObject({
      __typename: 'User',
      posts: { edges: [], pageInfo: { hasNextPage: false } },
    })
  }, 60_000)
})
