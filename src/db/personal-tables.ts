import { getMetadataArgsStorage } from 'typeorm'
import { classificationOf, subjectsOf, type Classification, type PersonalData } from '../core/personal-data'

/** A column of an entity, as it is declared. */
export interface ClassifiedColumn {
  property: string
  name: string
  /** As PostgreSQL calls it. */
  type: string
  isArray: boolean
  /** Undefined where nobody has said what it is. */
  classification: Classification | undefined
}

export interface ClassifiedTable {
  entity: Function
  name: string
  columns: readonly ClassifiedColumn[]
}

/** A column with what it tells about a person. */
export interface PersonalColumn extends Omit<ClassifiedColumn, 'classification'>, PersonalData {}

/** A table whose rows belong to people. */
export interface PersonalTable {
  entity: Function
  name: string
  /** The condition for the rows of a person, whose id is `$1`. */
  isTheirs: string
  /** The columns that name the person. */
  subjects: readonly string[]
  personal: readonly PersonalColumn[]
  /** What stands beside it and tells nothing about anybody. */
  others: readonly ClassifiedColumn[]
}

/** Every table that an entity declares, by name. */
export function classifiedTables(): ClassifiedTable[] {
  const storage = getMetadataArgsStorage()
  return storage.tables
    .map(({ target, name }) => {
      const entity = target as Function
      return { entity, name: name ?? entity.name, columns: storage.filterColumns(entity).map(classified) }
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1))

  function classified({ propertyName, options, target }: (typeof storage.columns)[number]): ClassifiedColumn {
    return {
      property: propertyName,
      name: options.name ?? propertyName,
      type: String(options.type),
      isArray: options.array === true,
      classification: classificationOf(target as Function, propertyName),
    }
  }
}

/** Every table whose rows belong to people; those that lead to a person through another table first, as erasure takes them. */
export function personalTables(): PersonalTable[] {
  const tables = classifiedTables()
  const tableOf = (entity: Function) => tables.find((table) => table.entity === entity)!
  const columnOf = ({ columns, name }: ClassifiedTable, property: string) => {
    const column = columns.find((one) => one.property === property)
    if (!column) throw new Error(`${name} has no column ${property}, which says whose its rows are.`)
    return column.name
  }
  const isTheirs = (table: ClassifiedTable): string[] => {
    const subjects = subjectsOf(table.entity)
    return subjects.map(({ property, through }) => {
      const column = columnOf(table, property)
      if (!through) return `${column} = $1`
      const other = tableOf(through())
      const ids = `SELECT id FROM ${other.name} WHERE ${isTheirs(other).join(' OR ')}`
      // Beside another condition, only what is looked up beforehand can be looked for in an index.
      return subjects.length === 1 ? `${column} IN (${ids})` : `${column} = ANY (ARRAY(${ids}))`
    })
  }
  const isDirect = ({ entity }: PersonalTable) => subjectsOf(entity).every(({ through }) => through === null)
  return tables
    .filter(({ entity }) => subjectsOf(entity).length > 0)
    .map((table): PersonalTable => ({
      entity: table.entity,
      name: table.name,
      isTheirs: `(${isTheirs(table).join(' OR ')})`,
      subjects: subjectsOf(table.entity).map(({ property }) => columnOf(table, property)),
      personal: table.columns.flatMap(({ classification, ...column }) =>
        classification === undefined || classification === 'not-personal'
          ? []
          : [{ ...column, ...classification }],
      ),
      others: table.columns.filter(({ classification }) => classification === 'not-personal'),
    }))
    .sort((one, other) => Number(isDirect(one)) - Number(isDirect(other)))
}
