import type { Fault } from '../fault'
import { killBackend } from './kill-backend'
import { killNode } from './kill-node'
import { killPostgres } from './kill-postgres'

/** All of them, by their numbers. */
export const FAULTS: readonly Fault[] = [killPostgres, killBackend, killNode].sort(
  (one, other) => one.number - other.number,
)
