import type { Command } from 'commander'
import { getMetadataArgsStorage } from 'typeorm'
import { classificationOf, type PersonalData } from '../core/personal-data'
import { entities } from '../modules/modules'
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
      const { personal, notPersonal } = dataMap()
      return { json: { personal, notPersonal }, text: describe(personal, notPersonal.length) }
    }),
  )

/** Every column of every table, as the classification on its entity says. */
export function dataMap(): { personal: Entry[]; notPersonal: string[] } {
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
  return { personal, notPersonal }
}

function columns() {
  const storage = getMetadataArgsStorage()
  return entities.flatMap((entity) => {
    const tableName = storage.tables.find(({ target }) => target === entity)?.name ?? entity.name
    return storage.filterColumns(entity).map(({ propertyName, options }) => ({
      name: `${tableName}.${options.name ?? propertyName}`,
      column: `${entity.name}.${propertyName}`,
      classification: classificationOf(entity, propertyName),
    }))
  })
}

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
