import type { Command } from 'commander'
import { addKey, parseKeyring } from '../crypto/keyring'
import { AuditService } from '../modules/audit/audit.service'
import { answering, type Answer } from './command'
import { changingKeyring, keyringText, newestOf } from './keyring-file'
import { onFoundation, readSettings } from './settings'

const HELP = `
Nothing is wrapped under the new key before \`portico keys rotate\` makes it the active one; processes that share the file know it
within a second. Where PORTICO_KEYRING holds the keyring itself, it is printed with the new key, and nothing is changed: set it
for all processes, restart them, then set "active" to the new key, and restart them again.`

export const define = (command: Command): Command => command.addHelpText('after', HELP).action(answering(add))

async function add(): Promise<Answer> {
  const config = readSettings()
  const { text, file } = keyringText(config)
  if (file === null) {
    const longer = addKey(text).trimEnd()
    return { json: JSON.parse(longer) as unknown, text: longer }
  }
  const key = await onFoundation(
    ({ db }) =>
      changingKeyring(config, db, async (tx, keyring, save) => {
        const longer = addKey(keyring.text)
        const added = newestOf(parseKeyring(longer).fingerprints)
        await new AuditService(tx).record('keys.added', { details: { key: added } })
        save(longer)
        return added
      }),
    config,
  )
  return {
    json: { key, file },
    text: `The key "${key}" is on the keyring ${file}. Keep a copy of that; then make the key the active one with \`portico keys rotate\`.`,
  }
}
