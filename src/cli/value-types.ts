import type { JsonSchema, ValueSchema } from '../core/value-schema'

/*
 * TypeScript for the values of preferences and attributes. The schemas that a value can be held to are those of a closed list of keywords, for each of
 * which there is a type, so this is shorter than what a library for any schema would have to be told.
 */

/** Something that has values, and what developers are told of it. */
interface Described {
  readonly key: string
  readonly description: string
  readonly schema: ValueSchema
}

/** A module that declares the values of these preferences, for the SDK. */
export const sdkModule = (definitions: readonly Described[]): string =>
  [
    '/* Written by `npm run update` from the preferences that are built in. */',
    '',
    '/** What preferences are, by key. An application adds its own with `portico preferences types`. */',
    `export ${valuesOf('PreferenceValues', definitions, '')}`,
    '',
  ].join('\n')

/** A declaration by which an interface of the SDK knows these values as well; and the command that has written it. */
export const augmentation = (name: string, definitions: readonly Described[], command: string): string =>
  [
    `/* Written by \`${command}\`. */`,
    "import 'portico-sdk'",
    '',
    "declare module 'portico-sdk' {",
    `  ${valuesOf(name, definitions, '  ')}`,
    '}',
    '',
  ].join('\n')

const valuesOf = (name: string, definitions: readonly Described[], indent: string): string =>
  [
    `interface ${name} {`,
    ...definitions.flatMap(({ key, description, schema }) => [
      `${indent}  /** ${commented(description)} */`,
      `${indent}  ${named(key)}: ${typeOf(schema.json)}`,
    ]),
    `${indent}}`,
  ].join('\n')

/** The type of the values that a schema allows, as far as TypeScript has a word for it. */
export function typeOf(schema: JsonSchema): string {
  const { type, anyOf } = schema
  if (Array.isArray(anyOf)) return union((anyOf as JsonSchema[]).map(typeOf))
  if (schema['const'] !== undefined) return literal(schema['const'])
  if (Array.isArray(schema['enum'])) return union(schema['enum'].map(literal))
  if (Array.isArray(type)) return union(type.map((each) => typeOf({ ...schema, type: each as string })))
  switch (type) {
    case 'integer':
      return 'number'
    case 'array':
      return `Array<${typeOf(schema['items'] as JsonSchema)}>`
    case 'object':
      return objectType(schema)
    default:
      return String(type)
  }
}

function objectType(schema: JsonSchema): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
  if (properties.length === 0)
    return `Record<string, ${typeOf(schema['additionalProperties'] as JsonSchema)}>`
  const required = (schema['required'] ?? []) as readonly string[]
  const members = properties.map(
    ([name, property]) => `${named(name)}${required.includes(name) ? '' : '?'}: ${typeOf(property)}`,
  )
  return `{ ${members.join('; ')} }`
}

const literal = (value: unknown): string =>
  typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : JSON.stringify(value)

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ')

const named = (name: string): string => (/^[A-Za-z]\w*$/.test(name) ? name : `'${name}'`)

/** Words that end no comment. */
const commented = (text: string): string => text.replaceAll('*/', '*\u200b/').replaceAll(/\s+/g, ' ')
