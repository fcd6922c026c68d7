import type { Fault } from '../fault'
import { blackhole } from './blackhole'
import { killBackend } from './kill-backend'
import { killNode } from './kill-node'
import { killPostgres } from './kill-postgres'
import { latency } from './latency'
import { lock } from './lock'
import { poolExhaustion } from './pool-exhaustion'
import { slowloris } from './slowloris'
import { startTogether } from './start-together'
import { overload } from './overload'
import { diskFull } from './disk-full'
import { pause } from './pause'
import { reset } from './reset'
import { rollingRestart } from './rolling-restart'
import { terminate } from './terminate'

/** All of them, by their numbers. */
export const FAULTS: readonly Fault[] = [
  killPostgres,
  killBackend,
  killNode,
  blackhole,
  reset,
  terminate,
  rollingRestart,
  pause,
  diskFull,
  overload,
  startTogether,
  slowloris,
  poolExhaustion,
  lock,
  latency,
].sort((one, other) => one.number - other.number)
