import type { Command } from 'commander'
import { writeFileSync } from 'node:fs'
import { generateKeyring } from '../crypto/keyring'
import { answering } from './command'

export const define = (command: Command): Command =>
  command
    .option('--out <file>', 'write it to a new file (mode 0600) instead of printing it')
    .addHelpText(
      'after',
      '\nWith --json it is printed on one line, as the variable PORTICO_KEYRING takes it.',
    )
    .action(
      answering<{ out?: string }>(async (_, { out }) => {
        const text = generateKeyring().trimEnd()
        if (out === undefined) return { json: JSON.parse(text) as unknown, text }
        writeNew(out, `${text}\n`)
        return {
          json: { file: out },
          text: `The keyring is in ${out}. Keep a copy apart from the database's backups.`,
        }
      }),
    )

/** @throws Error when there is a file already: another keyring, perhaps, that data hangs on. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Error(`${file} is there already, and is left as it is.`)
  }
}
