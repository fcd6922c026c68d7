import type { ClientBase } from 'pg'
import {
  DESTROYED_DATA_KEYS,
  DestroyedDataKeys1767100000000,
} from '../../../migrations/1767100000000-destroyed-data-keys'
import type { Keyring } from '../../crypto/keyring'
import { JOB_REVISION } from '../../db/job-queue'
import { migrate, migrateThrough, migrationNames } from '../../db/migrate'
import { BackupRefused, type ArchiveKind, type Manifest } from './archive'
import { giveUpRestored } from '../delivery/restored-deliveries'
import { ledgerExists, readLedger, replayLedger, type LedgerLine } from '../erasure/ledger'
import { migrationsOf, tablesOf } from './catalogue'
import { connected } from '../../db/connection'
import { queryableClient } from '../../db/queryable'
import { endRestoredSessions } from './restored-sessions'
import { Restorer, type Phase, type Verified } from './restorer'
import { verifyArchive } from './verify-archive'

export interface RestoreOptions {
  archive: string
  keys: string
  /** Who has been erased, in one or more files, of which one at least has to be there: nobody of them comes back. */
  ledgers: readonly string[]
  /** Whether all sessions and access tokens end, as some may have since the backup was made. */
  endsSessions?: boolean
  keyring: Keyring
  /** The empty database that it is restored into. */
  target: { ownerUrl: string; appUrl: string }
  /** @param done of `total`, for this phase. */
  onProgress?: (phase: Phase, done: number, total: number) => void
  signal?: AbortSignal
}

export interface Restored {
  takenAt: Date
  tables: number
  rows: number
  /** Bytes of the rows before they were compressed. */
  plainBytes: number
  /** The migrations that followed, because the archive is of an older version. */
  migrated: readonly string[]
  /** How many people were erased again, because they had been after the backup was made. */
  erasedAgain: number
  /** How many people the ledgers name, and when the last of them was erased; null where they name nobody. */
  ledger: { people: number; lastErasedAt: Date | null }
}

/**
 * Restores a backup into an empty database. Both files are read to their ends before anything is written, what was written is
 * compared with them before it is committed, and it is there as a whole or not at all.
 * @throws BackupRefused saying why not, and what to do.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const {
    archive,
    keys,
    keyring,
    target,
    signal,
    onProgress = () => undefined,
    endsSessions = false,
  } = options
  const verify = async (kind: ArchiveKind, file: string): Promise<Verified> => {
    const report = (done: number, total: number) => onProgress('verifying', done, total)
    return { kind, file, manifest: await verifyArchive(file, kind, keyring, { report, signal }) }
  }
  const keyFile = await verify('keys', keys)
  const rest = await verify('archive', archive)
  assertTogether(rest.manifest, keyFile.manifest)
  assertKnownSchema(rest.manifest)
  const erasures = await readLedgers(keyring, options.ledgers)
  let erasedAgain = 0
  const eraseAgain = async (tx: ClientBase) => {
    await tx.query('SET LOCAL search_path TO public')
    erasedAgain += await replayLedger(queryableClient(tx), keyring, erasures)
  }
  const leaveBehind = async (tx: ClientBase) => {
    await eraseAgain(tx)
    await giveUpRestored(queryableClient(tx))
    if (endsSessions) await endRestoredSessions(queryableClient(tx))
  }
  const isOfThisSchema = rest.manifest.migrations.length === migrationNames.length
  await connected(target.ownerUrl, (client) => assertEmpty(client, rest.manifest))
  await migrateThrough(target.ownerUrl, rest.manifest.migrations.at(-1)!)
  await connected(target.ownerUrl, async (client) => {
    await client.query('BEGIN')
    await makeRoomForKeys(client, rest.manifest, keyFile.manifest)
    await new Restorer(client, keyring, onProgress, signal).run([keyFile, rest])
    if (isOfThisSchema) await leaveBehind(client)
    // An older schema may have no ledger, and is told when it has one.
    else if (await hasLedger(client)) await eraseAgain(client)
    await client.query('COMMIT')
  })
  const migrated = await migrate(target)
  if (!isOfThisSchema) {
    await connected(target.ownerUrl, async (client) => {
      await client.query('BEGIN')
      await leaveBehind(client)
      await client.query('COMMIT')
    })
  }
  const counted = [keyFile, rest].flatMap(({ manifest }) => manifest.counted)
  return {
    takenAt: new Date(rest.manifest.takenAt),
    tables: counted.length,
    rows: counted.reduce((sum, { rows }) => sum + rows, 0),
    plainBytes: counted.reduce((sum, { bytes }) => sum + bytes, 0),
    migrated,
    erasedAgain,
    ledger: {
      people: new Set(erasures.map(({ userId }) => userId)).size,
      lastErasedAt: latest(erasures.map(({ erasedAt }) => erasedAt)),
    },
  }
}

const latest = (moments: readonly Date[]): Date | null =>
  moments.reduce<Date | null>((last, moment) => (last === null || moment > last ? moment : last), null)

async function readLedgers(keyring: Keyring, files: readonly string[]): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = []
  let isThere = false
  for (const file of files) {
    if (!(await ledgerExists(file))) continue
    isThere = true
    lines.push(...(await readLedger(keyring, file)))
  }
  if (isThere) return lines
  throw new BackupRefused(
    `There is no ledger of erasures at ${files.join(' or ')}, so whoever was erased after the backup would come back. Nothing was written. ` +
      'Put the last copy of it beside the archive, or name it with --ledger.',
  )
}

const hasLedger = async (client: ClientBase): Promise<boolean> =>
  (await client.query("SELECT to_regclass('public.erasure_ledger') IS NOT NULL AS there")).rows[0]
    .there as boolean

/** The keys of any later backup will do, and lack whoever was erased meanwhile; older ones would lack whoever came. */
function assertTogether(archive: Manifest, keys: Manifest): void {
  if (keys.installation !== archive.installation) {
    throw new BackupRefused(
      'The file of keys belongs to the backups of another database. Name the right one with --keys.',
    )
  }
  if (new Date(keys.takenAt) < new Date(archive.takenAt)) {
    throw new BackupRefused(
      `The file of keys is of ${keys.takenAt}, older than the archive of ${archive.takenAt}: it would lose everybody who came ` +
        'in between. Name the one that was written with the archive, or a later one, with --keys.',
    )
  }
}

/** The file of keys can be of a later schema than the archive, whose own migrations come when the rows are back. */
async function makeRoomForKeys(tx: ClientBase, archive: Manifest, keys: Manifest): Promise<void> {
  const { name } = DestroyedDataKeys1767100000000
  if (keys.migrations.includes(name) && !archive.migrations.includes(name))
    await tx.query(DESTROYED_DATA_KEYS)
}

function assertKnownSchema({ migrations, jobRevision, version }: Manifest): void {
  const isKnown = migrations.every((name, index) => migrationNames[index] === name)
  if (isKnown && migrations.length > 0 && jobRevision <= JOB_REVISION) return
  throw new BackupRefused(
    `The archive's schema is newer than this Portico, or of another line: it was made by version ${version}. Restore it with that one.`,
  )
}

/** Rows that are there without anybody having made them. */
const MADE_BY_MIGRATIONS = ['public.installation']

/** @throws BackupRefused where there are rows, or a schema that is not on the way to the archive's. */
async function assertEmpty(client: ClientBase, { migrations }: Manifest): Promise<void> {
  const filled: string[] = []
  for (const { name } of await tablesOf(client)) {
    if (MADE_BY_MIGRATIONS.includes(name)) continue
    const { rows } = await client.query<{ isFilled: boolean }>(
      `SELECT EXISTS (SELECT FROM ${name}) AS "isFilled"`,
    )
    if (rows[0]!.isFilled) filled.push(name)
  }
  const present = await migrationsOf(client)
  const isOnTheWay = present.migrations.every((name, index) => migrations[index] === name)
  if (filled.length === 0 && isOnTheWay) return
  throw new BackupRefused(
    `The database is not empty (${filled.length > 0 ? `rows in ${filled.slice(0, 3).join(', ')}${filled.length > 3 ? ', …' : ''}` : 'its schema is newer than the archive’s'}): ` +
      'nothing was written. Make a new one and name it in DATABASE_URL and DATABASE_OWNER_URL, or move DATA_DIR/postgres away; ' +
      'do not start Portico on it before.',
  )
}
