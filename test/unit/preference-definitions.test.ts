import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applicationPreferences, readConfig } from '../../src/config/config'
import { builtInPreferences } from '../../src/config/preferences'

const SIZE = {
  key: 'editor.fontSize',
  description: 'How large the text is.',
  schema: { type: 'integer', minimum: 8, maximum: 40 },
  default: 14,
}

const defined = (PREFERENCES: string) => readConfig({ NODE_ENV: 'test', PREFERENCES }).preferences

test('Portico has its own; each has a meaning, and a default that it allows', () => {
  const own = defined('')
  expect(own).toEqual(builtInPreferences())
  expect(own.length).toBeGreaterThan(5)
  for (const { key, description, schema, default: value, isDefaultOfApplication } of own) {
    expect([key, description]).toEqual([key, expect.stringMatching(/^[A-Z].{10,}\.$/)])
    expect([key, schema.problemWith(value), isDefaultOfApplication]).toEqual([key, null, false])
  }
})

test('an application adds its own, and gives other defaults to those that are built in', () => {
  const list = [
    { ...SIZE, isForDevices: true },
    { key: 'theme', default: 'dark' },
  ]
  const all = new Map(defined(JSON.stringify(list)).map((each) => [each.key, each]))
  expect([...all.keys()]).toEqual([...builtInPreferences().map(({ key }) => key), 'editor.fontSize'])
  expect(all.get('editor.fontSize')).toMatchObject({
    default: 14,
    isDefaultOfApplication: true,
    isForDevices: true,
    isForGroups: false,
  })
  expect(all.get('theme')).toMatchObject({
    default: 'dark',
    isDefaultOfApplication: true,
    isForDevices: true,
  })
  expect(all.get('language')!.isDefaultOfApplication).toBe(false)
  expect(applicationPreferences(JSON.stringify(list)).map(({ key }) => key)).toEqual(['editor.fontSize'])
})

test('the list stands in the variable or in the file that it names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-preferences-'))
  try {
    const file = join(folder, 'preferences.json')
    writeFileSync(file, JSON.stringify([SIZE]))
    expect(defined(file).at(-1)!.key).toBe('editor.fontSize')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what the README shows is a list that works', () => {
  const [, shown] = /```json\n(\[.*?\])\n```/s.exec(readFileSync('README.md', 'utf8'))!
  expect(applicationPreferences(shown).map(({ key }) => key)).toEqual(['editor.fontSize'])
})

test('two worlds have their own: what one application defines, another does not know', () => {
  expect(defined(JSON.stringify([SIZE])).length).toBe(builtInPreferences().length + 1)
  expect(defined('[]')).toEqual(builtInPreferences())
})

const list = (...entries: unknown[]) => JSON.stringify(entries)

test.each([
  ['no JSON', '{', 'must be a list of preferences as JSON, or the path of a file that holds one'],
  ['no file', '/nowhere/preferences.json', 'must be a list of preferences as JSON, or the path of a file'],
  ['no list', '{}', 'must be a list'],
  ['too much text', `[${' '.repeat(256 * 1024)}]`, 'must have at most 262144 bytes'],
  ['too many', list(...Array.from({ length: 201 }, () => SIZE)), 'must hold at most 200'],
  ['no entry', list(null), '0: must be an object'],
  ['an entry without a key', list({ default: 1 }), '0: key must be text'],
  ['a misspelled key', list({ ...SIZE, key: 'Editor.FontSize' }), 'Editor.FontSize: key must be words'],
  ['a key with an empty part', list({ ...SIZE, key: 'editor..size' }), 'editor..size: key must be words'],
  ['a key of the language', list({ ...SIZE, key: '__proto__' }), '__proto__: key must be words'],
  [
    'a long key',
    list({ ...SIZE, key: 'x'.repeat(65) }),
    `${'x'.repeat(64)}: key must have at most 64 characters`,
  ],
  ['an unknown setting', list({ ...SIZE, colour: 1 }), 'editor.fontSize: has no setting colour'],
  ['no default', list({ ...SIZE, default: undefined }), 'editor.fontSize: default must be said'],
  [
    'a default of null',
    list({ ...SIZE, default: null }),
    'editor.fontSize: default must be said, and is never null',
  ],
  [
    'a default that its schema refuses',
    list({ ...SIZE, default: 4 }),
    'editor.fontSize: default is refused by its schema: Use a whole number from 8 to 40.',
  ],
  [
    'no description',
    list({ ...SIZE, description: undefined }),
    'editor.fontSize: description must say what it means',
  ],
  [
    'an empty description',
    list({ ...SIZE, description: '' }),
    'editor.fontSize: description must not be empty',
  ],
  ['no schema', list({ ...SIZE, schema: undefined }), 'editor.fontSize: schema must be a JSON Schema'],
  [
    'an unknown keyword deep in a schema',
    list({ ...SIZE, schema: { type: 'array', items: { type: 'integer', minLength: 5 } } }),
    'editor.fontSize: schema.items.minLength says something of the type string alone',
  ],
  [
    'a schema that allows null',
    list({ ...SIZE, schema: { type: ['integer', 'null'] } }),
    'editor.fontSize: schema must not allow null',
  ],
  [
    'a flag in words',
    list({ ...SIZE, isForDevices: 'yes' }),
    'editor.fontSize: isForDevices must be true or false',
  ],
  ['a key twice', list(SIZE, SIZE), 'editor.fontSize: stands in the list twice'],
  [
    'a key of Portico with a meaning of its own',
    list({ ...SIZE, key: 'theme' }),
    'theme: is built in: another default can be given to it, but no description, schema',
  ],
  [
    'a default of Portico that its schema refuses',
    list({ key: 'theme', default: 'purple' }),
    'theme: default is refused by its schema: Use one of system, light, dark.',
  ],
  [
    'a key of Portico with a letter missing',
    list({ key: 'notifications.emal', default: false }),
    'notifications.emal: is not built in, so it must have a description and a schema. Did you mean "notifications.email"',
  ],
])('a list with %s is refused at the start, which says why', (_what, given, complaint) => {
  expect(() => defined(given)).toThrow(`PREFERENCES ${complaint}`)
  expect(() => applicationPreferences(given)).toThrow(`PREFERENCES ${complaint}`)
})

test('all that is wrong is told at once, beside what is wrong elsewhere', () => {
  const given = list({ ...SIZE, default: 4 }, { key: 'theme', default: 5 }, { ...SIZE, key: 'Size' })
  let message = ''
  try {
    readConfig({ NODE_ENV: 'test', PREFERENCES: given, PORT: 'x' })
  } catch (error) {
    ;({ message } = error as Error)
  }
  expect(message.split('\n').slice(1)).toEqual([
    expect.stringContaining('PORT must be a number'),
    expect.stringContaining('PREFERENCES editor.fontSize: default is refused by its schema'),
    expect.stringContaining('PREFERENCES theme: default is refused by its schema'),
    expect.stringContaining('PREFERENCES Size: key must be words'),
  ])
})
