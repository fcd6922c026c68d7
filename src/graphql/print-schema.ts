import { lexicographicSortSchema, printSchema } from 'graphql'
import { declareSchema } from './schema'

const HEADER =
  '# The contract, written by `npm run update` from the code. Review its changes as changes of the API.'

/** The whole schema as SDL in alphabetical order: the text of `schema/schema.graphql`. */
export const printContract = (): string =>
  `${HEADER}\n\n${printSchema(lexicographicSortSchema(declareSchema()))}\n`
