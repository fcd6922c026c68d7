import fc from 'fast-check'
import { linearPattern } from '../../src/core/linear-pattern'
import { schemaProblems } from '../../src/core/schema-problems'
import { MAX_VALUE_BYTES, ValueSchema, type JsonSchema } from '../../src/core/value-schema'

const problemWith = (schema: JsonSchema, value: unknown) => new ValueSchema(schema).problemWith(value)

const COLOUR = {
  type: 'string',
  pattern: '^#[0-9a-f]{6}$',
  maxLength: 7,
  description: 'a colour such as #ff8800',
}
const QUIET = {
  type: 'object',
  properties: {
    from: { type: 'integer', minimum: 0, maximum: 23 },
    to: { type: 'integer', minimum: 0, maximum: 23 },
    days: {
      type: 'array',
      items: { type: 'string', enum: ['sat', 'sun'] },
      maxItems: 2,
      uniqueItems: true,
    },
  },
  required: ['from', 'to'],
  additionalProperties: false,
}
const CHOICES = Array.from({ length: 30 }, (_, index) => `c${index}`)

const SENTENCES: [JsonSchema, unknown, string][] = [
  [{ type: 'boolean' }, 1, 'Use true or false.'],
  [{ type: 'integer' }, 'x', 'Use a whole number.'],
  [{ type: 'integer', minimum: 5, maximum: 100 }, 4, 'Use a whole number from 5 to 100.'],
  [{ type: 'number', minimum: 0.5 }, 0, 'Use a number of at least 0.5.'],
  [{ type: 'number', maximum: 2 }, 3, 'Use a number of at most 2.'],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 1, 'Use a number above 0 and below 1.'],
  [
    { type: 'integer', minimum: 0, maximum: 60, multipleOf: 15 },
    20,
    'Use a whole number from 0 to 60, a multiple of 15.',
  ],
  [{ type: 'string' }, 5, 'Use text.'],
  [{ type: 'string', maxLength: 3 }, 'four', 'Use text of at most 3 characters.'],
  [{ type: 'string', minLength: 2 }, '😀', 'Use text of at least 2 characters.'],
  [{ type: 'string', minLength: 1, maxLength: 3 }, '', 'Use text of 1 to 3 characters.'],
  [{ type: 'string', format: 'language-tag' }, 'en_US', 'Use a BCP 47 tag such as `en` or `pt-BR`.'],
  [{ type: 'string', format: 'time-zone' }, 'Mars/Olympus', 'Use an IANA time zone such as `Europe/Berlin`.'],
  [{ type: 'string', format: 'date' }, '2026-02-30', 'Use a day such as 2026-11-29.'],
  [COLOUR, '#FF8800', 'Use a colour such as #ff8800.'],
  [{ enum: ['a', 2, false] }, 'b', 'Use one of a, 2, false.'],
  [{ enum: CHOICES }, 'x', `Use one of ${CHOICES.slice(0, 20).join(', ')} or the 10 others of its schema.`],
  [{ const: 'always' }, 'never', 'Use always.'],
  [{ type: ['integer', 'null'], minimum: 1 }, 0, 'Use a whole number of at least 1, or null.'],
  [{ anyOf: [{ const: false }, QUIET] }, true, 'Use false, or an object with from, to, days.'],
  [
    { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 3 },
    [],
    'Use a list of 1 to 3 items, each a whole number.',
  ],
  [{ type: 'array', items: { type: 'integer' } }, 'x', 'Use a list of items, each a whole number.'],
  [
    { type: 'array', items: { type: 'string' }, maxItems: 9, uniqueItems: true },
    ['a', 'a'],
    'Use a list of at most 9 different items, each text.',
  ],
  [{ type: 'array', items: COLOUR }, ['#ff8800', 'red'], 'At `1`, use a colour such as #ff8800.'],
  [QUIET, 'x', 'Use an object with from, to, days.'],
  [QUIET, { from: 22 }, '`to` is missing.'],
  [QUIET, { from: 22, to: 24 }, 'At `to`, use a whole number from 0 to 23.'],
  [QUIET, { from: 22, to: 7, till: 8 }, 'There is no `till`. Use an object with from, to, days.'],
  [QUIET, { from: 22, to: 7, days: ['sat', 'mon'] }, 'At `days.1`, use one of sat, sun.'],
  [
    QUIET,
    { from: 22, to: 7, ['x'.repeat(3_000)]: 1 },
    `There is no \`${'x'.repeat(40)}…\`. Use an object with from, to, days.`,
  ],
  [{ type: 'object', additionalProperties: { type: 'boolean' } }, 5, 'Use an object.'],
  [
    { type: 'object', additionalProperties: { type: 'boolean' } },
    { 'a/b~': 1 },
    'At `a/b~`, use true or false.',
  ],
  [{ type: 'string', description: 'what you like' }, 5, 'Use what you like.'],
]

test.each(SENTENCES)('%j tells of %j what is wanted', (schema, value, sentence) => {
  expect(schemaProblems(schema)).toEqual([])
  expect(problemWith(schema, value)).toBe(sentence)
})

test.each<[JsonSchema, unknown]>([
  [{ type: 'number', multipleOf: 0.1 }, 0.3],
  [{ type: 'string', maxLength: 1 }, '😀'],
  [{ type: 'string', format: 'date' }, '2028-02-29'],
  [{ type: 'string', format: 'time-zone' }, 'Europe/Berlin'],
  [{ type: ['integer', 'null'] }, null],
  [{ anyOf: [{ const: false }, QUIET] }, { from: 22, to: 7, days: ['sun'] }],
  [COLOUR, '#ff8800'],
])('%j allows %j', (schema, value) => {
  expect(schemaProblems(schema)).toEqual([])
  expect(problemWith(schema, value)).toBeNull()
})

test('schemas with different patterns are told apart', () => {
  const [first, second] = ['^a$', '^b$'].map((pattern) => new ValueSchema({ ...COLOUR, pattern }))
  expect(['a', 'b'].map((text) => [first!.problemWith(text), second!.problemWith(text)])).toEqual([
    [null, 'Use a colour such as #ff8800.'],
    ['Use a colour such as #ff8800.', null],
  ])
})

test('a value has at most 4096 bytes, counted as JSON in UTF-8', () => {
  const schema = { type: 'string' }
  expect(problemWith(schema, 'x'.repeat(MAX_VALUE_BYTES - 2))).toBeNull()
  expect(problemWith(schema, 'x'.repeat(MAX_VALUE_BYTES - 1))).toBe(
    'Use text, of at most 4096 bytes as JSON.',
  )
  expect(problemWith(schema, '€'.repeat(1_400))).toBe('Use text, of at most 4096 bytes as JSON.')
})

test('a value that is nested without end is refused like any other that is too large', () => {
  const schema = { type: 'array', items: { type: 'array', items: { type: 'boolean' } } }
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown
  expect(problemWith(schema, deep)).toContain('of at most 4096 bytes as JSON.')
})

test('what a schema allows is not refused, and what it does not allow is, whatever the value', () => {
  const isQuiet = (value: unknown): boolean => {
    const { from, to, days = [], ...others } = value as Record<string, unknown>
    const isHour = (hour: unknown) => Number.isInteger(hour) && (hour as number) >= 0 && (hour as number) < 24
    const isDays =
      Array.isArray(days) &&
      days.length <= 2 &&
      new Set(days).size === days.length &&
      days.every((day) => ['sat', 'sun'].includes(day as string))
    return isHour(from) && isHour(to) && isDays && Object.keys(others).length === 0
  }
  const hour = fc.oneof(fc.integer({ min: -2, max: 26 }), fc.constantFrom('7', 7.5, null))
  const day = fc.constantFrom('sat', 'sun', 'mon')
  const value = fc.record(
    { from: hour, to: hour, days: fc.oneof(fc.array(day, { maxLength: 3 }), fc.constant('sat')), x: day },
    { requiredKeys: [] },
  )
  const schema = new ValueSchema(QUIET)
  fc.assert(
    fc.property(value, (given) => {
      expect([given, schema.problemWith(given) === null]).toEqual([given, isQuiet(given)])
    }),
    { numRuns: 500 },
  )
})

test('a pattern takes time in proportion to the text, also where a backtracking one never ends', () => {
  const started = performance.now()
  for (const pattern of ['^(a+)+$', '^(a|a)*$', '^([a-z]+)*!$', '(x+x+)+y', '(.*)(.*)(.*)(.*)[^,]$'])
    expect(linearPattern(pattern).test(`${'a'.repeat(1_000)},`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(10_000)
})

/** Schemas that would cost whoever checks a value, or whoever reads the schema, more than a preference is worth. */
const nested = (depth: number): unknown =>
  JSON.parse(`${'{"type":"array","items":'.repeat(depth)}{"type":"string"}${'}'.repeat(depth)}`)

const BAD: [string, unknown, string][] = [
  ['no object', 'string', ' must be a JSON Schema, which is an object'],
  ['a list', [], ' must be a JSON Schema, which is an object'],
  ['nothing', undefined, ' must be a JSON Schema, which is an object'],
  ['no type', {}, ' must have a type, an enum, a const or an anyOf'],
  ['an unknown type', { type: 'text' }, 'type must be one of boolean, integer, number,'],
  ['several types', { type: ['string', 'integer'] }, 'or a list of one of them and null; anyOf holds others'],
  [
    'an unknown keyword',
    { type: 'boolean', foo: 1 },
    'foo is no keyword that can be used here; these can: type, enum',
  ],
  [
    'a keyword of another type',
    { type: 'string', minimum: 1 },
    'minimum says something of the type integer or number alone',
  ],
  [
    '$ref to elsewhere',
    { type: 'string', $ref: 'https://example.com/x' },
    '$ref cannot be used: write out what it refers to',
  ],
  ['$ref to itself', { $ref: '#' }, '$ref cannot be used'],
  ['$defs', { type: 'string', $defs: {} }, '$defs cannot be used'],
  ['$dynamicRef', { type: 'string', $dynamicRef: '#x' }, '$dynamicRef cannot be used'],
  ['$id', { type: 'string', $id: 'x' }, '$id is no keyword'],
  ['not', { not: { type: 'string' } }, 'not is no keyword'],
  [
    'patternProperties',
    { type: 'object', patternProperties: { '(a+)+$': {} } },
    'patternProperties is no keyword',
  ],
  ['a constructor', JSON.parse('{"type":"string","__proto__":{}}'), '__proto__ is no keyword'],
  ['an empty enum', { enum: [] }, 'enum must be a list of 1 to 200 values'],
  [
    'a huge enum',
    { enum: Array.from({ length: 201 }, (_, index) => index) },
    'enum must be a list of 1 to 200 values',
  ],
  ['an enum that repeats itself', { enum: ['a', 'a'] }, 'enum must not hold a value twice'],
  [
    'an enum of another type',
    { type: 'string', enum: [1] },
    'enum must hold values of the type string alone',
  ],
  ['an enum of objects', { enum: [{}] }, 'enum must hold values text, numbers, true, false or null alone'],
  ['a const of another type', { type: 'boolean', const: 'x' }, 'const must be of the type boolean'],
  ['a minimum in words', { type: 'integer', minimum: '5' }, 'minimum must be a number'],
  ['multiples of nothing', { type: 'integer', multipleOf: 0 }, 'multipleOf must be above 0'],
  ['half a character', { type: 'string', maxLength: 1.5 }, 'maxLength must be a whole number from 0 to 4096'],
  [
    'an unknown format',
    { type: 'string', format: 'regex' },
    'format must be one of language-tag, time-zone, date',
  ],
  ['a format by another name', { type: 'string', format: 'constructor' }, 'format must be one of'],
  [
    'a pattern that refers back',
    { ...COLOUR, pattern: '(a)\\1' },
    'pattern cannot be used, as it must match in linear time: ',
  ],
  [
    'a pattern that looks ahead',
    { ...COLOUR, pattern: '(?=a)' },
    'pattern cannot be used, as it must match in linear time: ',
  ],
  ['no pattern of JavaScript', { ...COLOUR, pattern: '(?i)a' }, 'pattern cannot be used'],
  ['a pattern that repeats', { ...COLOUR, pattern: 'a{0,500}b{0,500}' }, 'pattern repeats too much'],
  ['repetitions of repetitions', { ...COLOUR, pattern: '((a{100}){100}){100}' }, 'pattern cannot be used'],
  [
    'a long pattern',
    { ...COLOUR, pattern: 'a'.repeat(201) },
    'pattern must be text of at most 200 characters',
  ],
  [
    'a pattern without a length',
    { ...COLOUR, maxLength: undefined },
    'maxLength must be at most 1000 where there is a pattern',
  ],
  [
    'a pattern for long texts',
    { ...COLOUR, maxLength: 1_001 },
    'maxLength must be at most 1000 where there is a pattern',
  ],
  [
    'a pattern without words',
    { ...COLOUR, description: undefined },
    'description must say what the pattern asks for',
  ],
  ['a list of anything', { type: 'array' }, 'items must say what the items of a list may be'],
  [
    'unique items without end',
    { type: 'array', items: { type: 'string' }, uniqueItems: true },
    'maxItems must be at most 100 where uniqueItems is true',
  ],
  [
    'an object of anything',
    { type: 'object' },
    'additionalProperties must be the schema of what the object may hold',
  ],
  [
    'an open object',
    { ...QUIET, additionalProperties: true },
    'additionalProperties must be false where there are properties',
  ],
  [
    'a property that is required and not there',
    { ...QUIET, required: ['till'] },
    'required must be a list of names that stand in properties',
  ],
  [
    'a property of no name',
    { ...QUIET, properties: { 'a b': {} }, required: [] },
    'properties must be named by a letter',
  ],
  ['one alternative', { anyOf: [{ type: 'string' }] }, 'anyOf must be a list of 2 to 10 schemas'],
  [
    'a hundred alternatives',
    { anyOf: Array.from({ length: 100 }, () => ({ type: 'string' })) },
    'anyOf must be a list of 2 to 10 schemas',
  ],
  [
    'an alternative that is bad',
    { anyOf: [{ type: 'string' }, { type: 'x' }] },
    'anyOf.1.type must be one of',
  ],
  [
    'something bad deep inside',
    { ...QUIET, properties: { from: { type: 'integer', minimum: 'x' } }, required: [] },
    'properties.from.minimum must be a number',
  ],
  ['a deep one', nested(5), 'items.items.items.items.items is more than 5 levels deep'],
  ['one without an end', nested(20_000), 'is more than 5 levels deep'],
  [
    'a long description',
    { type: 'string', description: 'x'.repeat(501) },
    'description must be text of at most 500 characters',
  ],
]

test.each(BAD)('a schema with %s is refused, and it is said where and why', (_what, schema, complaint) => {
  const problems = schemaProblems(schema).map(({ path, message }) => `${path.join('.')} ${message}`)
  expect(problems).toContainEqual(expect.stringContaining(complaint))
})

test('a schema of ever more branches is refused before they are all looked at', () => {
  const bomb = (depth: number): JsonSchema =>
    depth === 0 ? { type: 'string' } : { anyOf: Array.from({ length: 10 }, () => bomb(depth - 1)) }
  expect(schemaProblems(bomb(4)).map(({ message }) => message)).toEqual([
    'must not hold more than 100 schemas',
  ])
})

test('whatever nothing is wrong with can be compiled', () => {
  const known = SENTENCES.map(([schema]) => schema)
  const wrapped = fc.letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      fc.constantFrom(...known.filter((schema) => JSON.stringify(schema).length < 200)),
      fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(100) }),
      fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 2, maxLength: 3 }) }),
    ),
  })).schema
  fc.assert(
    fc.property(wrapped, (schema) => {
      if (schemaProblems(schema).length === 0) expect(() => new ValueSchema(schema)).not.toThrow()
    }),
    { numRuns: 200 },
  )
})
