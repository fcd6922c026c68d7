import { NOBODY } from '../../api/input'
import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserStatus } from '../user/user-status'
import { UserService } from '../user/user.service'

/** Somebody whom a login names. */
export interface NamedPerson {
  id: Id
  status: UserStatus
}

/** Whom a username or e-mail address names; as many statements for somebody as for nobody. */
export async function findPerson(db: Database, login: string): Promise<NamedPerson | null> {
  const users = new UserService(db)
  const address = normaliseAddress(login)
  if (address === null) return users.findByUsername(login)
  return users.lookup((await new EmailService(db).ownerOf(address)) ?? NOBODY)
}

/** One spelling for a login that leads nowhere, so that each of its spellings counts for all. */
export const canonicalLogin = (login: string): string =>
  normaliseAddress(login) ?? login.normalize('NFKC').trim().toLowerCase()

/**
 * Whom a stranger wants a mail sent to, and who gets it: nobody where the person is suspended, or is none.
 * @throws ApiError RATE_LIMITED when too many mails were asked for, of somebody as of nobody.
 */
export async function tryMailTo(
  db: Database,
  login: string,
): Promise<{ personId: Id | null; recipientId: Id | null }> {
  const person = await findPerson(db, login)
  await new ThrottleService(db).tryMail(person?.id ?? canonicalLogin(login))
  return {
    personId: person?.id ?? null,
    recipientId: person?.status === UserStatus.ACTIVE ? person.id : null,
  }
}
