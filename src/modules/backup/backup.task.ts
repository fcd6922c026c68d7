import { join } from 'node:path'
import type { Database } from '../../db/database'
import { defineTask } from '../../db/task'
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
    const { folder, isScheduled, keep, database } = db.tools.backups
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
  work: async ({ db, stopping }) => {
    if (db.tools.backups.isScheduled) await tryNewest(db, stopping)
  },
})

async function tryNewest(db: Database, signal: AbortSignal): Promise<void> {
  const { folder, database } = db.tools.backups
  const { appUrl, ownerUrl } = database
  const [newest] = await archivesIn(folder)
  if (!newest || ownerUrl === null) return
  const archive = join(folder, newest.name)
  const { drill, error } = await tryBackup({
    archive,
    keys: keysBeside(archive),
    keyring: db.tools.keyring,
    target: { ownerUrl, appUrl },
    signal,
  })
  await new BackupDrillRepository(db).add(drill)
  if (error !== null) throw error
}
