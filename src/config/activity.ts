import { z } from 'zod'
import { ActivityKind, ActivityRetention, type ActivityDefinition } from '../core/activity-definition'
import { ValueSchema } from '../core/value-schema'
import {
  compileSchema,
  definitionList,
  keyOfEntry,
  readEntries,
  strictly,
  textOfEntry,
  type Complain,
} from './definition-list'

/*
 * What people do that is worth knowing. Portico's own and the application's are written in the same form, a list of entries; an entry with
 * the key of one of Portico's says for what and for how long that is kept.
 */

/** What Portico itself records of an operation of the API. */
export const API_REQUESTED = 'api.requested'

const CLIENT_KINDS = [
  ActivityKind.PAGE_VIEW,
  ActivityKind.SCREEN,
  ActivityKind.TRANSACTION,
  ActivityKind.CUSTOM,
] as const

const oneOf = (values: readonly string[]) => ({ error: `must be ${values.join(', ')}` })

const versionOfEntry = z
  .number({ error: 'must be a number' })
  .int({ error: 'must be a whole number' })
  .min(1, { error: 'must be at least 1' })
  .max(10_000, { error: 'must be at most 10000' })

const purposeOfEntry = z
  .string({ error: 'must be the id of a purpose' })
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: 'must be the id of a purpose' })
  .max(64, { error: 'must be the id of a purpose' })

const entry = z.strictObject(
  {
    key: keyOfEntry,
    kind: z.enum(CLIENT_KINDS, oneOf(CLIENT_KINDS)).optional(),
    description: textOfEntry(500).optional(),
    purpose: purposeOfEntry.optional(),
    retention: z.enum(ActivityRetention, oneOf(Object.values(ActivityRetention))).optional(),
    version: versionOfEntry.optional(),
    schema: z.unknown().optional(),
    older: z
      .array(z.strictObject({ version: versionOfEntry, schema: z.unknown().optional() }, strictly), {
        error: 'must be a list of versions, each with its schema',
      })
      .max(20, { error: 'must hold at most 20' })
      .optional(),
  },
  strictly,
)

type Entry = z.output<typeof entry>

/** For what activity is kept where nothing else is said. */
const PURPOSE = 'analytics'

/** Of an event that says nothing besides. */
const NOTHING: ValueSchema['json'] = { type: 'object', properties: {}, additionalProperties: false }

const object = (properties: Record<string, object>, ...required: string[]) =>
  new ValueSchema({ type: 'object', properties, required, additionalProperties: false })

const builtIn = (
  key: string,
  kind: ActivityKind,
  description: string,
  schema: ValueSchema,
  retention = ActivityRetention.STANDARD,
): ActivityDefinition => ({
  ...{ key, kind, description, purposeId: PURPOSE, retention },
  ...{ version: 1, schemas: new Map([[1, schema]]) },
})

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength })

const BUILT_IN: readonly ActivityDefinition[] = [
  builtIn(
    'page.viewed',
    ActivityKind.PAGE_VIEW,
    'A page was looked at.',
    object({ title: text(200), referrer: text(200) }),
  ),
  builtIn(
    'screen.viewed',
    ActivityKind.SCREEN,
    'A screen of an app was looked at.',
    object({ title: text(200) }),
  ),
  builtIn(
    'transaction.completed',
    ActivityKind.TRANSACTION,
    'Something was bought, or paid.',
    object(
      {
        amount: { type: 'integer', description: 'the amount in the smallest unit of its currency' },
        currency: { type: 'string', pattern: '^[A-Z]{3}$', description: 'a currency such as EUR' },
        reference: text(64),
      },
      'amount',
      'currency',
    ),
  ),
  builtIn(
    API_REQUESTED,
    ActivityKind.API_REQUEST,
    'An operation of the API was carried out. Portico records it, and no client tells it.',
    object(
      {
        operation: text(100),
        type: { type: 'string', enum: ['query', 'mutation'] },
        outcome: text(40),
        duration: { type: 'string', enum: ['<10ms', '<100ms', '<1s', '<10s', '≥10s'] },
      },
      'type',
      'outcome',
      'duration',
    ),
    ActivityRetention.SHORT,
  ),
]

/** What people do that is worth knowing, as the application defines it (JSON), or the path of a file that holds it. */
export const activityDefinitions = definitionList<ActivityDefinition>('activity', (list, complain) => {
  const definitions = new Map(BUILT_IN.map((definition) => [definition.key, Object.freeze(definition)]))
  readEntries(
    list,
    entry,
    (data, complainOf) => {
      const known = definitions.get(data.key)
      const definition = known ? changed(known, data, complainOf) : defined(data, complainOf)
      if (definition) definitions.set(data.key, Object.freeze(definition))
    },
    complain,
  )
  return [...definitions.values()]
})

/** One of Portico's, kept for another purpose, or for another time. */
function changed(
  known: ActivityDefinition,
  { key: _, purpose, retention, ...others }: Entry,
  complain: Complain,
): ActivityDefinition | null {
  const more = Object.keys(others)
  if (more.length > 0) {
    complain(`is built in: its purpose and retention can be changed, but no ${more.join(', ')}`)
    return null
  }
  return { ...known, purposeId: purpose ?? known.purposeId, retention: retention ?? known.retention }
}

function defined(
  {
    key,
    kind = ActivityKind.CUSTOM,
    description,
    purpose = PURPOSE,
    retention = ActivityRetention.STANDARD,
    version = 1,
    schema,
    older = [],
  }: Entry,
  complain: Complain,
): ActivityDefinition | null {
  if (description === undefined) complain('description must say what has happened')
  const schemas = new Map<number, ValueSchema>()
  for (const each of [{ version, schema }, ...older]) {
    const told =
      older.length === 0 ? complain : (message: string) => complain(`version ${each.version}: ${message}`)
    if (schemas.has(each.version)) told('stands there twice')
    const compiled = schemaOf(each.schema, told)
    if (compiled) schemas.set(each.version, compiled)
  }
  if (older.some((each) => each.version > version)) complain('version must be the newest')
  if (description === undefined || schemas.size === 0) return null
  return { key, kind, description, purposeId: purpose, retention, version, schemas }
}

/** What an event may say besides, which is always an object. */
function schemaOf(given: unknown, complain: Complain): ValueSchema | null {
  if (given === undefined) return new ValueSchema(NOTHING)
  const compiled = compileSchema(given, complain)
  if (compiled && compiled.json['type'] !== 'object') {
    complain('schema must be of an object')
    return null
  }
  return compiled
}
