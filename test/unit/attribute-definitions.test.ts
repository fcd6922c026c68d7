import { readFileSync } from 'node:fs'
import { dataMap } from '../../src/cli/data-map'
import { applicationAttributes } from '../../src/config/config'

const PRONOUNS = {
  key: 'pronouns',
  schema: { type: 'string', maxLength: 40 },
  readers: 'public',
  category: 'identity',
  purpose: 'Addressing people.',
  texts: { en: { label: 'Pronouns' } },
}

const problemsOf = (...list: unknown[]): string[] => {
  try {
    applicationAttributes(JSON.stringify(list))
    return []
  } catch (error) {
    return (error as { problems: string[] }).problems
  }
}

test('what the README shows is a list that works', () => {
  const chapter = readFileSync('README.md', 'utf8').split('\n## Profiles\n')[1]!
  const [, shown] = /```json\n(\[.*?\])\n```/s.exec(chapter)!
  expect(applicationAttributes(shown).map(({ key, writers }) => [key, writers])).toEqual([
    ['pronouns', 'self'],
  ])
})

test('all that is wrong with a list is told at once, and names the entry', () => {
  expect(problemsOf(PRONOUNS)).toEqual([])
  expect(
    problemsOf(
      { ...PRONOUNS, readers: 'friends', colour: 'red' },
      PRONOUNS,
      PRONOUNS,
      { ...PRONOUNS, key: 'size', schema: { type: ['integer', 'null'] } },
      { ...PRONOUNS, key: 'shape', schema: { type: 'string', pattern: '(a+)+$' } },
    ),
  ).toEqual([
    'ATTRIBUTES pronouns: readers must be self, staff, members, public',
    'ATTRIBUTES pronouns: has no setting colour',
    'ATTRIBUTES pronouns: stands in the list twice',
    'ATTRIBUTES size: schema must not allow null: an attribute that is removed has no value',
    expect.stringContaining('ATTRIBUTES shape: schema.maxLength'),
    expect.stringContaining('ATTRIBUTES shape: schema.description'),
  ])
})

test('the record of processing lists each, with its purpose and who reads it', () => {
  const { personal } = dataMap(applicationAttributes(JSON.stringify([{ ...PRONOUNS, readers: 'staff' }])))
  expect(personal).toContainEqual(
    expect.objectContaining({
      column: 'attributes.sealed_value (pronouns)',
      purpose: 'Addressing people.',
      readers: ['self', 'users:read'],
      encrypted: true,
      exported: true,
    }),
  )
})
