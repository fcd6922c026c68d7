import { later, MINUTE } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import { hashToken, newLinkToken } from '../../crypto/token'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { PrivacyRequestKind } from '../privacy-request/privacy-request-kind'
import { PrivacyRequestService } from '../privacy-request/privacy-request.service'
import { UserService } from '../user/user.service'
import { DataExportPart } from './data-export-part.entity'
import { DataExportRepository, type DataExportRow } from './data-export.repository'
import { makeDataExport } from './data-export.task'
import { LIFETIME } from './make-data-export'

export type { DataExportRow }

/** Where a copy is fetched, after PUBLIC_URL; the token follows. */
export const DOWNLOAD_PATH = '/data-exports'

/** Somebody who asks again within this time gets the same copy; in milliseconds. */
const NEW_FOR = 60 * MINUTE

/** How long a link works, in milliseconds. */
const LINK_LIFETIME = 10 * MINUTE

/** A file on its way to whoever has fetched it. */
export interface Download {
  id: Id
  sizeBytes: number
  bytes: AsyncIterable<Buffer>
}

/** People's copies of their data (GDPR art. 15 and 20): asked for, made in the background, and fetched once by each link. */
export class DataExportService {
  private readonly exports: DataExportRepository

  constructor(private readonly db: Database) {
    this.exports = new DataExportRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<DataExportRow[]> {
    return this.exports.lookup(ids)
  }

  /** The last one of each of these people that has not expired; who has none is left out. */
  async currentOf(userIds: readonly Id[]): Promise<DataExportRow[]> {
    return this.exports.findCurrent(userIds)
  }

  /**
   * Asks for a copy of the viewer's data, in place of an older one; the one of this hour, if there is one, is it.
   * @throws Rejected FROZEN
   */
  async request(): Promise<DataExportRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      await new UserService(tx).assertNotFrozen(userId)
      const exports = new DataExportRepository(tx)
      const [current] = await exports.findCurrent([userId])
      if (current && (current.readyAt === null || current.requestedAt > later(tx.now, -NEW_FOR)))
        return current
      await exports.removeOf(userId)
      const row: DataExportRow = {
        id: newId(tx.now),
        userId,
        requestId: await new PrivacyRequestService(tx).undertake(PrivacyRequestKind.EXPORT, userId),
        requestedAt: tx.now,
        readyAt: null,
        expiresAt: later(tx.now, LIFETIME),
        sizeBytes: null,
        downloadedAt: null,
      }
      await exports.add({ ...row, tokenHash: null, tokenExpiresAt: null })
      await tx.enqueue(makeDataExport, { dataExportId: row.id })
      const eventId = await new AuditService(tx).record('data-export.requested', {
        target: toGlobalId('data_export', row.id),
      })
      await new MailService(tx).send(userId, 'dataExportRequested', { eventId })
      return row
    })
  }

  /**
   * A link with which the viewer's copy can be fetched once; it takes the place of an older one.
   * @throws ApiError NOT_FOUND; Rejected INVALID while the copy is being made, FROZEN
   */
  async createLink(id: Id): Promise<{ url: string; expiresAt: Date }> {
    const { userId } = requireSession(this.db.caller.viewer)
    const token = newLinkToken()
    const expiresAt = later(this.db.now, LINK_LIFETIME)
    await this.db.transaction(async (tx) => {
      await new UserService(tx).assertNotFrozen(userId)
      const exports = new DataExportRepository(tx)
      const [row] = await exports.findCurrent([userId])
      if (row?.id !== id) throw notFound('data export')
      if (row.readyAt === null) {
        const message = 'Your copy is still being made. A mail tells you when it is there.'
        throw rejected('dataExportId', UserErrorCode.INVALID, message)
      }
      await exports.save({ id, tokenHash: hashToken(token), tokenExpiresAt: expiresAt })
      await new AuditService(tx).record('data-export.link-created', { target: toGlobalId('data_export', id) })
    })
    return { url: `${this.db.tools.publicUrl}${DOWNLOAD_PATH}/${token}`, expiresAt }
  }

  /** Takes back whatever copy of this person's data there is, and its link with it. */
  async removeOf(userId: Id): Promise<void> {
    await this.db.transaction(async (tx) => {
      await new DataExportRepository(tx).removeOf(userId)
      const requests = new PrivacyRequestService(tx)
      const open = await requests.findOpen(userId, PrivacyRequestKind.EXPORT)
      if (open) await requests.withdraw(open.id)
    })
  }

  /** The file that a link leads to, which then leads nowhere; null for one that does not. */
  async redeem(token: string): Promise<Download | null> {
    const redeemed = await this.db.transaction(async (tx) => {
      const found = await new DataExportRepository(tx).redeem(hashToken(token))
      if (!found) return null
      await new AuditService(tx).record('data-export.downloaded', {
        subjectId: found.userId,
        target: toGlobalId('data_export', found.id),
      })
      return found
    })
    return redeemed && { id: redeemed.id, sizeBytes: redeemed.sizeBytes!, bytes: this.bytesOf(redeemed) }
  }

  private async *bytesOf({ id, userId }: Pick<DataExportRow, 'id' | 'userId'>): AsyncGenerator<Buffer> {
    for (let position = 0; ; position++) {
      const part = await this.exports.findPart(id, position)
      if (!part) return
      const places = [{ id: part.id, ownerId: userId }]
      const [body] = await this.db.codec.open(DataExportPart, 'body', places, () => part.body)
      if (body === null || body === undefined)
        throw new Error('The key of a copy is gone: its owner was erased.')
      yield Buffer.from(body, 'base64')
    }
  }
}
