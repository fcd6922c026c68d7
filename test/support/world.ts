import { randomBytes } from 'node:crypto'
import { readConfig, type Config } from '../../src/config/config'
import { authorityOf, type GrantedRole } from '../../src/core/authority'
import { DAY, HOUR, later, SECOND } from '../../src/core/clock'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { StrengthMeter } from '../../src/crypto/strength-meter'
import { Database } from '../../src/db/database'
import type { Payload, Task } from '../../src/db/task'
import { startJobs } from '../../src/jobs/worker'
import { EmailService } from '../../src/modules/email/email.service'
import { PasswordService } from '../../src/modules/password/password.service'
import type { PostStatus, PostVisibility } from '../../src/modules/post/post-status'
import { schedulePost } from '../../src/modules/post/schedule-post'
import { trashPost } from '../../src/modules/post/trash-post'
import { PostService } from '../../src/modules/post/post.service'
import type { BuiltInRoleName } from '../../src/modules/role/built-in-role'
import { heldSql } from '../../src/modules/role/held-sql'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { UserService } from '../../src/modules/user/user.service'
import { createLog } from '../../src/server/log'
import { layFoundation, startPortico, type Portico } from '../../src/server/portico'
import { ApiClient } from './api-client'
import { TestClock } from './test-clock'
import { until } from './until'
import { cloneDatabase, testServer } from './test-server'

const inBoth = (name: string) => ({
  en: { name, text: `All about ${name}.` },
  de: { name, text: `Alles über ${name}.` },
})

/** What people may be asked in a test; nothing of it is required where the test does not say so. */
export const PURPOSES = [
  { id: 'newsletter', basis: 'consent', version: '1', texts: inBoth('Newsletter') },
  { id: 'analytics', basis: 'legitimate-interest', version: '1', texts: inBoth('Analytics') },
]

const attribute = (key: string, readers: string, schema: object, more: object = {}) => ({
  ...{ key, readers, schema, category: 'identity', purpose: `Why ${key} is kept.`, ...more },
  texts: { en: { label: `The ${key}` }, de: { label: `Das ${key}` } },
})

/** What the application of every test keeps about people. */
export const ATTRIBUTES = [
  attribute('pronouns', 'public', { type: 'string', maxLength: 40 }),
  attribute('city', 'members', { type: 'string', minLength: 1, maxLength: 80 }),
  attribute('birthday', 'staff', { type: 'string', format: 'date' }, { category: 'contact' }),
  attribute('diary', 'self', { type: 'array', items: { type: 'string' }, maxItems: 10 }),
  attribute('rank', 'public', { type: 'integer', minimum: 1, maximum: 9 }, { writers: 'staff' }),
]

/** A person of a test, signed in. */
export interface Person {
  id: Id
  /** As clients see the id. */
  globalId: string
  username: string
  email: string
  token: string
  sessionId: Id
  /** Speaks to the API as this person. */
  api: ApiClient
}

/** Notes who was here, every ten seconds and for no request. */
const BY_THE_CLOCK =
  /^(?:WITH seen AS \(.*\bUPDATE sessions SET last_seen_at|UPDATE access_tokens SET last_used_at)\b/s

/** A statement with the values of its parameters. */
export type Statement = readonly [sql: string, parameters: readonly unknown[]]

export const unique = (word = 'x'): string => `${word}${randomBytes(6).toString('hex')}`

/** A Portico of one's own on a database of one's own, with a clock that can be moved and a log that can be read. */
export class World {
  readonly clock = new TestClock()
  readonly logLines: string[] = []
  portico!: Portico
  private drop!: () => Promise<void>

  async start(environment: Record<string, string> = {}): Promise<void> {
    const database = await cloneDatabase()
    this.drop = database.drop
    const config: Config = {
      ...readConfig({
        NODE_ENV: 'test',
        PORT: '0',
        PUBLIC_URL: 'http://localhost:4000',
        DATABASE_URL: database.appUrl,
        DATABASE_OWNER_URL: database.ownerUrl,
        PORTICO_KEYRING: testServer().keyring,
        DATA_DIR: testServer().dataDir,
        LOG_LEVEL: 'debug',
        DEMO_DATA: 'off',
        // Most tests ask for no job, and those that do can do it themselves.
        JOB_CONCURRENCY: '0',
        ATTRIBUTES: JSON.stringify(ATTRIBUTES),
        CONSENT_PURPOSES: JSON.stringify(PURPOSES),
        SERVICE_AUDIENCES: 'https://orders.example, https://reports.example',
        ...environment,
      }),
      // The least that bcrypt knows, unless a test is about what a hash costs.
      bcryptCost: Number(environment.BCRYPT_COST ?? 4),
    }
    const log = createLog(config, {
      write: (line: string) => void this.logLines.push(line),
    })
    // The machine is busier than one that only serves: as long as a request may take, and longer.
    const strength = new StrengthMeter(8 * SECOND)
    const connectTimeout = 30 * SECOND
    const foundation = await layFoundation(config, log, { clock: this.clock, strength, connectTimeout })
    this.portico = await startPortico(foundation, startJobs)
  }

  async stop(): Promise<void> {
    await this.portico?.stop()
    await this.drop?.()
  }

  /** Does a job at once, as a worker would. */
  async do<Told extends Payload>({ work }: Task<Told>, payload: NoInfer<Told>): Promise<void> {
    await work({
      db: Database.of(this.db.tools),
      payload,
      tell: (facts, message) => this.portico.log.info(facts, message),
      stopping: new AbortController().signal,
    })
  }

  /** Waits until passwords are advised on, however busy the machine is. */
  async adviceIsReady(): Promise<void> {
    await until(async () => (await this.db.tools.strength.measure('password', [])) !== null)
  }

  get db(): Database {
    return this.portico.db
  }

  get url(): string {
    return `${this.portico.url}/graphql`
  }

  /** Speaks to the API as a stranger. */
  get anonymous(): ApiClient {
    return new ApiClient(this.url)
  }

  /** A new person with unique data, made without the API, and signed in. */
  async person({
    role,
    password,
    permissions,
    over,
  }: {
    role?: BuiltInRoleName
    password?: string
    permissions?: string[]
    /** The group to whose members these permissions are limited. */
    over?: Id
  } = {}): Promise<Person> {
    const username = unique('u')
    const email = `${username}@example.com`
    const id = newId(this.clock.now())
    const { token, session } = await this.db.transaction(async (tx) => {
      await new UserService(tx).create({ id, username, displayName: `Name of ${username}`, locale: 'en' })
      await new EmailService(tx).addPrimary(id, email)
      const roles = new RoleGrantService(tx)
      await roles.grantBuiltIn(id, 'user')
      if (role && role !== 'user') await roles.grantBuiltIn(id, role)
      if (over) await tx.query('UPDATE role_grants SET group_id = $2 WHERE user_id = $1', [id, over])
      return new SessionService(tx).start(id, Transport.BEARER, 'Test device')
    })
    if (password)
      await new PasswordService(this.db).store(id, await new PasswordService(this.db).hash(password))
    if (permissions) await this.grantPermissions(id, permissions, over)
    return {
      id,
      globalId: toGlobalId('user', id),
      username,
      email,
      token,
      sessionId: session.id,
      api: new ApiClient(this.url, token),
    }
  }

  /** A post with an author of its own where none is given. */
  async post({
    author,
    publish = true,
    status,
    isTrashed = false,
    ...written
  }: {
    author?: Person
    publish?: boolean
    /** As which it ends up, whatever the way there. */
    status?: PostStatus
    isTrashed?: boolean
    title?: string
    body?: string
    visibility?: PostVisibility
  } = {}) {
    const by = author ?? (await this.person())
    const db = await this.asViewer(by)
    const post = await new PostService(db).create({
      title: unique('Title '),
      body: unique('Body '),
      tags: [],
      ...written,
      publish,
    })
    await this.forgetWriting(by)
    if (status) await this.db.query('UPDATE posts SET status = $2 WHERE id = $1', [post.id, status])
    if (isTrashed) await trashPost(db, post.id)
    return { ...post, globalId: toGlobalId('post', post.id), author: by }
  }

  /** A draft that is published in an hour. */
  async scheduledPost({ author }: { author?: Person } = {}) {
    const post = await this.post({ author, publish: false })
    const publishAt = later(this.clock.now(), HOUR)
    await schedulePost(await this.asViewer(post.author), { postId: post.id, publishAt })
    return { ...post, publishAt }
  }

  /** A published post whose author has changed it once. */
  async editedPost({ body, ...how }: { author?: Person; body?: string; publish?: boolean } = {}) {
    const post = await this.post({ ...how, ...(body !== undefined && { body }) })
    const db = await this.asViewer(post.author)
    const edited = await new PostService(db).update({ postId: post.id, body: unique('Another body ') })
    await this.forgetWriting(post.author)
    return { ...edited, before: post, globalId: post.globalId, author: post.author }
  }

  /** What a test sets up is no burst of anybody's. */
  private async forgetWriting({ id }: Person): Promise<void> {
    const key = this.db.tools.keyring.blindIndex('throttles.key', `writing:${id}`)
    await this.db.query('DELETE FROM throttles WHERE key = $1', [key])
  }

  /** The database on behalf of a person, as a request of theirs has it. */
  async asViewer({ id, sessionId, username }: Person): Promise<Database> {
    const [held] = await this.db.query<{ grants: GrantedRole[] }>(heldSql('$1', '$2'), [id, this.db.now])
    return this.db.as({
      viewer: {
        kind: 'signed-in',
        userId: id,
        sessionId,
        username,
        authenticatedAt: this.clock.now(),
        ...authorityOf(held!.grants),
      },
      requestId: unique('req_'),
      address: '127.0.0.1',
    })
  }

  /** A group with these members. Returns its id. */
  async group(...members: Pick<Person, 'id'>[]): Promise<Id> {
    const id = newId()
    await this.db.query(
      `INSERT INTO groups (id, name, description, version, created_at) VALUES ($1, $2, '', 1, now())`,
      [id, unique('Group ')],
    )
    await this.join(id, ...members)
    return id
  }

  async join(groupId: Id, ...members: Pick<Person, 'id'>[]): Promise<void> {
    await this.db.query(
      `INSERT INTO group_members (id, group_id, user_id, created_at) SELECT gen_random_uuid(), $1, unnest($2::uuid[]), now()`,
      [groupId, members.map((member) => member.id)],
    )
  }

  /** A username that somebody had until now; nobody else has it for a while. */
  async formerUsername({ id }: Pick<Person, 'id'>): Promise<string> {
    const username = unique('former')
    const now = this.clock.now()
    await this.db.query(
      `INSERT INTO former_usernames (id, user_id, username, changed_by_id, changed_at, reservation_ends_at) VALUES ($1, $2, $3, $2, $4, $5)`,
      [newId(now), id, username, now, later(now, DAY)],
    )
    return username
  }

  async suspend(person: Person): Promise<void> {
    await new UserService(this.db).suspend(person.id, { reason: 'Made for a test.' })
  }

  async reinstate(person: Person): Promise<void> {
    await new UserService(this.db).reinstate(person.id)
  }

  /** The statements that PostgreSQL was sent for `work` while it ran. */
  async statements(work: () => Promise<unknown>): Promise<string[]> {
    return (await this.sent(work)).map(([sql]) => sql)
  }

  /** The same with the values of their parameters. */
  async sent(work: () => Promise<unknown>): Promise<Statement[]> {
    const seen: Statement[] = []
    // What follows from the requests before, such as their mails, is no statement of this one.
    await this.db.tools.background.settle()
    const { source } = this.portico
    const before = source.logger
    const ignore = () => undefined
    source.logger = {
      logQuery: (sql: string, parameters: unknown[] = []) => {
        if (!BY_THE_CLOCK.test(sql)) seen.push([sql, parameters])
      },
      logQueryError: ignore,
      logQuerySlow: ignore,
      logSchemaBuild: ignore,
      logMigration: ignore,
      log: ignore,
    }
    try {
      await work()
    } finally {
      source.logger = before
    }
    return seen
  }

  /** Fails unless `work` takes exactly so many statements. */
  async expectQueries<Result>(count: number, work: () => Promise<Result>): Promise<Result> {
    let result!: Result
    const statements = await this.statements(async () => (result = await work()))
    if (statements.length !== count) {
      throw new Error(
        `Expected ${count} statements, saw ${statements.length}:\n${statements.join('\n---\n')}`,
      )
    }
    return result
  }

  private async grantPermissions(userId: Id, permissions: readonly string[], groupId?: Id): Promise<void> {
    const roleId = newId(this.clock.now())
    await this.db.query(
      `INSERT INTO roles (id, name, description, permissions, is_built_in, version, created_at) VALUES ($1, $2, '', $3, false, 1, now())`,
      [roleId, unique('role '), permissions],
    )
    await this.db.query(
      `INSERT INTO role_grants (id, user_id, role_id, group_id, created_at) VALUES ($1, $2, $3, $4, now())`,
      [newId(), userId, roleId, groupId],
    )
  }
}

/** A world for the tests of a file: started before the first, stopped after the last. */
export function useWorld(environment?: Record<string, string>): World {
  const world = new World()
  beforeAll(() => world.start(environment))
  afterAll(() => world.stop())
  return world
}
