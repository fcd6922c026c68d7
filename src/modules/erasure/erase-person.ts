import { DAY, later } from '../../core/clock'
import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { LegalHoldService } from '../legal-hold/legal-hold.service'
import { MailService } from '../mail/mail.service'
import { PrivacyRequestService } from '../privacy-request/privacy-request.service'
import { AuthorityService } from '../role/authority.service'
import { EndReason } from '../session/end-reason'
import { SessionService } from '../session/session.service'
import { USER_CHANGED, UserService } from '../user/user.service'
import { signCertificate } from './certificate'
import { eraseRows, findRemains, planErasure, type ErasureEntry } from './erase'
import { ErasureRepository, type ErasureRow } from './erasure.repository'
import { addToLedger } from './ledger'
import { publishLedger } from './ledger.task'

/**
 * Erases whoever an erasure is about, if its time has come, and certifies it when nothing of them is found any more. It may be
 * called again wherever it was cut off; what is done stays done.
 */
export async function carryOut(db: Database, id: Id): Promise<void> {
  const erased = await db.transaction((tx) => erasePerson(tx, id))
  if (!erased) return
  const { erasure, recipient } = erased
  await eraseRemains(db, erasure.userId)
  const certificate = await signCertificate(db.tools, erasure, db.now)
  await db.transaction(async (tx) => {
    await new ErasureRepository(tx).save({ id, certificate })
    if (recipient) await new MailService(tx).sendToStranger(recipient, 'accountErased', { certificate })
  })
}

/** What was written about an erased person by something that was under way is erased as well; true where there was anything. */
export async function eraseRemains(db: Database, userId: Id): Promise<boolean> {
  return db.transaction(async (tx) => {
    await new UserService(tx).hold(userId)
    const remains = await findRemains(tx, userId)
    if (remains.length === 0) return false
    await eraseRows(tx, userId, tx.now)
    await new AuditService(tx).record('erasure.remains-erased', {
      subjectId: userId,
      target: toGlobalId('user', userId),
      details: { tables: remains },
    })
    return true
  })
}

interface Erased {
  erasure: ErasureRow
  /** Where a last mail can be written; known in the moment of erasure alone. */
  recipient: { address: string; locale: string } | null
}

async function erasePerson(tx: Database, id: Id): Promise<Erased | null> {
  const erasures = new ErasureRepository(tx)
  const erasure = await erasures.lock(id)
  if (!erasure || erasure.cancelledAt || erasure.certificate || erasure.erasesAt > tx.now) return null
  // It was cut off before it was certified.
  if (erasure.erasedAt) return { erasure, recipient: null }
  const { userId } = erasure
  if (await new AuthorityService(tx).isLastAdmin(userId)) {
    await postpone(tx, erasure)
    return null
  }
  if (await new LegalHoldService(tx).isHeld(userId)) {
    const since = await postpone(tx, erasure)
    if (since) await keepForTheLaw(tx, userId, since)
    return null
  }
  const recipient = await new MailService(tx).recipient(userId)
  const entries = await planErasure(tx, userId)
  if (erasure.requestId) await new PrivacyRequestService(tx).conclude(erasure.requestId, 'finish')
  await new SessionService(tx).endAll(userId, EndReason.ERASED, null)
  // Nothing is kept of whoever is erased.
  await new UserService(tx).liftRestriction(userId)
  await eraseRows(tx, userId, tx.now)
  const ledgerNumber = await addToLedger(tx, tx.tools.keyring, userId, tx.now)
  const done = { erasedAt: tx.now, entries, ledgerNumber }
  await erasures.save({ id, ...done })
  await new AuditService(tx).record('account.erased', {
    subjectId: userId,
    target: toGlobalId('user', userId),
    details: { ledgerNumber, rows: rowsOf(entries) },
  })
  await tx.notify(USER_CHANGED, { userId })
  await tx.enqueue(publishLedger, {}, { key: 'all' })
  return { erasure: { ...erasure, ...done }, recipient }
}

/** Tries again tomorrow, so that it is in nobody's way. Returns the moment from which it is delayed where it is the first time. */
async function postpone(tx: Database, { id, userId, delayedAt }: ErasureRow): Promise<Date | null> {
  const { now } = tx
  await new ErasureRepository(tx).save({ id, erasesAt: later(now, DAY), delayedAt: delayedAt ?? now })
  if (delayedAt !== null) return null
  await new AuditService(tx).record('erasure.delayed', {
    subjectId: userId,
    target: toGlobalId('erasure', id),
  })
  return now
}

/** Until the law lets us erase it, the person's data is kept and nothing else, of which they are told. */
async function keepForTheLaw(tx: Database, userId: Id, since: Date): Promise<void> {
  await new UserService(tx).restrict(userId, since)
  await new SessionService(tx).endImpersonationsOf(userId)
  await new MailService(tx).send(userId, 'erasureDelayed')
}

/** A table has a line for each effect, of the same rows. */
const rowsOf = (entries: readonly ErasureEntry[]): number =>
  [...new Map(entries.map(({ table, rows }) => [table, rows])).values()].reduce((sum, rows) => sum + rows, 0)
