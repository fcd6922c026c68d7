import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../config/config'
import { parseKeyring, removeKey, type Keyring } from '../crypto/keyring'
import type { Database } from '../db/database'
import { AuditService } from '../modules/audit/audit.service'
import { headerOf } from '../modules/backup/archive'
import { archivesIn, bytesOf, KEY_FILE } from '../modules/backup/backup-folder'
import { DataKeyRepository } from '../modules/keyring/data-key.repository'
import { countHolders } from '../modules/keyring/keyring-holders'
import { answering, type Answer } from './command'
import { changingKeyring } from './keyring-file'
import { count } from './progress-bar'
import { onFoundation, readSettings } from './settings'

interface Options {
  abandonBackups?: boolean
}

const HELP = `
Refused while data keys are wrapped under it, a running process would wrap more, or a backup in BACKUP_DIR needs it. Backups
elsewhere are not looked for: those that are of a time when the key was the active one cannot be restored without it. Keep a
copy of the keyring apart for as long as you keep them. Service tokens that it has signed are void at once.
Where PORTICO_KEYRING holds the keyring itself, it is printed without the key, and nothing is changed.`

export const define = (command: Command): Command =>
  command
    .argument('<key>', 'its id, such as k1')
    .option('--abandon-backups', 'remove it even where backups in BACKUP_DIR cannot be restored then')
    .addHelpText('after', HELP)
    .action(answering<Options>(async ([id = ''], options) => remove(readSettings(), id, options)))

async function remove(config: Config, id: string, { abandonBackups = false }: Options): Promise<Answer> {
  const text = await onFoundation(
    ({ db }) =>
      changingKeyring(config, db, async (tx, keyring, save) => {
        const shorter = removeKey(keyring.text, id)
        const obstacles = [
          ...(await usesOf(tx, parseKeyring(keyring.text), id)),
          ...(abandonBackups ? [] : await backupsUnder(config.backupDir, id)),
        ]
        if (obstacles.length > 0) throw new Error(`The key "${id}" is needed: ${obstacles.join('; ')}.`)
        if (keyring.file === null) return shorter.trimEnd()
        await new AuditService(tx).record('keys.removed', { details: { key: id } })
        save(shorter)
        return null
      }),
    config,
  )
  if (text !== null) return { json: JSON.parse(text) as unknown, text }
  return { json: { removed: id }, text: `The key "${id}" is off the keyring.` }
}

async function usesOf(db: Database, { fingerprints }: Keyring, id: string): Promise<string[]> {
  const keys = new DataKeyRepository(db)
  await keys.awaitWriters()
  const wrapped = await keys.count([id])
  const { wrap } = await countHolders(db, fingerprints.keys.get(id)!)
  return [
    ...(wrapped > 0 ? [`it wraps ${count(wrapped)} data keys (\`portico keys rotate\` first)`] : []),
    ...(wrap > 0
      ? [`${wrap} running processes wrap under it (give them the keyring as it is, and restart them)`]
      : []),
  ]
}

async function backupsUnder(folder: string, id: string): Promise<string[]> {
  const under: string[] = []
  for (const name of [KEY_FILE, ...(await archivesIn(folder)).map((archive) => archive.name)]) {
    const header = await headerOf(bytesOf(join(folder, name))).catch(() => null)
    if (header?.keyId === id) under.push(name)
  }
  if (under.length === 0) return []
  return [
    `without it ${count(under.length)} files in ${folder} cannot be restored (${under[0]}${under.length > 1 ? ', …' : ''}): make a ` +
      'backup, and remove the key when the older ones are gone; or --abandon-backups',
  ]
}
