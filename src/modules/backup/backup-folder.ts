import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UNFINISHED } from '../../core/finished-file'
import { BLOCK, BackupRefused, headerOf } from './archive'

/** The keys of all archives of a folder: each backup replaces it, so that whoever was erased meanwhile is gone from all. */
export const KEY_FILE = 'portico.keys'

const ARCHIVE = /^portico-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.backup$/

/** An archive in a folder, by what its name says. */
export interface StoredArchive {
  name: string
  takenAt: Date
}

export const archiveName = (takenAt: Date): string =>
  `portico-${takenAt.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`

/** The file of keys that is looked for where none is named. */
export const keysBeside = (archive: string): string => join(dirname(archive), KEY_FILE)

/** The whole archives of a folder, newest first; none where there is no such folder. */
export async function archivesIn(folder: string): Promise<StoredArchive[]> {
  return (await namesIn(folder))
    .flatMap((name) => {
      const [, day, hour, minute, second] = ARCHIVE.exec(name) ?? []
      return day ? [{ name, takenAt: new Date(`${day}T${hour}:${minute}:${second}Z`) }] : []
    })
    .sort((one, other) => other.takenAt.getTime() - one.takenAt.getTime())
}

/** The bytes of a file. @throws BackupRefused where there is none. */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: BLOCK }) as AsyncIterable<Buffer>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new BackupRefused(`There is no file ${file}.`)
    throw error
  }
}

/** Makes the folder where there is none, and clears up what backups left behind that were cut off. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of await namesIn(folder)) {
    if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true })
  }
}

/**
 * Keeps one database from overwriting the keys of another, whose archives would be lost with them.
 * @throws BackupRefused where the file is there and belongs to another one.
 */
export async function assertKeysAreOf(installation: string, file: string): Promise<void> {
  const header = await headerOf(bytesOf(file)).catch((error: unknown) => {
    if (error instanceof BackupRefused) return null
    throw error
  })
  const isThere = await open(file).then(
    (handle) => handle.close().then(() => true),
    () => false,
  )
  if (!isThere || header?.installation === installation) return
  throw new BackupRefused(
    `${file} belongs to the backups of another database, or is no file of keys. Choose another folder, or move it away.`,
  )
}

export async function removeArchive(folder: string, { name }: StoredArchive): Promise<void> {
  await rm(join(folder, basename(name)), { force: true })
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
