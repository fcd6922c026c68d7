import { concerningTheWhole, notFound, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { withOwnProof, type OwnProof } from '../authentication/own-proof'
import { ChallengeKind } from '../challenge/challenge-kind'
import { EmailService, type ReadableEmail } from '../email/email.service'
import { MailService } from '../mail/mail.service'
import { SessionService } from '../session/session.service'
import { afterChange } from './change-email'

/*
 * Addresses beside the primary one. Each was proven before it is anybody's, so that nobody can keep one from whoever reads its mails.
 * One can sign in with any of them; what lets somebody in who has lost their password goes to the primary one alone.
 */

/**
 * Adds an address to the viewer's, with the code that was sent there; a mail to the primary one tells them.
 * @throws Rejected INVALID_CODE for a wrong, used or expired code, which counts; TAKEN when somebody else has got the address
 * meanwhile; INVALID, NOT_PERMITTED as `addEmail` does; FROZEN. ApiError RATE_LIMITED after too many failures.
 */
export async function confirmEmail(db: Database, input: OwnProof): Promise<void> {
  const proving = { kind: ChallengeKind.EMAIL_ADDITION, failure: 'email.addition-failed' } as const
  await withOwnProof(db, input, proving, async (tx, userId, address) => {
    const id = await new EmailService(tx).addSecondary(userId, address).catch(concerningTheWhole)
    const eventId = await new AuditService(tx).record('email.added', { target: toGlobalId('email', id) })
    await new MailService(tx).send(userId, 'emailAdded', { eventId })
  })
}

/**
 * Makes a verified address of the viewer's the primary one. The one until now stays, and a mail there lets the change be taken back for a
 * week. Returns how many other sessions ended, which are all.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one that was not verified, or that mails come back from; FROZEN
 */
export async function makeEmailPrimary(db: Database, emailId: Id): Promise<number> {
  return db.transaction(async (tx) => {
    const { email, userId, sessionId } = await own(tx, emailId)
    if (email.isPrimary) return 0
    if (email.verifiedAt === null || email.bouncedAt !== null) {
      const message = 'Mails to this address do not arrive. Prove it anew with `addEmail` first.'
      throw rejected('emailId', UserErrorCode.NOT_PERMITTED, message)
    }
    const address = await new EmailService(tx).promote(email)
    return afterChange(tx, {
      ...{ userId, sessionId, address },
      action: 'email.made-primary',
      mail: 'emailMadePrimary',
    })
  })
}

/**
 * Removes an address of the viewer's, of which a mail to the primary one tells them. Nobody else has it for a week.
 * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for the primary one; FROZEN
 */
export async function removeEmail(db: Database, emailId: Id): Promise<void> {
  await db.transaction(async (tx) => {
    const { email, userId } = await own(tx, emailId)
    if (email.isPrimary) {
      const message = 'This is your primary address. Make another one primary first.'
      throw rejected('emailId', UserErrorCode.NOT_PERMITTED, message)
    }
    await new EmailService(tx).remove(emailId)
    const eventId = await new AuditService(tx).record('email.removed', {
      target: toGlobalId('email', emailId),
    })
    await new MailService(tx).send(userId, 'emailRemoved', { eventId })
  })
}

/** An address of the viewer's, who is held until the transaction ends: of two changes at once one comes after the other. */
async function own(tx: Database, emailId: Id): Promise<{ email: ReadableEmail; userId: Id; sessionId: Id }> {
  const { userId, sessionId } = requireSession(tx.caller.viewer)
  await new SessionService(tx).assertMayChangeCredentials()
  const email = (await new EmailService(tx).ofUser(userId)).find(({ id }) => id === emailId)
  if (!email) throw notFound('address')
  return { email, userId, sessionId }
}
