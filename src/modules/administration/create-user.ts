import { Rejected, rejected, UserErrorCode, type Problem } from '../../core/error'
import { newId, type Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { createAccount } from '../authentication/create-account'
import { beginInvitation } from '../authentication/reset-password'
import { addressProblem, normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { AuthorityService } from '../role/authority.service'
import { RoleGrantService } from '../role/role-grant.service'
import { checkProfile, UserService } from '../user/user.service'
import { normaliseUsername } from '../user/username'
import type { CreateUserInput } from './administration.input'

/**
 * Makes an account for somebody, without a password, and sends them the link with which they choose one; that proves the
 * address, which is not verified before.
 * @throws Rejected naming what cannot be accepted: INVALID, TAKEN, and for roles what `RoleService.grant` says. ApiError FORBIDDEN
 */
export async function createUser(
  db: Database,
  { email, displayName, locale, roleIds = [], ...input }: CreateUserInput,
): Promise<Id> {
  const address = normaliseAddress(email)
  if (address === null) throw new Rejected(addressProblem('email'))
  checkProfile({ locale })
  const username = normaliseUsername(input.username)
  return db.transaction(async (tx) => {
    await new AuthorityService(tx).require('users:create')
    await assertFree(tx, username, address)
    const id = newId(tx.now)
    const account = { id, username, displayName, locale, address, verifiedAt: null, passwordHash: null }
    await createAccount(tx, account, requireSignedIn(tx.caller.viewer).userId)
    await grantAll(tx, id, new Set(roleIds))
    await beginInvitation(tx, id)
    return id
  })
}

/** Tells of both at once; of two who want the same at the same moment, the database tells the second. */
async function assertFree(tx: Database, username: string, address: string): Promise<void> {
  const problems: Problem[] = []
  const taken = (field: string, message: string) =>
    problems.push({ code: UserErrorCode.TAKEN, field: [field], message })
  if (await new UserService(tx).isUsernameTaken(username))
    taken('username', 'This username is taken. Choose another.')
  if (await new EmailService(tx).holderOf(address))
    taken('email', 'Somebody has this address, or may have it given back.')
  if (problems.length > 0) throw new Rejected(...problems)
}

async function grantAll(tx: Database, userId: Id, roleIds: ReadonlySet<Id>): Promise<void> {
  if (roleIds.size === 0) return
  const roles = new RoleGrantService(tx)
  if (!(await new AuthorityService(tx).ofViewer()).has('roles:grant'))
    throw rejected('roleIds', UserErrorCode.NOT_PERMITTED, 'To grant roles you need `roles:grant`.')
  try {
    for (const roleId of roleIds) await roles.grant({ userId, roleId })
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    throw new Rejected(...error.problems.map((problem) => ({ ...problem, field: ['roleIds'] })))
  }
}
