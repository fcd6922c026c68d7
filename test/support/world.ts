import { randomBytes } from 'node:crypto'
import { readConfig, type Config } from '../../src/config/config'
import { authorityOf, type GrantedRole } from '../../src/core/authority'
import { SECOND } from '../../src/core/clock'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { StrengthMeter } from '../../src/crypto/strength-meter'
import { Database } from '../../src/db/database'
import type { Payload, Task } from '../../src/db/task'
import { startJobs } from '../../src/jobs/worker'
import { EmailService } from '../../src/modules/email/email.service'
import { PasswordService } from '../../src/modules/password/password.service'
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
        SERVICE_AUDIENCES: 'https://orders.example, https://reports.example',
        ...environment,
      }),
      // The least that bcrypt knows, unless a test is about what a hash costs.
      bcryptCost: Number(environment.BCRYPT_COST ?? 4),
    }
    const log = createLog(config, {
      write: (line: string) => void this.logLines.push(line),
    })
    // As long as a request may take: the machine is busier than one that only serves.
    const strength = new StrengthMeter(8 * SECOND)
    const foundation = await layFoundation(config, log, { clock: this.clock, strength })
    this.portico = await startPortico(foundation, startJobs)
  }

  async stop(): Promise<void> {
    await this.portico?.stop()
    await this.drop?.()
  }

  /** Does a job at once, as a worker would. */
  async do<Told extends Payload>({ work }: Task<Told>, payload: NoInfer<Told>): Promise<void> {
    await work({ db: Database.of(this.db.tools), payload, stopping: new AbortController().signal })
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
  async post({ author, publish = true, title }: { author?: Person; publish?: boolean; title?: string } = {}) {
    const by = author ?? (await this.person())
    const db = await this.asViewer(by)
    const post = await new PostService(db).create({
      title: title ?? unique('Title '),
      body: unique('Body '),
      tags: [],
      publish,
    })
    return { ...post, globalId: toGlobalId('post', post.id), author: by }
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

  async suspend(person: Person): Promise<void> {
    await new UserService(this.db).suspend(person.id, { reason: 'Made for a test.' })
  }

  async reinstate(person: Person): Promise<void> {
    await new UserService(this.db).reinstate(person.id)
  }

  /** The statements that PostgreSQL was sent while `work` ran. */
  async statements(work: () => Promise<unknown>): Promise<string[]> {
    const seen: string[] = []
    const { source } = this.portico
    const before = source.logger
    const ignore = () => undefined
    source.logger = {
      logQuery: (sql: string) => void seen.push(sql),
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
