import {
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isNonNullType,
  isObjectType,
  type GraphQLField,
} from 'graphql'
import { PubSub } from '../../src/db/pub-sub'
import { Executor } from '../../src/graphql/executor'
import { expand, guard, inWords, type ShieldRule } from '../../src/graphql/guard'
import { permissions } from '../../src/graphql/permissions'
import { buildSchema, declareSchema } from '../../src/graphql/schema'
import { questioner, type Question } from '../policy/questions'
import { stage, type Scene } from '../policy/stage'
import { useWorld } from '../support/world'
import { inProcess } from './in-process'
import { mutantsOf } from './mutants'
import { report, type Fate } from './score'

/*
 * Would the matrix notice? Each rule of the policy is made wrong in every way that we know of, one at a time, and the
 * questions of the matrix about that field are put to the schema that is guarded so. The mutant is killed when something is
 * wrong with an answer, while the policy as it is answers the same question as expected. What survives is a rule that
 * nobody would miss.
 */

// Before the database goes, to which it listens.
afterAll(() => pubSub.stop())
const world = useWorld()

const declared = declareSchema()
const fields = Object.values(declared.getTypeMap())
  .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
  .flatMap((type) =>
    Object.values((isObjectType(type) && type.getFields()) || {}).map((field) => ({ type, field })),
  )
const policy = expand(declared, permissions)
type Field = GraphQLField<unknown, unknown>
const unguarded = new Map<Field, Pick<Field, 'resolve' | 'subscribe'>>(
  fields.map(({ field }) => [field, { resolve: field.resolve, subscribe: field.subscribe }]),
)
const mutated = guard(declared, policy)
let restore = () => {}

/** The schema guarded by the policy with another rule for one field, which alone is guarded anew. */
function schemaWith(typeName: string, name: string, rule: ShieldRule) {
  restore()
  const field = (mutated.getType(typeName) as GraphQLObjectType).getFields()[name]!
  const { resolve, subscribe, extensions } = field
  restore = () => Object.assign(field, { resolve, subscribe, extensions })
  const type = isNonNullType(field.type) ? new GraphQLNonNull(GraphQLString) : GraphQLString
  const alone = new GraphQLObjectType({
    name: typeName,
    fields: { [name]: { ...unguarded.get(field), type } },
  })
  guard(new GraphQLSchema({ types: [alone] }), { [typeName]: { [name]: rule } })
  const guarded = alone.getFields()[name]!
  Object.assign(field, {
    resolve: guarded.resolve,
    subscribe: guarded.subscribe,
    extensions: guarded.extensions,
  })
  return mutated
}

let pubSub: PubSub
let scene: Scene
let ask: (type: string, field: string) => Question[]

const questionsTo = (schema: ReturnType<typeof declareSchema>) => {
  const executor = new Executor({ schema, report: () => undefined })
  return questioner(world, stage(world, inProcess(world, pubSub, executor)), () => scene).about
}

beforeAll(async () => {
  pubSub = new PubSub(world.portico.databaseUrl, () => undefined)
  await pubSub.start()
  scene = await stage(world).makeScene()
  ask = questionsTo(buildSchema())
})

/** Who noticed that the rule of a field is wrong; nobody where the mutant survives. */
async function killerOf(type: string, field: string, rule: ShieldRule): Promise<string | null> {
  const questions = questionsTo(schemaWith(type, field, rule))(type, field)
  for (const [index, question] of questions.entries()) {
    if ((await faultsOf(question)).length === 0) continue
    const real = ask(type, field)[index]!
    if ((await faultsOf(real)).length > 0) {
      // After some hundred mutations a scene is worn out: sessions have been ended, tries used up.
      scene = await stage(world).makeScene()
      const faults = await faultsOf(real)
      if (faults.length > 0)
        throw new Error(`The policy as it is does not answer as expected: ${faults.join('; ')}`)
      if ((await faultsOf(question)).length === 0) continue
    }
    return question.asker
  }
  return null
}

/** An answer that the question does not know what to make of is wrong as well. */
const faultsOf = ({ faults }: Question): Promise<string[]> =>
  faults().catch((error: unknown) => [String(error)])

test.each(['Query.users', 'User.email', 'Mutation.createRole', 'PostConnection.edges'])(
  'nobody notices what is not wrong: %s',
  async (name) => {
    const [type, field] = name.split('.') as [string, string]
    expect(await killerOf(type, field, policy[type]![field]!)).toBeNull()
  },
)

/** The fields of which nobody could tell whether reading them is noted, and why. */
const NOTED_ALIKE: [place: RegExp, why: string][] = [
  [/^Webhook(?:Endpoint|Delivery|Attempt)\./, 'it names events, and nobody of whom a reading would be noted'],
  [/^Ticket\.(?:lastMessage|messages|notes|history)$/, 'what it leads to is noted under the same name'],
  [/^TicketChange\./, 'the ticket that leads to it is noted under the same name'],
  [
    /^User\.(?:avatarUrl|bio|lastSeenAt)$/,
    'it is noted where the person hides it alone: test/api/attributes.test.ts',
  ],
  [
    /^Comment\./,
    'one rule for all of it: it is noted where others do not read it: test/api/comments.test.ts',
  ],
]

const fates: Fate[] = []
afterAll(() => report('policy', fates))

describe('the matrix notices what is wrong with the rule of', () => {
  test.each(fields.map(({ type, field }) => [type.name, field.name] as const))(
    '%s.%s',
    async (type, field) => {
      const rule = policy[type]![field]!
      const survivors: string[] = []
      const place = { place: `${type}.${field}`, was: inWords(rule) }
      try {
        const isNotedAlike = NOTED_ALIKE.some(([fields]) => fields.test(`${type}.${field}`))
        for (const { name, rule: wrong } of mutantsOf(rule)) {
          if (isNotedAlike && name.endsWith('unnoted')) continue
          const killer = await killerOf(type, field, wrong)
          fates.push({ ...place, became: name, killer })
          if (killer === null) survivors.push(name)
        }
      } catch (error) {
        // What could not be tried does not count as noticed.
        fates.push({ ...place, became: String(error), killer: null })
        throw error
      }
      expect(survivors).toEqual([])
    },
  )
})
