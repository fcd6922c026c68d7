import { lexicographicSortSchema, printSchema } from 'graphql'
import { STEP_UP_WITHIN } from './contract'
import { declareSchema } from './schema'

const HEADER =
  '# The contract, written by `npm run update` from the code. Review its changes as changes of the API.'

/** The whole schema as SDL in alphabetical order: the text of `schema/schema.graphql`. */
export function printContract(): string {
  const schema = declareSchema()
  const demanding = Object.values(schema.getMutationType()!.getFields()).filter(
    ({ extensions }) => extensions.stepUp,
  )
  // graphql-js prints definitions of directives, and leaves out where they are applied. No two mutations share a payload.
  const text = demanding.reduce(
    (printed, { type }) =>
      printed.replace(`: ${String(type)}\n`, `: ${String(type)} @stepUp(within: ${STEP_UP_WITHIN})\n`),
    printSchema(lexicographicSortSchema(schema)),
  )
  return `${HEADER}\n\n${text}\n`
}
