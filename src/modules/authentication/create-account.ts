import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { EmailService } from '../email/email.service'
import { PasswordService } from '../password/password.service'
import { RoleGrantService } from '../role/role-grant.service'
import { UserService, type NewUser } from '../user/user.service'

export interface NewAccount extends NewUser {
  /** The primary address, normalised. */
  address: string
  /** When the address was proven to be the person's; now where nothing is said, null for not yet. */
  verifiedAt?: Date | null
  /** Null makes an account that nobody can sign in to with a password. */
  passwordHash: string | null
  /** When the password was chosen; now where nothing is said. */
  passwordChangedAt?: Date
}

/**
 * Makes an account with all that every account has. Call it inside the transaction that proves the right to it, and say
 * who makes it: the person, or null for Portico itself.
 * @throws Rejected TAKEN when somebody else has the username.
 */
export const createAccount = (tx: Database, account: NewAccount, actorId: Id | null): Promise<void> =>
  createAccounts(tx, [account], 'account.created', actorId)

/** Makes many accounts, as `createAccount` does one, with as many statements. @throws Rejected TAKEN, of none in particular. */
export async function createAccounts(
  tx: Database,
  accounts: readonly NewAccount[],
  action: 'account.created' | 'account.imported',
  actorId: Id | null,
): Promise<void> {
  const { now } = tx
  await new UserService(tx).createAll(
    accounts.map(
      ({ address: _, verifiedAt: _at, passwordHash: _hash, passwordChangedAt: _when, ...user }) => user,
    ),
  )
  await new EmailService(tx).addPrimaries(
    accounts.map(({ id: userId, address, verifiedAt = now }) => ({ userId, address, verifiedAt })),
  )
  await new PasswordService(tx).add(
    accounts.flatMap(({ id: userId, passwordHash: hash, passwordChangedAt: changedAt = now }) =>
      hash === null ? [] : { userId, hash, changedAt },
    ),
  )
  await new AuditService(tx).recordAll(
    action,
    accounts.map(({ id }) => ({ actorId, subjectId: id, target: toGlobalId('user', id) })),
  )
  await new RoleGrantService(tx).grantUserToNew(
    accounts.map(({ id }) => id),
    // An import says so of everybody, and half of its events would say nothing else.
    { isRecorded: action === 'account.created' },
  )
}
