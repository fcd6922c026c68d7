import { hash } from 'node:crypto'
import {
  ActivityKind,
  type ActivityDefinition,
  type ActivityDefinitions,
} from '../../core/activity-definition'
import { DAY, later, MINUTE } from '../../core/clock'
import type { Id } from '../../core/id'
import { MAX_KEY_LENGTH } from '../../core/preference-definition'
import { noSuchKey, type Told } from '../../core/value-problems'
import { cleanText } from '../../api/input'
import { MAX_PATH, UUID, type ActivityEventInput } from './activity.input'
import type { RefusedActivity } from './activity.payload'

/** How long ago something may have happened that is told, and how far a client's clock may be ahead; in milliseconds. */
const OLDEST = 7 * DAY
const AHEAD = 5 * MINUTE

const TOLD: Told = {
  field: 'events',
  what: 'activity',
  hint: '`activityDefinitions` lists those that there are.',
}

/** An event as it was told, once it is what its definition asks for. */
export interface ToldActivity {
  id: Id
  occurredAt: Date
  definition: ActivityDefinition
  version: number
  properties: Record<string, unknown>
  path: string | null
}

/**
 * The id of an event: a UUID that begins with its moment, as version 7 does, followed by what follows from the client's own id (version 8,
 * RFC 9562 §5.8). So what is told twice has the same one, and they sort by time.
 */
export function activityId(clientId: string, occurredAt: Date): Id {
  const time = occurredAt.getTime().toString(16).padStart(12, '0')
  const rest = hash('sha256', clientId.toLowerCase())
  return `${time.slice(0, 8)}-${time.slice(8)}-8${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`
}

/** What is told, or what is wrong with it. */
export function readActivity(
  definitions: ActivityDefinitions,
  { clientId, name, definitionVersion: given, occurredAt, properties, path }: ActivityEventInput,
  now: Date,
): ToldActivity | Omit<RefusedActivity, 'index'> {
  const refused = (field: string, message: string) => ({ field, message })
  if (!UUID.test(clientId))
    return refused('clientId', 'Use a UUID such as 6f1c0f0e-6d0b-4b0e-8a53-0d3f1c0f9a11.')
  const definition = definitions.get(name)
  // What is much longer than a key resembles none.
  if (!definition) return refused('name', noSuchKey(definitions, name.slice(0, MAX_KEY_LENGTH), TOLD))
  if (definition.kind === ActivityKind.API_REQUEST) return refused('name', 'Portico records this by itself.')
  const version = given ?? definition.version
  const schema = definition.schemas.get(version)
  if (!schema) {
    const known = [...definition.schemas.keys()].sort((one, other) => one - other).join(', ')
    return refused('definitionVersion', `There is no such version of it; there is ${known}.`)
  }
  if (occurredAt > later(now, AHEAD))
    return refused('occurredAt', `This lies ahead: it is ${now.toISOString()} here. Set the clock.`)
  if (occurredAt < later(now, -OLDEST))
    return refused(
      'occurredAt',
      `This is too long ago: it is ${now.toISOString()} here, and 7 days are looked back.`,
    )
  const told = properties ?? {}
  const problem = schema.problemWith(told)
  if (problem !== null) return refused('properties', problem)
  const plain = path?.split(/[?#]/, 1)[0] ?? ''
  const clean = cleanText(plain, { description: '', max: MAX_PATH, optional: true })
  if (clean === null) return refused('path', `Use at most ${MAX_PATH} characters, in one line.`)
  return {
    id: activityId(clientId, occurredAt),
    occurredAt,
    definition,
    version,
    properties: told,
    path: clean === '' ? null : clean,
  }
}
