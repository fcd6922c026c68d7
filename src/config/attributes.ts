import { z } from 'zod'
import { AttributeReaders, AttributeWriters, type AttributeDefinition } from '../core/attribute-definition'
import type { Category } from '../core/personal-data'
import {
  compileSchema,
  definitionList,
  keyOfEntry,
  readEntries,
  strictly,
  textOfEntry,
} from './definition-list'

const CATEGORIES = [
  'identity',
  'contact',
  'location',
  'activity',
  'content',
  'preference',
] as const satisfies readonly Category[]

const oneOf = (values: readonly string[]) => ({ error: `must be ${values.join(', ')}` })

const entry = z.strictObject(
  {
    key: keyOfEntry,
    schema: z.unknown(),
    readers: z.enum(AttributeReaders, oneOf(Object.values(AttributeReaders))),
    writers: z.enum(AttributeWriters, oneOf(Object.values(AttributeWriters))).default(AttributeWriters.SELF),
    category: z.enum(CATEGORIES, oneOf(CATEGORIES)),
    purpose: textOfEntry(500),
    texts: z
      .record(
        z
          .string()
          .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { error: 'must be named by languages such as en' }),
        z.strictObject({ label: textOfEntry(100), description: textOfEntry(500).optional() }, strictly),
        { error: 'must be named by languages such as en, each with a label' },
      )
      .refine((texts) => Object.keys(texts).length > 0, { error: 'must hold one language at least' }),
  },
  strictly,
)

/** What the application keeps about people (JSON), or the path of a file that holds it. */
export const attributes = definitionList<AttributeDefinition>('attributes', (list, complain) => {
  const definitions: AttributeDefinition[] = []
  readEntries(
    list,
    entry,
    ({ schema: given, ...data }, complainOf) => {
      const schema = compileSchema(given, complainOf)
      if (!schema) return
      if (schema.problemWith(null) === null)
        complainOf('schema must not allow null: an attribute that is removed has no value')
      definitions.push(Object.freeze({ ...data, schema }))
    },
    complain,
  )
  return definitions
})
