import fc from 'fast-check'
import ts from 'typescript'
import { typeOf } from '../../src/cli/value-types'
import { schemaProblems } from '../../src/core/schema-problems'
import { ValueSchema, type JsonSchema } from '../../src/core/value-schema'

const TYPES: [JsonSchema, string][] = [
  [{ type: 'boolean' }, 'boolean'],
  [{ type: 'integer', minimum: 5 }, 'number'],
  [{ type: 'string', format: 'date' }, 'string'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: 'string', enum: ['a', "it's", '"'] }, `'a' | 'it\\'s' | '"'`],
  [{ enum: ['a', 1, false, null] }, `'a' | 1 | false | null`],
  [{ const: false }, 'false'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, `Array<'a' | 'b'>`],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, 'Record<string, number>'],
  [
    {
      type: 'object',
      properties: { from: { type: 'integer' }, 'to-day': { type: 'boolean' } },
      required: ['from'],
      additionalProperties: false,
    },
    `{ from: number; 'to-day'?: boolean }`,
  ],
  [{ anyOf: [{ const: false }, { type: 'integer' }, { type: 'number' }] }, 'false | number'],
]

test.each(TYPES)('the values of %j are typed', (schema, type) => {
  expect(schemaProblems(schema)).toEqual([])
  expect(typeOf(schema)).toBe(type)
})

/** What a compiler says of assigning each value to the type of its schema. */
function complaints(cases: readonly (readonly [JsonSchema, unknown])[]): boolean[] {
  const source = cases
    .map(([schema, value], index) => `export const v${index}: ${typeOf(schema)} = ${JSON.stringify(value)}`)
    .join('\n')
  const host = ts.createCompilerHost({})
  const file = ts.createSourceFile('values.ts', source, ts.ScriptTarget.ES2022)
  const program = ts.createProgram(
    ['values.ts'],
    { noEmit: true, strict: true, lib: ['lib.es2023.d.ts'] },
    {
      ...host,
      getSourceFile: (name, ...rest) => (name === 'values.ts' ? file : host.getSourceFile(name, ...rest)),
    },
  )
  const lines = new Set(
    ts.getPreEmitDiagnostics(program).map(({ start = 0 }) => source.slice(0, start).split('\n').length - 1),
  )
  return cases.map((_, index) => lines.has(index))
}

test('a value that a schema allows fits its type, and what differs from it in its type is refused by both', () => {
  const schemas = TYPES.map(([schema]) => schema)
  const leaf = fc.constantFrom<unknown>('a', "it's", 'x', '2026-11-29', 0, 5, 7.5, true, false, null)
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('from', 'to-day', 'other'), leaf, { maxKeys: 3 }),
  )
  const cases = fc
    .sample(fc.tuple(fc.constantFrom(...schemas), value), { numRuns: 400, seed: 7 })
    .map(([schema, given]) => [schema, JSON.parse(JSON.stringify(given)) as unknown] as const)
  const refused = complaints(cases)
  const allowed = cases.filter(([schema, given]) => new ValueSchema(schema).problemWith(given) === null)
  expect(allowed.length).toBeGreaterThan(30)
  expect(cases.filter((each, index) => allowed.includes(each) && refused[index])).toEqual([])
  expect(refused.filter(Boolean).length).toBeGreaterThan(100)
})
