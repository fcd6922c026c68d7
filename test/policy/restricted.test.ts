import { readdirSync, readFileSync } from 'node:fs'
import {
  concatAST,
  Kind,
  parse,
  print,
  separateOperations,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql'
import { toGlobalId } from '../../src/core/id'
import { ALL_PERMISSIONS } from '../../src/core/permission'
import { UserService } from '../../src/modules/user/user.service'
import { ApiClient } from '../support/api-client'
import { restricted } from '../support/privacy'
import { unique, useWorld, type Person } from '../support/world'
import { queries, stage, type Scene } from './stage'

/*
 * Somebody whose data is kept and no more is a canary: everything that can be asked is asked, and no answer holds anything
 * that is theirs, whoever else asks; nor, for whoever is no staff, while they have deactivated their account. What is asked is taken from the schema: each type and list as the matrix reaches it, and
 * each query that the SDK offers.
 */

const world = useWorld()
const { makeScene, reach, lists } = stage(world)

let scene: Scene
let canary: Person
/** Of posts that everybody could read. */
let title: string
/** What no answer may hold. */
let signs: string[]
let documents: { name: string; query: string; variables: Record<string, unknown> }[]

/** What a variable of an operation can hold to find the canary, by its name. */
const variablesFor = (name: string): unknown[] => {
  const {
    subject,
    draft,
    hidden,
    commentId,
    bulkJobId,
    eventId,
    groupId,
    role,
    noteId,
    requestId,
    caseId,
    decisionId,
    appealId,
  } = scene
  const known: Record<string, unknown[]> = {
    id: [
      ...[subject.globalId, draft.globalId, commentId, bulkJobId, eventId, noteId, requestId],
      ...[caseId, decisionId, appealId],
      ...[
        toGlobalId('group', groupId),
        toGlobalId('role', role.id),
        toGlobalId('session', subject.sessionId),
      ],
    ],
    userId: [subject.globalId],
    conversationId: [scene.group.conversationId],
    viewerId: [subject.globalId],
    subjectId: [subject.globalId],
    field: ['User.email'],
    groupId: [toGlobalId('group', groupId)],
    roleId: [toGlobalId('role', role.id)],
    postId: [draft.globalId],
    commentId: [commentId],
    bulkJobId: [bulkJobId],
    slug: [draft.slug],
    username: [subject.username],
    key: ['theme'],
    query: [hidden.title, `"${hidden.title}"`, title],
    first: [100],
    filter: [null],
    name: ['SIGN_UPS'],
    from: ['2026-01-01T00:00:00Z'],
    to: ['2026-02-01T00:00:00Z'],
    interval: ['DAY'],
    steps: [['page.viewed', 'page.viewed']],
    periods: [8],
    within: [1_440],
  }
  return known[name] ?? [null]
}

beforeAll(async () => {
  scene = await makeScene()
  canary = scene.subject
  title = unique('A title of theirs ')
  const post = await world.post({ author: canary, title })
  await world.post({ author: canary, title, publish: false })
  await world.join(scene.groupId, scene.other)
  const asked = [
    ...(await Promise.all(
      [...Object.entries(reach), ...Object.entries(lists)].map(async ([name, ask]) => {
        const { query, variables = {} } = (await ask(scene, null)) as {
          query: string
          variables?: Record<string, unknown>
        }
        return { name, query, variables }
      }),
    )),
    ...Object.entries(queries).map(([name, ask]) => ({ name, query: ask(scene), variables: {} })),
    ...operations(),
    {
      name: 'all posts, and who has written them',
      query: `{ posts(first: 100) { totalCount edges { node { title slug author { id username } } } } post(id: "${post.globalId}") { title }
        nodes(ids: ["${canary.globalId}", "${post.globalId}"]) { id } }`,
      variables: {},
    },
    {
      name: 'people by name',
      query: `{ users(filter: { search: "${canary.username}" }) { totalCount edges { node { id username } } } }`,
      variables: {},
    },
  ]
  documents = asked
  signs = [
    canary.username,
    canary.globalId,
    canary.email,
    title,
    post.slug,
    scene.draft.title,
    scene.draft.slug,
  ]
  await restricted(world, canary)
})

/** Every query that the SDK offers, with what could find the canary. */
function operations() {
  const folder = 'schema/operations'
  const all = separateOperations(
    concatAST(readdirSync(folder).map((file) => parse(readFileSync(`${folder}/${file}`, 'utf8')))),
  )
  return Object.entries(all).flatMap(([name, document]) => {
    const operation = document.definitions.find(
      (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
    )!
    if (operation.operation !== 'query') return []
    const definitions = operation.variableDefinitions ?? []
    // With all that a flag may include.
    const valuesFor = ({ variable, defaultValue }: VariableDefinitionNode) =>
      defaultValue?.kind === Kind.BOOLEAN ? [true] : variablesFor(variable.name.value)
    const unknown = definitions.filter(
      (each) => each.type.kind === Kind.NON_NULL_TYPE && valuesFor(each).includes(null),
    )
    if (unknown.length > 0) throw new Error(`Say in variablesFor what ${name} could find somebody by.`)
    const cases = definitions.reduce<Record<string, unknown>[]>(
      (some, each) =>
        valuesFor(each).flatMap((value) =>
          some.map((one) => ({ ...one, [each.variable.name.value]: value })),
        ),
      [{}],
    )
    return cases.map((variables) => ({ name, query: print(document), variables }))
  })
}

const READERS: Record<string, () => Promise<ApiClient>> = {
  'a stranger': async () => new ApiClient(world.url),
  'another member of their group': async () => scene.other.api,
  'a manager': async () => scene.manager.api,
  'a manager of their group': async () => scene.managerOfGroup.api,
  'staff with everything but privacy:manage': async () =>
    (await world.person({ permissions: ALL_PERMISSIONS.filter((each) => each !== 'privacy:manage') })).api,
}

/** The documents whose answers hold a sign of the canary, and which. */
async function found(api: ApiClient): Promise<string[]> {
  const seen: string[] = []
  for (const { name, query, variables } of documents) {
    const { data } = await api.send(query, variables)
    // What staff did to somebody else stays on the trail by that person's id, which finds nobody.
    const answer = JSON.stringify(data ?? null).replaceAll(/"details":\{"about":"user_\w+"\}/g, '')
    for (const sign of signs) if (answer.includes(sign)) seen.push(`${name}: ${sign}`)
  }
  return seen
}

test('enough is asked', () => {
  expect(documents.length).toBeGreaterThan(100)
})

test.each(Object.keys(READERS))(
  'R94 %s finds nothing of somebody whose data is kept and no more',
  async (name) => {
    expect(await found(await READERS[name]!())).toEqual([])
  },
)

test.each(['self', 'admin'] as const)(
  'R94 %s finds them, so that it is what was asked that found nothing',
  async (name) => {
    const seen = await found(scene[name].api)
    for (const sign of signs) expect(seen.join()).toContain(sign)
  },
)

test.each(['a stranger', 'another member of their group'])(
  '%s finds nothing of somebody who has deactivated their account, and everything public once they are back',
  async (name) => {
    const users = new UserService(world.db)
    await users.liftRestriction(canary.id)
    await world.db.transaction((tx) => new UserService(tx).deactivate(canary.id))
    const api = await READERS[name]!()
    expect(await found(api)).toEqual([])
    await world.db.transaction((tx) => new UserService(tx).noteSignIn(canary.id))
    expect((await found(api)).join()).toContain(canary.username)
  },
)
