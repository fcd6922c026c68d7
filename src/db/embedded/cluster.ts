import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import { type Binaries, type SystemUser, canEnter, launch } from './binaries'

/** The roles of an embedded database and their passwords. */
export interface Credentials {
  postgres: string
  portico_owner: string
  portico_app: string
}

export interface Cluster {
  /** The folder that PostgreSQL calls its data directory, without symbolic links. */
  data: string
  credentials: Credentials
}

/** Where clusters go whose data folder PostgreSQL's user cannot enter, such as one below /root: a place that survives a reboot. */
const SYSTEM_FOLDER = '/var/lib/portico'

/** The data directory of the cluster in `dataDir/postgres`, or null before the first start. */
export function existingData(dataDir: string): string | null {
  const entry = join(dataDir, 'postgres')
  if (!lstatSync(entry, { throwIfNoEntry: false })) return null
  if (!existsSync(entry)) {
    throw new Error(
      `${entry} points to a database that is not there any more: bring it back, or remove ${entry} to begin with an empty one.`,
    )
  }
  const data = join(realpathSync(entry), 'data')
  if (existsSync(join(data, '..', 'credentials.json'))) return data
  throw new Error(`${entry} is not a database that Portico made: move it away, or choose another DATA_DIR.`)
}

/** Opens a cluster that is already there, for that system user. */
export function openCluster(data: string, user: SystemUser | null): Cluster {
  const uid = process.getuid?.()
  if (user) {
    if (statSync(data).uid !== user.uid) giveTo(user, data)
  } else if (uid !== undefined && statSync(data).uid !== uid) {
    throw new Error(
      `The database in ${data} belongs to another system user (uid ${statSync(data).uid}): start Portico as that user, or choose another DATA_DIR.`,
    )
  }
  return {
    data,
    credentials: JSON.parse(readFileSync(join(data, '..', 'credentials.json'), 'utf8')) as Credentials,
  }
}

/**
 * Makes a new cluster in `dataDir/postgres`: `data`, which belongs to PostgreSQL's user, and beside it `credentials.json`.
 * It appears under that name in one step when it is whole, so that a start cut short leaves nothing behind that counts.
 */
export async function createCluster(
  dataDir: string,
  {
    binaries,
    user,
    durable,
    log,
  }: { binaries: Binaries; user: SystemUser | null; durable: boolean; log: (line: string) => void },
): Promise<Cluster> {
  const entry = join(dataDir, 'postgres')
  const isElsewhere = !canEnter(user, dataDir)
  const place = isElsewhere
    ? join(SYSTEM_FOLDER, createHash('sha256').update(dataDir).digest('hex').slice(0, 12))
    : entry
  if (isElsewhere) {
    mkdirSync(SYSTEM_FOLDER, { recursive: true })
    chmodSync(SYSTEM_FOLDER, 0o755)
  }
  removeUnfinished(place)

  const draft = mkdtempSync(`${place}.new-`)
  chmodSync(draft, user ? 0o755 : 0o700)
  const credentials = { postgres: password(), portico_owner: password(), portico_app: password() }
  await runInitdb(binaries, user, draft, credentials.postgres, durable)
  // Flushed: a database whose password got lost in a power cut could never be opened again.
  writeFileSync(join(draft, 'credentials.json'), JSON.stringify(credentials, null, 2), {
    mode: 0o600,
    flush: durable,
  })

  if (!isElsewhere) {
    renameSync(draft, entry)
  } else {
    // A name that was never used: if somebody removed the link to start afresh, the old database is left alone.
    const home = `${place}-${Date.now().toString(36)}`
    renameSync(draft, home)
    symlinkSync(home, entry)
    log(
      `The system user ${user?.name} cannot enter ${dataDir}: the database lies in ${home}, and ${entry} points there.`,
    )
  }
  return { data: join(realpathSync(entry), 'data'), credentials }
}

const password = () => randomBytes(24).toString('base64url')

function removeUnfinished(place: string): void {
  const folder = join(place, '..')
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (path.startsWith(`${place}.new-`)) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function runInitdb(
  binaries: Binaries,
  user: SystemUser | null,
  draft: string,
  superuserPassword: string,
  durable: boolean,
): Promise<void> {
  const data = join(draft, 'data')
  const passwordFile = join(draft, 'initdb-password')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, superuserPassword, { mode: 0o600 })
  if (user) for (const path of [data, passwordFile]) chownSync(path, user.uid, user.gid)

  const child = launch(binaries, user, binaries.initdb, [
    ...['--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    // PostgreSQL's own Unicode: needs no locale of the system, whose absence or LANG=C would spoil the encoding.
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...['--no-instructions', ...(durable ? [] : ['--no-sync'])],
  ])
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  rmSync(passwordFile)
  if (code !== 0) throw new Error(`PostgreSQL could not make a database in ${data}: ${complaints.trim()}`)
}

function giveTo(user: SystemUser, path: string): void {
  lchownSync(path, user.uid, user.gid)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path)) giveTo(user, join(path, name))
}

/**
 * Makes what is missing of the two roles and the database. The owner migrates; the application only connects, and is
 * given its rights table by table. The owner may create databases, which test suites and `backup verify` do.
 */
export async function provision(
  superuser: Client,
  database: string,
  credentials: Credentials,
): Promise<void> {
  const { rows } = await superuser.query<{ name: string }>(
    'SELECT rolname AS name FROM pg_roles UNION ALL SELECT datname FROM pg_database WHERE datname = $1',
    [database],
  )
  const isThere = (name: string) => rows.some((row) => row.name === name)
  if (!isThere('portico_owner')) {
    await superuser.query(
      `CREATE ROLE portico_owner LOGIN CREATEDB PASSWORD ${escapeLiteral(credentials.portico_owner)}`,
    )
  }
  if (!isThere('portico_app')) {
    await superuser.query(`CREATE ROLE portico_app LOGIN PASSWORD ${escapeLiteral(credentials.portico_app)}`)
  }
  const name = escapeIdentifier(database)
  if (!isThere(database)) await superuser.query(`CREATE DATABASE ${name} OWNER portico_owner`)
  await superuser.query(
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO portico_app`,
  )
}
