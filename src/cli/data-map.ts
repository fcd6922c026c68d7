import type { Command } from 'commander'
import { applicationAttributes } from '../config/config'
import { AttributeReaders, type AttributeDefinition } from '../core/attribute-definition'
import type { PersonalData } from '../core/personal-data'
import { classifiedTables } from '../db/personal-tables'
import '../modules/modules'
import { answering } from './command'
import { table } from './table'

/** One column of the record of processing. */
interface Entry extends Omit<PersonalData, 'lookup'> {
  column: string
  encrypted: boolean
}

export const define = (command: Command): Command =>
  command.action(
    answering(async () => {
      const { personal, notPersonal } = dataMap(applicationAttributes())
      return { json: { personal, notPersonal }, text: describe(personal, notPersonal.length) }
    }),
  )

/** Every column of every table, as the classification on its entity says, and each attribute that the application keeps. */
export function dataMap(attributes: readonly AttributeDefinition[] = []): {
  personal: Entry[]
  notPersonal: string[]
} {
  const personal: Entry[] = []
  const notPersonal: string[] = []
  for (const { name, column, classification } of columns()) {
    if (classification === undefined)
      throw new Error(`The column ${name} is not classified: write @Personal or @NotPersonal on ${column}.`)
    if (classification === 'not-personal') notPersonal.push(name)
    else {
      const { category, purpose, readers, retention, onErase, exported, encrypted = false } = classification
      personal.push({ column: name, category, purpose, readers, retention, onErase, exported, encrypted })
    }
  }
  return { personal: [...personal, ...attributes.map((one) => entryOf(one, personal))], notPersonal }
}

/** An attribute is kept as the column that holds it is, but for what its definition says. */
function entryOf(
  { key, category, purpose, readers }: AttributeDefinition,
  personal: readonly Entry[],
): Entry {
  const column = personal.find((entry) => entry.column === 'attributes.sealed_value')!
  return {
    ...column,
    column: `attributes.sealed_value (${key})`,
    category,
    purpose,
    readers: READERS[readers],
  }
}

const READERS: Record<AttributeReaders, PersonalData['readers']> = {
  [AttributeReaders.SELF]: ['self'],
  [AttributeReaders.STAFF]: ['self', 'users:read'],
  [AttributeReaders.MEMBERS]: ['everyone'],
  [AttributeReaders.PUBLIC]: ['everyone'],
}

const columns = () =>
  classifiedTables().flatMap(({ entity, name, columns: ofTable }) =>
    ofTable.map((column) => ({
      name: `${name}.${column.name}`,
      column: `${entity.name}.${column.property}`,
      classification: column.classification,
    })),
  )

function describe(personal: readonly Entry[], others: number): string {
  const categories = [...new Set(personal.map(({ category }) => category))].sort()
  const chapters = categories.map((category) => {
    const rows = personal
      .filter((entry) => entry.category === category)
      .map(({ column, purpose, readers, retention, onErase, exported, encrypted }) => [
        column,
        purpose,
        readers.join(', '),
        retention,
        onErase,
        encrypted ? 'yes' : '',
        exported ? 'yes' : '',
      ])
    const headings = ['Column', 'Purpose', 'Readers', 'Kept', 'On erasure', 'Encrypted', 'Exported']
    return `${category.toUpperCase()}\n${table(headings, rows)}`
  })
  return [...chapters, `${personal.length} columns hold personal data; ${others} do not.`].join('\n\n')
}
