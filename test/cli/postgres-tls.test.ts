import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { migrate } from '../../src/db/migrate'
import { certificateFor } from '../support/certificate'
import { DebianPostgres, debianPrograms } from '../support/debian-postgres'
import { World } from '../support/world'
import { portico } from './in-process'

/** A PostgreSQL that nobody reaches without TLS, whose certificate is of `localhost`. */
const programs = debianPrograms()
const isHere = programs !== null
if (!isHere)
  process.stderr.write('No TLS to PostgreSQL: Debian’s package postgresql is not installed here.\n')

const before = { ...process.env }
let folder: string
let cluster: DebianPostgres
let authority: string
let stranger: string

/** As somebody reaches it who trusts this authority, or wants what else is said. */
const url = (role: string, words: string, host = 'localhost') =>
  `postgres://${role}@${host}:${cluster.port}/portico?${words}`
const verified = (file: string) => `sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`

beforeAll(async () => {
  if (!isHere) return
  folder = mkdtempSync(join(tmpdir(), 'portico-tls-'))
  chmodSync(folder, 0o755)
  cluster = await DebianPostgres.make(programs, join(folder, 'cluster'))
  const [own, other] = [await certificateFor('localhost'), await certificateFor('localhost')]
  authority = join(folder, 'authority.pem')
  stranger = join(folder, 'stranger.pem')
  writeFileSync(authority, own.cert)
  writeFileSync(stranger, other.cert)
  writeFileSync(join(cluster.data, 'server.crt'), own.cert)
  writeFileSync(join(cluster.data, 'server.key'), own.key, { mode: 0o600 })
  if (process.getuid?.() === 0) {
    execFileSync('chown', ['postgres', join(cluster.data, 'server.crt'), join(cluster.data, 'server.key')])
  }
  appendFileSync(join(cluster.data, 'postgresql.conf'), 'ssl = on\n')
  writeFileSync(
    join(cluster.data, 'pg_hba.conf'),
    'local all all trust\nhostssl all all 127.0.0.1/32 trust\n',
  )
  cluster.start()
  for (const statement of [
    'CREATE ROLE portico_owner LOGIN CREATEDB',
    'CREATE ROLE portico_app LOGIN',
    'CREATE DATABASE portico OWNER portico_owner',
  ]) {
    cluster.run('psql', '-U', 'postgres', '-d', 'postgres', '-c', statement)
  }
}, 120_000)

afterAll(() => {
  process.env = { ...before }
  if (!isHere) return
  cluster.stop('immediate')
  rmSync(folder, { recursive: true, force: true })
})

const whereInstalled = isHere ? test : test.skip

whereInstalled(
  'R90 requests, jobs, listeners and migrations reach PostgreSQL over TLS, at the server that its certificate names',
  async () => {
    const [appUrl, ownerUrl] = ['portico_app', 'portico_owner'].map((role) => url(role, verified(authority)))
    await migrate({ appUrl: appUrl!, ownerUrl: ownerUrl! })
    const world = new World()
    await world.start({ DATABASE_URL: appUrl!, DATABASE_OWNER_URL: ownerUrl!, JOB_CONCURRENCY: '1' })
    try {
      const person = await world.person()
      expect(await person.api.data('{ viewer { username } }')).toEqual({
        viewer: { username: person.username },
      })
      const admin = new Client(url('postgres', verified(authority)))
      await admin.connect()
      const { rows } = await admin.query<{ name: string; isEncrypted: boolean }>(
        `SELECT application_name AS name, bool_and(ssl) AS "isEncrypted" FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name LIKE 'portico%' GROUP BY 1 ORDER BY 1`,
      )
      await admin.end()
      Object.assign(process.env, { DATABASE_URL: appUrl, NODE_ENV: 'test', DEMO_DATA: 'off' })
      expect((await portico('doctor')).stdout).toMatch(/^✓ database: PostgreSQL \S.*, over TLS$/m)
      expect(rows.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['portico', 'portico-jobs', 'portico-listen']),
      )
      expect(rows.filter(({ isEncrypted }) => !isEncrypted)).toEqual([])
    } finally {
      await world.stop()
    }
  },
)

whereInstalled.each([
  ['whom nobody vouches for', () => url('portico_app', verified(stranger)), /self-signed certificate/],
  [
    'that has another name than its certificate',
    () => url('portico_app', verified(authority), '127.0.0.1'),
    /does not match certificate's altnames|is not in the cert's list/,
  ],
  ['in clear', () => url('portico_app', 'sslmode=disable'), /no encryption/],
])('R90 nothing is said to a server %s', async (_, reach, complaint) => {
  process.env = { ...before, DATABASE_URL: reach(), NODE_ENV: 'test', DEMO_DATA: 'off' }
  const { code, stdout, stderr } = await portico('doctor')
  expect(code).toBe(1)
  expect(stdout + stderr).toMatch(complaint)
})
