import type { Command } from 'commander'
import { applicationAttributes } from '../config/config'
import type { AttributeDefinition } from '../core/attribute-definition'
import { answering } from './command'
import { augmentation } from './value-types'

export const define = (command: Command): Command =>
  command
    .argument('[file]', 'the file that ATTRIBUTES names; without it, what ATTRIBUTES says')
    .addHelpText(
      'after',
      `
It checks the file on the way. Put what it prints where your compiler looks, such as src/attributes.d.ts: the SDK's
AttributeValues, and what rests on it, then know your keys.`,
    )
    .action(
      answering(async ([file]) => {
        const definitions = applicationAttributes(file)
        const described = definitions.map((definition) => ({
          ...definition,
          description: wordsOf(definition),
        }))
        const types = augmentation('AttributeValues', described, 'portico attributes types')
        return { json: { types, keys: definitions.map(({ key }) => key) }, text: types.trimEnd() }
      }),
    )

/** What developers read of an attribute: its English words, or those of its first language. */
function wordsOf({ texts }: AttributeDefinition): string {
  const { label, description } = texts['en'] ?? Object.values(texts)[0]!
  return description ? `${label}: ${description}` : label
}
