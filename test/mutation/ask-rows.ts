import { LISTS } from '../policy/expectations'
import { questioner, ROWS } from '../policy/questions'
import { stage } from '../policy/stage'
import { World } from '../support/world'

/*
 * Puts the questions of the matrix about rows to the sources that lie around this file, which `rows.test.ts` has copied and
 * changed in one place. Prints the first answer that is wrong, or nothing.
 */

async function firstFault(): Promise<string | undefined> {
  const world = new World()
  await world.start()
  try {
    const theStage = stage(world)
    const scene = await theStage.makeScene()
    const { aboutRow, aboutList } = questioner(world, theStage, () => scene)
    for (const { faults } of [
      ...Object.keys(LISTS).flatMap(aboutList),
      // A person's many fields, which no WHERE decides about, come last.
      ...ROWS.toReversed().flatMap((row) => aboutRow(row)),
    ]) {
      const [fault] = await faults()
      if (fault !== undefined) return fault
    }
    return undefined
  } finally {
    await world.stop()
  }
}

void firstFault().then((fault = '') => process.stdout.write(fault))
