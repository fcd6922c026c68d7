import { Client } from 'pg'
import { migrations } from '../../migrations/migrations'
import { readConfig } from '../../src/config/config'
import { createDataSource } from '../../src/db/data-source'
import { APPEND_ONLY, assertMigrated, migrate, migrateThrough, pendingMigrations } from '../../src/db/migrate'
import { JOB_MIGRATION } from '../../src/db/job-queue'
import { assertLeastPrivilege, excessivePrivileges } from '../../src/db/privileges'
import { entities } from '../../src/modules/modules'
import { createLog } from '../../src/server/log'
import { layFoundation } from '../../src/server/portico'
import { describeSchema, query } from '../support/describe-schema'
import { cloneDatabase, emptyDatabase as makeDatabase, testServer } from '../support/test-server'

const ours = migrations.map((migration) => migration.name)
/** The job queue's own comes last. */
const names = [...ours, JOB_MIGRATION]

/** An empty database with nothing in it, dropped after the test file. */
async function emptyDatabase(): Promise<{ ownerUrl: string; appUrl: string }> {
  const { drop, ...urls } = await makeDatabase()
  made.push(drop)
  return urls
}

const made: (() => Promise<void>)[] = []

/** A migrated database, for tests that leave the schema alone. */
let migrated: Awaited<ReturnType<typeof cloneDatabase>>

beforeAll(async () => {
  migrated = await cloneDatabase()
})

afterAll(async () => {
  await migrated.drop()
  for (const drop of made) await drop()
})

/** A column to change, of a table that is only ever added to; `occurred_at` of the others. */
const COLUMN_OF: Record<string, string> = {
  audit_seals: 'sealed_at',
  consents: 'decided_at',
  erasure_ledger: 'line',
}

describe('migrations', () => {
  test('run up from nothing, down to nothing, and up again to the same schema', async () => {
    const urls = await emptyDatabase()
    expect(await migrate(urls)).toEqual(names)
    const first = await describeSchema(urls.ownerUrl)
    expect(first.length).toBeGreaterThan(names.length)

    const source = await createDataSource({ url: urls.ownerUrl, entities: [] }).initialize()
    for (const _ of migrations) await source.undoLastMigration()
    await source.destroy()
    const left = (await describeSchema(urls.ownerUrl)).filter((line) => !line.includes('schema_migrations'))
    expect(left).toEqual([])

    expect(await migrate(urls)).toEqual(names)
    expect(await describeSchema(urls.ownerUrl)).toEqual(first)
    expect(await migrate(urls)).toEqual([])
  })

  test('make the tables and columns that the entities declare, and no others', async () => {
    const source = await createDataSource({ url: migrated.ownerUrl, entities }).initialize()
    try {
      const { upQueries } = await source.driver.createSchemaBuilder().log()
      // Indexes, foreign keys and checks are written in migrations only; an entity says nothing about them.
      const drift = upQueries.map(({ query: sql }) => sql).filter((sql) => !isLeftToMigrations(sql))
      expect(drift).toEqual([])
      const [{ tables }] = await source.query<[{ tables: string[] }]>(
        `SELECT array_agg(tablename::text ORDER BY tablename) AS tables FROM pg_tables
         WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`,
      )
      expect(tables).toEqual(source.entityMetadatas.map(({ tableName }) => tableName).sort())
      for (const { tableName, columns } of source.entityMetadatas) {
        const found = await source.query<[{ columns: string[] }]>(
          `SELECT array_agg(column_name::text ORDER BY column_name) AS columns FROM information_schema.columns
           WHERE table_schema = 'public' AND table_name = $1`,
          [tableName],
        )
        expect({ [tableName]: found[0].columns }).toEqual({
          [tableName]: columns.map(({ databaseName }) => databaseName).sort(),
        })
      }
    } finally {
      await source.destroy()
    }
  })

  test('run once each when two processes start together', async () => {
    const urls = await emptyDatabase()
    const ran = await Promise.all([migrate(urls), migrate(urls)])
    expect(ran.map((one) => one.length).sort()).toEqual([0, names.length])
    expect(await query(urls.ownerUrl, 'SELECT name FROM schema_migrations ORDER BY id')).toEqual(
      ours.map((name) => ({ name })),
    )
  })

  test('and the built-in roles come together when two whole processes start on an empty database', async () => {
    const { ownerUrl, appUrl } = await emptyDatabase()
    const config = readConfig({
      NODE_ENV: 'test',
      DATABASE_URL: appUrl,
      DATABASE_OWNER_URL: ownerUrl,
      PORTICO_KEYRING: testServer().keyring,
    })
    const begin = () => layFoundation(config, createLog({ logLevel: 'silent' }))
    const both = await Promise.all([begin(), begin()])
    for (const foundation of both) await foundation.stop()
    expect(await query(ownerUrl, 'SELECT name FROM roles ORDER BY name')).toEqual(
      ['admin', 'manager', 'user'].map((name) => ({ name })),
    )
  })

  test('leave nothing half-done when they are cut off, and go on from there', async () => {
    const urls = await emptyDatabase()
    // Holds a name that the first migration wants for a table, so that it waits in the middle of its work.
    const blocker = new Client(urls.ownerUrl)
    await blocker.connect()
    await blocker.query('BEGIN; CREATE TABLE users ()')
    const cutOff = expect(migrate(urls)).rejects.toThrow(/terminating connection|Connection terminated/)
    const others = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'portico'"
    const isWaiting = () => query(urls.ownerUrl, `SELECT ${others} AND wait_event_type = 'Lock'`)
    while ((await isWaiting()).length === 0);
    await query(urls.ownerUrl, `SELECT pg_terminate_backend(pid) ${others}`)
    await cutOff
    await blocker.query('ROLLBACK')
    await blocker.end()
    expect(await migrate(urls)).toEqual(names)
  })

  test('are gone on with by a start, though whoever was cut off between two of them gave no privileges', async () => {
    const { ownerUrl, appUrl } = await emptyDatabase()
    await migrateThrough(ownerUrl, ours.at(-1)!)
    const config = readConfig({
      NODE_ENV: 'test',
      DATABASE_URL: appUrl,
      DATABASE_OWNER_URL: ownerUrl,
      PORTICO_KEYRING: testServer().keyring,
    })
    const foundation = await layFoundation(config, createLog({ logLevel: 'silent' }))
    await foundation.stop()
    expect(await query(ownerUrl, 'SELECT count(*)::int AS roles FROM roles')).toEqual([{ roles: 3 }])
  })

  test('say what to do where the owner may not create pg_trgm, and go on once somebody has', async () => {
    const urls = await emptyDatabase()
    const name = new URL(urls.ownerUrl).pathname.slice(1)
    // Everything before it stands: the job queue's schema needs the same right.
    await migrate(urls)
    const source = await createDataSource({ url: urls.ownerUrl, entities: [] }).initialize()
    const undone = ours.slice(ours.findIndex((migration) => migration.startsWith('Search')))
    for (const _ of undone) await source.undoLastMigration()
    await source.destroy()
    await query(urls.ownerUrl, 'DROP EXTENSION pg_trgm')
    await query(urls.ownerUrl, `REVOKE CREATE ON DATABASE ${name} FROM PUBLIC, CURRENT_USER`)
    await expect(migrate(urls)).rejects.toThrow(/pg_trgm.+have a superuser run CREATE EXTENSION pg_trgm/)
    await query(urls.ownerUrl, `GRANT CREATE ON DATABASE ${name} TO CURRENT_USER`)
    await query(urls.ownerUrl, 'CREATE EXTENSION pg_trgm; CREATE SCHEMA partitions')
    await query(urls.ownerUrl, `REVOKE CREATE ON DATABASE ${name} FROM CURRENT_USER`)
    expect(await migrate(urls)).toEqual(undone)
  })

  test('are looked for by a process that may not run them', async () => {
    const urls = await emptyDatabase()
    const source = await createDataSource({ url: urls.ownerUrl, entities: [] }).initialize()
    try {
      expect(await pendingMigrations(source)).toEqual(names)
      await expect(assertMigrated(source)).rejects.toThrow('run `portico migrate`, or set DATABASE_OWNER_URL')
      await migrate(urls)
      await expect(assertMigrated(source)).resolves.toEqual([])
    } finally {
      await source.destroy()
    }
  })

  test("are missed where only the job queue's are missing, or the right to see them, and run from where it stands", async () => {
    const urls = await emptyDatabase()
    await migrate(urls)
    const queue = await describeSchema(urls.ownerUrl)
    const application = await createDataSource({ url: urls.appUrl, entities: [] }).initialize()
    try {
      // As an older graphile-worker has left it.
      await query(
        urls.ownerUrl,
        `DELETE FROM graphile_worker.migrations WHERE id > 17; DROP FUNCTION graphile_worker.add_job;
         CREATE FUNCTION graphile_worker.tg_jobs__after_insert() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER _900_after_insert AFTER INSERT ON graphile_worker._private_jobs
           FOR EACH STATEMENT EXECUTE FUNCTION graphile_worker.tg_jobs__after_insert()`,
      )
      expect(await pendingMigrations(application)).toEqual([JOB_MIGRATION])
      await expect(assertMigrated(application)).rejects.toThrow('The database lacks 1 migration')
      expect(await migrate(urls)).toEqual([JOB_MIGRATION])
      expect(await describeSchema(urls.ownerUrl)).toEqual(queue)
      await expect(assertMigrated(application)).resolves.toEqual([])
      await query(urls.ownerUrl, 'REVOKE USAGE ON SCHEMA graphile_worker FROM portico_app')
      expect(await pendingMigrations(application)).toEqual([JOB_MIGRATION])
      expect(await migrate(urls)).toEqual([])
      await expect(assertMigrated(application)).resolves.toEqual([])
    } finally {
      await application.destroy()
    }
  })
})

describe('R82 the trail of a Portico from before it had partitions', () => {
  test('becomes the first partition as it is, with its rows, indexes, checks and privileges', async () => {
    const urls = await emptyDatabase()
    const ofOwner = (sql: string) => query(urls.ownerUrl, sql)
    await migrateThrough(
      urls.ownerUrl,
      ours[ours.findIndex((name) => name.startsWith('TrailPartitions')) - 1]!,
    )
    await ofOwner(`
      INSERT INTO audit_events (id, occurred_at, action, outcome, owner_id, details, is_security_event)
      SELECT gen_random_uuid(), now() - n * interval '20 days', 'post.created', 'success', gen_random_uuid(), '{}', false FROM generate_series(0, 40) n;
      INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields)
      SELECT gen_random_uuid(), now() - n * interval '20 days', gen_random_uuid(), gen_random_uuid(), '{a}', '{b}' FROM generate_series(0, 40) n;
      GRANT SELECT, INSERT ON audit_events, access_records TO portico_app`)
    const indexes = `SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'audit_events' ORDER BY 1`
    const content =
      'SELECT to_jsonb(one) AS row FROM audit_events one UNION ALL SELECT to_jsonb(one) FROM access_records one ORDER BY row'
    const before = { indexes: await ofOwner(indexes), content: await ofOwner(content) }
    const file = (await ofOwner(`SELECT pg_relation_filenode('audit_events') AS file`))[0]!.file
    await migrateThrough(
      urls.ownerUrl,
      ours.find((name) => name.startsWith('TrailPartitions'))!,
    )
    expect({ indexes: await ofOwner(indexes), content: await ofOwner(content) }).toEqual(before)
    // Nothing was copied.
    expect(await ofOwner(`SELECT pg_relation_filenode('partitions.audit_events_past') AS file`)).toEqual([
      { file },
    ])
    expect(await query(urls.appUrl, 'SELECT count(*)::int FROM audit_events')).toEqual([{ count: 41 }])
    await expect(query(urls.appUrl, 'DELETE FROM audit_events')).rejects.toMatchObject({ code: '42501' })
    await expect(query(urls.appUrl, 'SELECT FROM partitions.audit_events_past')).rejects.toMatchObject({
      code: '42501',
    })
    expect(
      await ofOwner(
        `SELECT grantee::regrole::text FROM pg_class, aclexplode(relacl) WHERE relname LIKE 'audit\\_events\\_%' AND relkind = 'r' AND grantee <> relowner`,
      ),
    ).toEqual([])
    await expect(
      ofOwner(`INSERT INTO audit_events (id, occurred_at, action, outcome, owner_id, details, is_security_event)
        VALUES (gen_random_uuid(), now(), 'post.created', 'perhaps', gen_random_uuid(), '{}', false)`),
    ).rejects.toMatchObject({ constraint: 'audit_events_outcome_check' })
    const source = await createDataSource({ url: urls.ownerUrl, entities: [] }).initialize()
    await migrate(urls)
    for (const name of ours.toReversed()) {
      await source.undoLastMigration()
      if (name.startsWith('TrailPartitions')) break
    }
    await source.destroy()
    expect({ indexes: await ofOwner(indexes), content: await ofOwner(content) }).toEqual(before)
  })
})

describe('posts of a Portico from before they could be searched', () => {
  test('are found by what they say, in the language of their author, until a job has rendered them', async () => {
    const urls = await emptyDatabase()
    const ofOwner = (sql: string) => query(urls.ownerUrl, sql)
    await migrateThrough(urls.ownerUrl, ours[ours.findIndex((name) => name.startsWith('PostSearch')) - 1]!)
    await ofOwner(`
      INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
      VALUES (gen_random_uuid(), 'ada', 'Ada', 'de-AT', 'UTC', 'active', now(), now(), 1);
      INSERT INTO posts (id, author_id, slug, title, body, body_html, markup_version, tags, status, published_at, created_at, updated_at, version)
      SELECT gen_random_uuid(), id, 'a', 'Häuser', 'am **Fluss**', '<p>am <strong>Fluss</strong></p>', 1, '{berlin}', 'published', now(), now(), now(), 1
      FROM users`)
    await migrate(urls)
    expect(
      await ofOwner('SELECT language, plain_text, markup_version, search_vector::text AS words FROM posts'),
    ).toEqual([
      {
        language: 'de-AT',
        plain_text: 'am **Fluss**',
        markup_version: 0,
        words: "'berlin':2B 'fluss':4 'haus':1A",
      },
    ])
  })
})

describe('R82 a role that may change a partition', () => {
  test('is not fit for production', async () => {
    const { ownerUrl, appUrl, drop } = await cloneDatabase()
    made.push(drop)
    const application = await createDataSource({ url: appUrl, entities: [] }).initialize()
    try {
      expect(await excessivePrivileges(application)).toEqual([])
      for (const partition of ['audit_events_past', 'audit_events_default', 'access_records_default']) {
        await query(ownerUrl, `GRANT UPDATE ON partitions.${partition} TO portico_app`)
        expect(await excessivePrivileges(application)).toEqual([
          expect.stringContaining('may change the audit trail'),
        ])
        await query(ownerUrl, `REVOKE UPDATE ON partitions.${partition} FROM portico_app`)
      }
      await query(ownerUrl, 'GRANT CREATE ON SCHEMA partitions TO portico_app')
      expect(await excessivePrivileges(application)).toEqual(['may change the schema'])
    } finally {
      await application.destroy()
    }
  })
})

/** Statements of the schema builder about what entities leave to migrations. */
const isLeftToMigrations = (sql: string): boolean =>
  /^(DROP INDEX|ALTER TABLE "\w+" DROP CONSTRAINT "\w+_(fkey|key|check)"$)/.test(sql) ||
  // What PostgreSQL itself says of a row, TypeORM would not know again.
  sql === 'ALTER TABLE "audit_events" ALTER COLUMN "transaction_id" DROP DEFAULT'

describe("the application's role", () => {
  const asApplication = (sql: string) => query(migrated.appUrl, sql)

  test.each([
    'CREATE TABLE mine ()',
    'CREATE SCHEMA mine',
    'ALTER TABLE users ADD COLUMN mine text',
    'DROP TABLE users',
    'TRUNCATE users',
    'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'CREATE ROLE mine',
    "INSERT INTO schema_migrations (timestamp, name) VALUES (1, 'mine')",
    'DELETE FROM schema_migrations',
    'CREATE TABLE graphile_worker.mine ()',
    'DROP TABLE graphile_worker._private_jobs',
    'TRUNCATE graphile_worker._private_jobs',
    'ALTER TABLE graphile_worker._private_jobs ENABLE ROW LEVEL SECURITY',
    'CREATE OR REPLACE FUNCTION graphile_worker.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'DROP FUNCTION graphile_worker.add_job',
    'UPDATE graphile_worker.migrations SET id = id + 1',
  ])('R90 cannot change the schema: %s', async (sql) => {
    await expect(asApplication(sql)).rejects.toMatchObject({ code: '42501' })
  })

  test.each(
    APPEND_ONLY.flatMap((table) => [
      `UPDATE ${table} SET ${COLUMN_OF[table] ?? 'occurred_at'} = DEFAULT`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
      `SELECT FROM ${table} FOR UPDATE`,
    ]),
  )('R82 cannot rewrite the trail: %s', async (sql) => {
    await expect(asApplication(sql)).rejects.toMatchObject({ code: '42501' })
  })

  test('reads and adds to the trail', async () => {
    await asApplication(`
      INSERT INTO audit_events (id, occurred_at, action, outcome, owner_id, details)
      SELECT gen_random_uuid(), now(), 'account.created', 'success', gen_random_uuid(), '{}' WHERE false`)
    expect(await asApplication('SELECT count(*)::int FROM audit_events')).toEqual([{ count: 0 }])
  })

  test('R90 is fit for production, and the owner of the schema is not', async () => {
    const application = await createDataSource({ url: migrated.appUrl, entities: [] }).initialize()
    const owner = await createDataSource({ url: migrated.ownerUrl, entities: [] }).initialize()
    try {
      await assertLeastPrivilege(application)
      expect(await excessivePrivileges(owner)).toEqual([
        'owns tables, or is a member of the role that does',
        'may change the schema',
        `may change the audit trail (UPDATE, DELETE or TRUNCATE on ${APPEND_ONLY.join(', ')})`,
      ])
      await expect(assertLeastPrivilege(owner)).rejects.toThrow(
        /^The role of DATABASE_URL may do too much[^]*- owns tables[^]*- may change the schema[^]*- may change the audit trail/,
      )
    } finally {
      await application.destroy()
      await owner.destroy()
    }
  })
})
