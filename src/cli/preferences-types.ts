import type { Command } from 'commander'
import { applicationPreferences } from '../config/config'
import { answering } from './command'
import { augmentation } from './value-types'

export const define = (command: Command): Command =>
  command
    .argument('[file]', 'the file that PREFERENCES names; without it, what PREFERENCES says')
    .addHelpText(
      'after',
      `
It checks the file on the way. Put what it prints where your compiler looks, such as src/preferences.d.ts: the SDK's
PreferenceValues, and what rests on it, then know your keys as well.`,
    )
    .action(
      answering(async ([file]) => {
        const definitions = applicationPreferences(file)
        const types = augmentation('PreferenceValues', definitions, 'portico preferences types')
        return { json: { types, keys: definitions.map(({ key }) => key) }, text: types.trimEnd() }
      }),
    )
