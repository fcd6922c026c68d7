import { getNamedType } from 'graphql'
import { classifications, COLUMNS_BEHIND, SHOWN } from './columns'
import { CASES, OPENED_BY, readersOf } from './expectations'
import { typeOf } from './stage'

/*
 * Who reads what is personal is said of its column, as the record of processing prints it, and of each field that shows it,
 * as the matrix proves it. Here the two have to agree.
 */

/** Fields that lead to such rows and are opened by something else than what opens the rows otherwise. */
const REACHED_THROUGH: Record<string, string> = { RoleGrant: 'AccessExplanation.grants' }

/** Types whose rows can be everybody's, as a published post is, and an attribute that is shown to everybody. */
const PUBLISHED = new Set(['Post', 'FoundPost', 'Attribute'])

/** Who reads a field, in the words of a column. */
function expectedReaders(type: string, field: string): string[] {
  const subjects = [
    type,
    ...Object.keys(CASES).filter((name) => CASES[name]!.type === type && field in CASES[name]!.fields),
  ]
  // What they see of their own rows is not what others see of them.
  const readers = subjects
    .filter((subject) => !subject.endsWith(' who asks') && !subject.endsWith(' about whoever asks'))
    .flatMap((subject) => readersOf(subject, field))
  if (PUBLISHED.has(type) || readers.includes('anonymous')) return ['everyone']
  const through = REACHED_THROUGH[type]
  const openings = [
    OPENED_BY[`${type}.${field}`] ?? OPENED_BY[type],
    through && (OPENED_BY[through] ?? OPENED_BY[through.split('.')[0]!]),
  ]
  return [
    ...(readers.includes('self') ? ['self'] : []),
    ...openings.flatMap((opening) => (opening ? [opening.permission] : [])),
  ]
}

const shown = SHOWN.map((field) => ({ ...field, readers: expectedReaders(field.type, field.field) }))

const sorted = (words: Iterable<string>) => [...new Set(words)].sort()

test('of every field that shows something it is known which columns it shows', () => {
  expect(
    shown.filter(({ isLeaf, columns }) => isLeaf && columns === undefined).map(({ name }) => name),
  ).toEqual([])
  // A failure here asks for a line in COLUMNS_BEHIND: which column does the field read?
  const behind = shown.flatMap(({ columns = [] }) => columns)
  expect(behind.filter((column) => !classifications.has(column))).toEqual([])
  const known = new Set(shown.map(({ name }) => name))
  expect(Object.keys(COLUMNS_BEHIND).filter((name) => !known.has(name))).toEqual([])
})

test('the fields that lead to rows by another way are those of the schema', () => {
  for (const [type, through] of Object.entries(REACHED_THROUGH)) {
    const [from, field] = through.split('.') as [string, string]
    expect(getNamedType(typeOf(from).getFields()[field]!.type).name).toBe(type)
  }
})

const personal = [...classifications].flatMap(([column, classification]) =>
  classification === 'not-personal' ? [] : [{ column, ...classification }],
)

test.each(personal.map(({ column, ...data }) => [column, data] as const))(
  '%s is read by those to whom its fields are open, and by nobody else',
  (column, { readers, exported }) => {
    const fields = shown.filter(({ columns }) => columns?.includes(column))
    // What no field shows, the person gets with their data, if anybody does.
    const unshown = exported ? ['self'] : ['nobody']
    const open = fields.length === 0 ? unshown : fields.flatMap((field) => field.readers)
    const expected = open.includes('everyone') ? ['everyone'] : sorted(open)
    expect({ readers: sorted(readers), fields: fields.map(({ name }) => name) }).toEqual({
      readers: expected,
      fields: fields.map(({ name }) => name),
    })
  },
)
