import { basename, dirname } from 'node:path'
import { ApiError } from '../../src/core/error'
import { LISTS } from '../policy/expectations'
import { questioner, ROWS } from '../policy/questions'
import { stage } from '../policy/stage'
import { World } from '../support/world'

/*
 * Puts the questions of the matrix about rows to the sources that lie around this file, which `rows.test.ts` has copied and
 * changed in the file that the argument names. Prints the first answer that is wrong, or nothing.
 */

/** Words of which the names of what is likely to be wrong consist. */
const LIKELY = process.argv
  .slice(2)
  .flatMap((file) => [basename(dirname(file)), basename(file).split('.')[0]!])
  .map((name) => name.replaceAll('-', ''))

const isLikely = (name: string): boolean => LIKELY.some((word) => name.toLowerCase().includes(word))

async function firstFault(): Promise<string | undefined> {
  const world = new World()
  await world.start()
  try {
    const theStage = stage(world)
    const scene = await theStage.makeScene().catch(notSet)
    if (typeof scene === 'string') return scene
    const { aboutRow, aboutList } = questioner(world, theStage, () => scene)
    const asked = [
      ...Object.keys(LISTS).map((name) => ({ name, questions: aboutList(name) })),
      // A person's many fields, which no WHERE decides about, come last.
      ...ROWS.toReversed().map((name) => ({ name, questions: aboutRow(name) })),
    ]
    for (const { questions } of [
      ...asked.filter(({ name }) => isLikely(name)),
      ...asked.filter(({ name }) => !isLikely(name)),
    ])
      for (const { faults } of questions) {
        const [fault] = await faults()
        if (fault !== undefined) return fault
      }
    return undefined
  } finally {
    await world.stop()
  }
}

/** What is said where nobody sees any more what the scene is made of. */
function notSet(error: unknown): string {
  if (error instanceof ApiError && error.code === 'NOT_FOUND')
    return `The scene cannot be set. ${error.message}`
  throw error
}

void firstFault().then((fault = '') => process.stdout.write(fault))
