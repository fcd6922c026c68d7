import { PorticoProcess } from '../cli/portico-process'
import type { NotifyingPart } from './notifying-process'
import { testServer } from './test-server'
import type { World } from './world'

/** A process of its own that sends what the database of a world has to be sent; see `sending-process.ts` for the arguments. */
export const startSending = (
  world: World,
  environment: Record<string, string>,
  ...words: string[]
): PorticoProcess => startBeside(world, environment, 'sending-process', words)

/** The same, of whose doings people are told; see `notifying-process.ts`. */
export const startNotifying = (
  world: World,
  environment: Record<string, string>,
  part: NotifyingPart,
): PorticoProcess => startBeside(world, environment, 'notifying-process', [JSON.stringify(part)])

function startBeside(
  world: World,
  environment: Record<string, string>,
  what: string,
  words: string[],
): PorticoProcess {
  const { databaseUrl, databaseOwnerUrl } = world.portico.config
  return new PorticoProcess(
    {
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl!,
      DATABASE_OWNER_URL: databaseOwnerUrl!,
      PORTICO_KEYRING: testServer().keyring,
      JOB_CONCURRENCY: '1',
      ...environment,
    },
    [process.execPath, '-r', '@swc-node/register', `test/support/${what}.ts`, ...words],
  )
}
