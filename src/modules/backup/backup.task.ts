import { join } from 'node:path'
import type { Database } from '../../db/database'
import { defineTask } from '../../db/task'
import { ledgerBeside } from '../erasure/ledger'
import { archivesIn, keysBeside, removeArchive } from './backup-folder'
import { tryBackup } from './backup-drill'
import { BackupDrillRepository } from './backup-drill.repository'
import { makeBackup } from './make-backup'
import { supersededArchives } from './retention'

/** Where `BACKUP_SCHEDULE` asks for it, a backup a day; those that others have superseded go when it is whole. */
export const makeDailyBackup = defineTask({
  name: 'backup:make',
  schedule: '40 1 * * *',
  work: async ({ db, stopping }) => {
    const { database, backups } = db.tools
    const { folder, isScheduled, keep } = backups
    if (!isScheduled) return
    const url = database.ownerUrl ?? database.appUrl
    await makeBackup({ url, keyring: db.tools.keyring, to: { folder }, signal: stopping })
    for (const archive of supersededArchives(await archivesIn(folder), keep)) {
      await removeArchive(folder, archive)
    }
  },
})

/** And once a week, whether the newest one can be restored, where this process knows the role that may make a database. */
export const tryNewestBackup = defineTask({
  name: 'backup:try',
  schedule: '10 4 * * 0',
  maxAttempts: 1,
  work: async ({ db, tell, stopping }) => {
    if (!db.tools.backups.isScheduled) return
    if (db.tools.database.ownerUrl === null)
      tell(
        {},
        'no backup was tried, as this process does not know DATABASE_OWNER_URL: `portico backup verify --every 7` does',
      )
    else await tryNewest(db, db.tools.database.ownerUrl, stopping)
  },
})

async function tryNewest(db: Database, ownerUrl: string, signal: AbortSignal): Promise<void> {
  const { folder } = db.tools.backups
  const { appUrl } = db.tools.database
  const [newest] = await archivesIn(folder)
  if (!newest) return
  const archive = join(folder, newest.name)
  const { drill, error } = await tryBackup({
    archive,
    keys: keysBeside(archive),
    ledgers: [ledgerBeside(archive)],
    keyring: db.tools.keyring,
    target: { ownerUrl, appUrl },
    signal,
  })
  await new BackupDrillRepository(db).add(drill)
  if (error !== null) throw error
}
