import { setImmediate as turn } from 'node:timers/promises'
import { Context } from '../../src/context/context'
import { anyMember, viewerId } from '../../src/core/viewer'
import { defineLoader } from '../../src/context/loader'
import { SharedLoaders } from '../../src/context/shared-loaders'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

/** Answers who asks for what, and how often it has been asked by then. */
function counted() {
  const asked: string[][] = []
  const definition = defineLoader<string, string>(async (db, keys) => {
    asked.push([...keys])
    const { viewer } = db.caller
    const who = viewer.kind === 'anonymous' ? 'nobody' : 'somebody'
    return new Map(keys.map((key) => [key, `${key} for ${who}, ${asked.length}`]))
  })
  return { asked, definition }
}

const contextOf = async (person: Person | null, shared: SharedLoaders): Promise<Context> => {
  const db = person === null ? world.db : await world.asViewer(person)
  return new Context(db, null as never, { idempotencyKey: null }).sharing(shared)
}

test('strangers who are told of an event at once ask one question', async () => {
  const { asked, definition } = counted()
  const shared = new SharedLoaders()
  const contexts = await Promise.all(Array.from({ length: 50 }, () => contextOf(null, shared)))
  const answers = await Promise.all(
    contexts.map((context, index) => context.load(definition, `k${index % 2}`)),
  )
  expect(asked).toEqual([['k0', 'k1']])
  expect(new Set(answers)).toEqual(new Set(['k0 for nobody, 1', 'k1 for nobody, 1']))
})

test('what they were answered nobody is told who asks later', async () => {
  const { asked, definition } = counted()
  const shared = new SharedLoaders()
  const ask = async () => (await contextOf(null, shared)).load(definition, 'k')
  expect(await ask()).toBe('k for nobody, 1')
  expect(await ask()).toBe('k for nobody, 2')
  // Under way, and not answered yet.
  const first = ask()
  while (asked.length < 3) await turn()
  expect(await ask()).toBe('k for nobody, 4')
  expect(await first).toBe('k for nobody, 3')
})

test('members who are told of what all see alike ask one question, and those for whom it is another answer their own', async () => {
  const shared = new SharedLoaders()
  const asked: [who: string, keys: readonly string[]][] = []
  const [alone, ...members] = await Promise.all(Array.from({ length: 6 }, () => world.person()))
  const staff = await world.person({ permissions: ['users:read'] })
  const definition = defineLoader<string, string>(
    async (db, keys) => {
      const who = viewerId(db.caller.viewer)!
      asked.push([who, keys])
      return new Map(keys.filter((key) => key !== 'nothing').map((key) => [key, `${key} for ${who}`]))
    },
    null,
    (value, viewer) => viewerId(viewer) !== alone!.id && !value.startsWith('own'),
  )
  const ask = async (people: Person[], key: string) => {
    asked.length = 0
    const contexts = await Promise.all(people.map((one) => contextOf(one, shared)))
    return Promise.all(contexts.map((context) => context.load(definition, key)))
  }
  const nobody = viewerId(anyMember)!
  expect(await ask(members, 'k')).toEqual(members.map(() => `k for ${nobody}`))
  expect(asked).toEqual([[nobody, ['k']]])
  expect(await ask([members[0]!, alone!, staff], 'k')).toEqual([
    `k for ${nobody}`,
    `k for ${alone!.id}`,
    `k for ${staff.id}`,
  ])
  expect(await ask(members.slice(0, 2), 'own')).toEqual(members.slice(0, 2).map(({ id }) => `own for ${id}`))
  expect(await ask(members.slice(0, 2), 'nothing')).toEqual([null, null])
  expect(asked).toHaveLength(3)
})

test('whoever is signed in asks alone what may be another answer for each', async () => {
  const { asked, definition } = counted()
  const shared = new SharedLoaders()
  const people = [await world.person(), await world.person()]
  const contexts = [
    await contextOf(null, shared),
    ...(await Promise.all(people.map((one) => contextOf(one, shared)))),
  ]
  const answers = await Promise.all(contexts.map((context) => context.load(definition, 'k')))
  expect(asked).toHaveLength(3)
  expect(answers.map((answer) => answer!.split(',')[0])).toEqual([
    'k for nobody',
    'k for somebody',
    'k for somebody',
  ])
})
