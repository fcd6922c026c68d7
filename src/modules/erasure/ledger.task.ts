import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { defineTask } from '../../db/task'
import { LEDGER_FILE, writeLedger } from './ledger'

/** Writes the ledger where backups go, though none has been made there yet: those that went elsewhere are told from it too. */
export const publishLedger = defineTask({
  name: 'erasure:publish-ledger',
  work: async ({ db }) => {
    const { folder } = db.tools.backups
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await db.transaction((tx) => writeLedger(tx, tx.tools.keyring, join(folder, LEDGER_FILE)))
  },
})
