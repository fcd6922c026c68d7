import { execFileSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY } from '../../src/core/clock'

const ROOT = join(__dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name!)),
]
const COMPOSE = read('docker-compose.yml')

describe('docker-compose.yml', () => {
  test('mounts and builds what is there', () => {
    const paths = [
      ...found(COMPOSE, /^ +- \.\/([^:]+):/gm),
      ...found(COMPOSE, /^ +build: (.+)$/gm).map((folder) => join(folder, 'Dockerfile')),
    ]
    expect(paths.length).toBeGreaterThan(6)
    for (const path of paths) statSync(join(ROOT, path))
  })

  test('runs scripts that can be run', () => {
    const scripts = found(COMPOSE, /\/opt\/portico\/([\w-]+\.sh)/g)
    expect(scripts.length).toBeGreaterThan(1)
    for (const script of scripts) accessSync(join(ROOT, 'docker/postgres', script), constants.X_OK)
  })

  test('names in .env.example whatever it asks for, and hands on whatever is named there', () => {
    const settings = found(read('.env.example'), /^(\w+)=/gm)
    expect(settings).toEqual(expect.arrayContaining(found(COMPOSE, /\$\{(\w+):\?\}/g)))
    expect(found(COMPOSE, /\$\{(\w+)/g)).toEqual(expect.arrayContaining(settings))
  })

  test('backs up each night, and tries each week whether it can be restored', () => {
    expect(COMPOSE).toMatch(/ BACKUP_SCHEDULE: \$\{BACKUP_SCHEDULE:-daily\}\n/)
    expect(COMPOSE).toMatch(/\n {2}drill:\n {4}<<: \*owner\n {4}command: \[backup, verify, --every, '7'\]\n/)
    // In a database of its own.
    expect(read('docker/postgres/initialise.sh')).toContain('CREATE ROLE portico_owner LOGIN CREATEDB')
  })
})

describe('the archive of the database', () => {
  test('holds nothing that is older than 35 days: a full backup stays until the next one is old enough', () => {
    const [kept] = found(read('docker/postgres/pgbackrest.conf'), /^repo1-retention-full=(\d+)$/gm)
    const [apart] = found(read('docker/postgres/back-up.sh'), /'(\d+) days ago'/g)
    const untilItIsLookedAt = 1
    expect(Number(kept) + Number(apart) + untilItIsLookedAt).toBe(35)
  })

  const label = (daysAgo: number) =>
    new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const full = (daysAgo: number) => `${label(daysAgo)}F`
  const differential = (of: number, daysAgo: number) => `${full(of)}_${label(daysAgo)}D`

  test.each([
    ['in full where there is none', [], 'full'],
    ['in part on the days after', [full(1)], 'diff'],
    ['in part on the sixth day', [full(6), differential(6, 1)], 'diff'],
    ['in full after a week', [full(7), differential(7, 1)], 'full'],
    ['in full where the last one failed', [full(14), full(9), differential(9, 1)], 'full'],
    ['not at all where it was today', [full(0)], null],
    ['not at all where part was today', [full(3), differential(3, 0)], null],
  ])('is backed up %s', (_, labels, type) => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-back-up-'))
    try {
      // In place of the real one, which test/scale walks with: it says what there is, and notes what it is asked for.
      const info = JSON.stringify([{ backup: labels.map((each) => ({ label: each })) }])
      const program = join(folder, 'pgbackrest')
      writeFileSync(program, `#!/bin/sh\ncase "$*" in *info) echo '${info}' ;; *) echo "$@" ;; esac\n`)
      chmodSync(program, 0o755)
      const said = execFileSync('bash', [join(ROOT, 'docker/postgres/back-up.sh')], {
        encoding: 'utf8',
        env: { PATH: `${folder}:${process.env['PATH']}` },
      })
      const [backup = null] = found(said, /--type=(\w+) backup/g)
      expect(backup).toBe(type)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
