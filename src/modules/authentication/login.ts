import { NOBODY } from '../../api/input'
import { uuidOf, type Id } from '../../core/id'
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

/**
 * Who stands for a login that leads nowhere: an id that is nobody's, and the same for all spellings at all times, so that what
 * is counted and voided is no other than with somebody.
 */
export function standIn({ tools }: Database, login: string): Id {
  const spelling = normaliseAddress(login) ?? login.normalize('NFKC').trim().toLowerCase()
  return uuidOf(tools.keyring.blindIndex('logins.nobody', spelling))
}

/**
 * Whom a stranger wants a mail sent to, or who stands for nobody, and who gets it: nobody where the person is suspended, or is none.
 * @throws ApiError RATE_LIMITED when too many mails were asked for, of somebody as of nobody.
 */
export async function tryMailTo(
  db: Database,
  login: string,
): Promise<{ subjectId: Id; personId: Id | null; recipientId: Id | null }> {
  const person = await findPerson(db, login)
  const subjectId = person?.id ?? standIn(db, login)
  await new ThrottleService(db).tryMail(subjectId)
  return {
    subjectId,
    personId: person?.id ?? null,
    recipientId: person?.status === UserStatus.ACTIVE ? person.id : null,
  }
}
