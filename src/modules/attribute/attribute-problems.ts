import {
  AttributeWriters,
  type AttributeDefinition,
  type AttributeDefinitions,
} from '../../core/attribute-definition'
import type { Problem } from '../../core/error'
import { valueProblems, type Told } from '../../core/value-problems'

export const TOLD: Told = {
  field: 'attributes',
  what: 'attribute',
  hint: '`attributeDefinitions` lists those that there are.',
}

/** What is wrong with a list of attributes that are to be set by the person or for them, each key of which may stand in it once. */
export const attributeProblems = (
  definitions: AttributeDefinitions,
  given: readonly { key: string; value: unknown }[],
  by: AttributeWriters,
): Problem[] => valueProblems(definitions, given, TOLD, (definition) => misplaced(definition, by), true)

const misplaced = ({ writers }: AttributeDefinition, by: AttributeWriters): string | null =>
  by === AttributeWriters.SELF && writers === AttributeWriters.STAFF
    ? 'This attribute is set by staff.'
    : null
