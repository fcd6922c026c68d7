import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { Config } from '../../config/config'
import { newCode } from '../../crypto/token'
import { Database } from '../../db/database'
import { PasswordService } from '../../modules/password/password.service'
import type { BuiltInRoleName } from '../../modules/role/built-in-role'
import { UserService } from '../../modules/user/user.service'
import type { Foundation } from '../../server/portico'
import { ACCOUNTS, PEOPLE } from './people'
import { StoryClock, Year } from './year'
import { LOCKS } from '../../db/locks'

/** How to sign in as one of the demo's people. */
export interface DemoAccount {
  username: string
  email: string
  password: string
}

/** One for each built-in role. */
export type DemoAccounts = Record<BuiltInRoleName, DemoAccount>

const ROLES = Object.keys(ACCOUNTS) as BuiltInRoleName[]

/**
 * Fills an empty database with a year of invented people and posts, and makes an account for each built-in role, with a
 * random password. Returns the accounts; null when people are there already, invented or real. All or nothing.
 */
export async function prepareDemo({ config, db }: Foundation): Promise<DemoAccounts | null> {
  if (!(await new UserService(db).isEmpty())) return null
  const accounts = Object.fromEntries(ROLES.map((role) => [role, newAccount(role)])) as DemoAccounts
  const hashes = await Promise.all(ROLES.map((role) => hashOf(db, accounts[role])))
  const people = [
    ...ROLES.map((role, index) => ({ ...ACCOUNTS[role], role, passwordHash: hashes[index]! })),
    ...PEOPLE.map((person) => ({ ...person, role: 'user' as const, passwordHash: null })),
  ]

  const clock = new StoryClock()
  const { now } = db
  return Database.of({ ...db.tools, clock }).transaction(async (tx) => {
    const [lock] = await tx.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      LOCKS.demo,
    ])
    // Another process is at it, or was faster.
    if (!lock!.mine || !(await new UserService(tx).isEmpty())) return null
    const year = new Year(tx, clock, now)
    year.plan(people)
    await year.tell()
    // Before the commit: a process that ends in between leaves no people whose passwords nobody knows.
    keep(config, accounts)
    return accounts
  })
}

/** Three codes of 38 random bits each; without vowels, so that they name nobody. */
function newAccount(role: BuiltInRoleName): DemoAccount {
  const { username } = ACCOUNTS[role]
  const password = [newCode(), newCode(), newCode()].join('-').toLowerCase()
  return { username, email: `${username}@example.com`, password }
}

async function hashOf(db: Database, { username, email, password }: DemoAccount): Promise<string> {
  const passwords = new PasswordService(db)
  await passwords.check(password, [username, email])
  return passwords.hash(password)
}

const fileOf = (config: Config): string => join(config.dataDir, 'demo-accounts.json')

function keep(config: Config, accounts: DemoAccounts): void {
  const draft = `${fileOf(config)}.tmp`
  writeFileSync(draft, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, fileOf(config))
}

/** Where the demo's accounts are kept, as short as it can be said here; null when there are none. */
export function accountsFile(config: Config): string | null {
  const file = fileOf(config)
  if (!existsSync(file)) return null
  const short = relative('.', file)
  return short.startsWith('..') || isAbsolute(short) ? file : short
}

/** The accounts for a person at a terminal. */
export function describeAccounts(config: Config, accounts: DemoAccounts): string {
  const rows = Object.values(accounts).map(
    ({ username, email, password }) => `  ${username.padEnd(9)}${email.padEnd(22)}${password}`,
  )
  return [
    'Demo accounts:',
    ...rows,
    `They are kept in ${accountsFile(config)}; their passwords are shown this once.`,
  ].join('\n')
}
