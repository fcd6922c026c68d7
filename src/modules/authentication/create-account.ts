import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { EmailService } from '../email/email.service'
import { PasswordService } from '../password/password.service'
import { RoleService } from '../role/role.service'
import { UserService, type NewUser } from '../user/user.service'

export interface NewAccount extends NewUser {
  /** A verified address, normalised. */
  address: string
  /** Null makes an account that nobody can sign in to with a password. */
  passwordHash: string | null
}

/**
 * Makes an account with all that every account has. Call it inside the transaction that proves the right to it, and say
 * who makes it: the person, or null for Portico itself.
 * @throws Rejected TAKEN when somebody else has the username.
 */
export async function createAccount(tx: Database, account: NewAccount, actorId: Id | null): Promise<void> {
  const { address, passwordHash, ...user } = account
  await new UserService(tx).create(user)
  await new EmailService(tx).addPrimary(user.id, address)
  if (passwordHash !== null) await new PasswordService(tx).store(user.id, passwordHash)
  await new AuditService(tx).record('account.created', {
    actorId,
    subjectId: user.id,
    target: toGlobalId('user', user.id),
  })
  await new RoleService(tx).grantBuiltIn(user.id, 'user')
}
