import { setTimeout as sleep } from 'node:timers/promises'
import { migrationNames } from '../../../src/db/migrate'
import { between } from '../random'
import type { Fault } from '../fault'
import { SupervisedPortico } from '../node'

export const startTogether: Fault = {
  number: 16,
  name: 'two start together on an empty database',
  how: 'the connection of whichever migrates is cut, as when it is killed; its supervisor starts it again',
  async play(stage) {
    const database = `fresh_${Math.floor(stage.random() * 1e9)}`
    await stage.postgres.ask(`CREATE DATABASE ${database}`)
    const environment = stage.environment()
    for (const name of ['DATABASE_URL', 'DATABASE_OWNER_URL'] as const) {
      const url = new URL(environment[name]!)
      url.pathname = `/${database}`
      environment[name] = url.toString()
    }
    const began = performance.now()
    const starting = [SupervisedPortico.start(environment), SupervisedPortico.start(environment)]
    for (const one of starting) void one.then((portico) => stage.keep(portico)).catch(() => undefined)
    // Whoever migrates is whoever has a transaction that writes.
    const migrating = async () => {
      const [found] = await stage.postgres.ask<{ pid: number; port: number }>(
        `SELECT pid, client_port AS port FROM pg_stat_activity
         WHERE datname = $1 AND backend_xid IS NOT NULL ORDER BY xact_start LIMIT 1`,
        [database],
      )
      return found
    }
    const end = Date.now() + 20_000
    while (!(await migrating()) && Date.now() < end) await sleep(5)
    await sleep(between(stage.random, 0, 300))
    const found = await migrating()
    // Its connection is cut as the kernel would, were the process killed.
    if (found) await stage.postgres.ask('SELECT pg_terminate_backend($1)', [found.pid])
    const porticos = await Promise.all(starting)
    const took = performance.now() - began
    const ran = await stage.postgres.ask<{ name: string }>('SELECT name FROM schema_migrations', [], database)
    await Promise.all(porticos.map((portico) => portico.stop()))
    await stage.postgres.ask(`DROP DATABASE ${database} WITH (FORCE)`)
    const names = new Set(ran.map(({ name }) => name))
    return [
      { name: 'cut off while it migrated', value: found ? 1 : 0 },
      { name: 'run twice', value: ran.length - names.size, atMost: 0 },
      { name: 'missing', value: migrationNames.filter((name) => !names.has(name)).length, atMost: 0 },
      { name: 'both ready after', value: took, unit: 'ms' },
    ]
  },
}
