import { readFileSync } from 'node:fs'
import { BlockKind } from '../../src/modules/block/block-kind'
import { BlockService } from '../../src/modules/block/block.service'
import { useWorld } from '../support/world'
import {
  CASES,
  DATA_OF,
  expectationOf,
  KEPT_AWAY,
  LISTS,
  MUTATIONS,
  OPENED_BY,
  QUERIES,
  readersOf,
  SUBSCRIPTIONS,
  TYPES,
  WRAPPERS,
  type Kept,
} from './expectations'
import { permissionsDocument } from './permissions-document'
import { questioner, ROWS, type Question } from './questions'
import { fieldsOf, objectTypes, stage, type Scene } from './stage'

const world = useWorld()
const theStage = stage(world)
const { makeScene } = theStage

describe('R52 every field has an expectation', () => {
  test('every type of the schema, and every field of it', () => {
    const missing = objectTypes
      .filter((type) => !WRAPPERS.test(type.name))
      .flatMap((type) => {
        const expected =
          type.name === 'Query'
            ? QUERIES
            : type.name === 'Mutation'
              ? MUTATIONS
              : type.name === 'Subscription'
                ? SUBSCRIPTIONS
                : (TYPES[type.name]?.fields ?? {})
        return fieldsOf(type.name)
          .filter((field) => !(field in expected))
          .map((field) => `${type.name}.${field}`)
      })
    expect(missing).toEqual([])
    // A failure here asks for a line in test/policy/expectations.ts: who may see the new field?
  })

  test('nothing is expected of fields that do not exist', () => {
    const known = new Set(
      objectTypes.flatMap((type) => fieldsOf(type.name).map((field) => `${type.name}.${field}`)),
    )
    const stated = [
      ...Object.entries(TYPES).flatMap(([type, { fields }]) =>
        Object.keys(fields).map((field) => `${type}.${field}`),
      ),
      ...Object.keys(QUERIES).map((field) => `Query.${field}`),
      ...Object.keys(MUTATIONS).map((field) => `Mutation.${field}`),
      ...Object.keys(SUBSCRIPTIONS).map((field) => `Subscription.${field}`),
    ]
    expect(stated.filter((field) => !known.has(field))).toEqual([])
  })
})

test('what an admin may see and the other person may not is opened by a permission that is named', () => {
  const ways = [
    ...[...Object.keys(TYPES), ...Object.keys(CASES)].flatMap((subject) =>
      Object.keys(expectationOf(subject).fields).map((field) => ({
        names: [`${subject}.${field}`, subject],
        readers: readersOf(subject, field),
      })),
    ),
    ...Object.entries(QUERIES).map(([field, readers]) => ({ names: [`Query.${field}`], readers })),
    ...Object.entries(MUTATIONS)
      .filter(([, { otherwise }]) => otherwise === undefined)
      .map(([field, { may }]) => ({ names: [`Mutation.${field}`], readers: may })),
  ]
  const guarded = ways.filter(({ readers }) => readers.includes('admin') && !readers.includes('other'))
  expect(guarded.length).toBeGreaterThan(100)
  expect(
    guarded.filter(({ names }) => !names.some((name) => name in OPENED_BY)).map(({ names }) => names[0]),
  ).toEqual([])
  const subscriptions = Object.keys(SUBSCRIPTIONS).map((field) => `Subscription.${field}`)
  const known = new Set([...ways.flatMap(({ names }) => names), ...subscriptions])
  expect(Object.keys(OPENED_BY).filter((name) => !known.has(name))).toEqual([])
})

/** Puts questions to the running API, each as a test of its own. */
function ask(questions: Question[]): void {
  test.each(questions.map((question) => [question.asker, question] as const))(
    'as %s',
    async (_asker, question) => {
      expect(await question.faults()).toEqual([])
    },
  )
}

describe('R55 fields are readable exactly as declared, and that others read them is noted', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))
  const { aboutRow } = questioner(world, theStage, () => scene)

  describe.each(ROWS)('%s', (subject) => ask(aboutRow(subject)))

  // What was noted of a row as a whole may be due to any of its fields.
  const noted = Object.keys(DATA_OF).filter((name) => name in TYPES && name !== 'User')
  describe.each(noted.flatMap((type) => fieldsOf(type).map((field) => [type, field] as const)))(
    '%s.%s alone',
    (type, field) =>
      ask(aboutRow(type, field).filter(({ asker }) => asker === 'admin' || asker.endsWith(' alone'))),
  )
})

describe('R57 lists hold those whom one reaches, and nobody else', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))
  const { aboutList } = questioner(world, theStage, () => scene)

  describe.each(Object.keys(LISTS))('%s', (name) => ask(aboutList(name)))
})

describe('R53 queries are open exactly as declared', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))
  const { aboutQuery } = questioner(world, theStage, () => scene)

  describe.each(Object.keys(QUERIES))('%s', (field) => ask(aboutQuery(field)))
})

describe('R54 mutations act exactly for whom they may, and those that need it after a fresh proof', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))
  const { aboutMutation } = questioner(world, theStage, () => scene)

  describe.each(Object.keys(MUTATIONS))('%s', (field) => ask(aboutMutation(field)))
})

describe('subscriptions are open exactly as declared', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))
  const { aboutSubscription } = questioner(world, theStage, () => scene)

  describe.each(Object.keys(SUBSCRIPTIONS))('%s', (field) => ask(aboutSubscription(field)))
})

describe.each(Object.keys(KEPT_AWAY) as Kept[])(
  'R55 the other person who %s is as any other, but where it says so',
  (kept) => {
    let scene: Scene
    beforeAll(async () => {
      scene = await makeScene()
      const { by, kind } = KEPT_AWAY[kept]
      const [person, away] = by === 'subject' ? [scene.subject, scene.other] : [scene.other, scene.subject]
      await (kind === BlockKind.BLOCKED
        ? new BlockService(await world.asViewer(person)).block(away.id)
        : new BlockService(await world.asViewer(person)).mute(away.id, null))
    })
    const { aboutRow, aboutQuery, aboutMutation } = questioner(world, theStage, () => scene)
    const asked = [
      ...ROWS.map((name) => [name, aboutRow(name)] as const),
      ...Object.keys(QUERIES).map((field) => [`Query.${field}`, aboutQuery(field)] as const),
      ...Object.keys(MUTATIONS).map((field) => [`Mutation.${field}`, aboutMutation(field)] as const),
    ].flatMap(([name, questions]) =>
      questions.filter(({ asker }) => asker === 'other').map(({ faults }) => [name, faults] as const),
    )

    test.each(asked)('%s', async (name, faults) => {
      const { finds } = KEPT_AWAY[kept]
      const differences = (await faults()).map((fault) => fault.split('found ').at(-1))
      expect(differences).toEqual(name in finds ? [finds[name]] : [])
    })

    test('differs in nothing that is not asked', () => {
      const names = asked.map(([name]) => name)
      expect(Object.keys(KEPT_AWAY[kept].finds).filter((name) => !names.includes(name))).toEqual([])
    })
  },
)

test('schema/permissions.md says what the API does', () => {
  // `npm run update` prints it anew.
  expect(readFileSync('schema/permissions.md', 'utf8')).toBe(permissionsDocument())
})
