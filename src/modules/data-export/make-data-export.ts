import { DAY, later } from '../../core/clock'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { PrivacyRequestService } from '../privacy-request/privacy-request.service'
import { DataExportPart } from './data-export-part.entity'
import { DataExportRepository } from './data-export.repository'
import { exportFile } from './export-file'

/** How long a copy is kept, in milliseconds. */
export const LIFETIME = 7 * DAY

/** How many bytes of a file are kept, and encrypted, as one. */
const PART_BYTES = 768 * 1024

/** Makes a copy that somebody has asked for, all of it of one moment; one that was made, or is gone, is left. */
export async function makeCopy(db: Database, id: Id): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const exports = new DataExportRepository(tx)
    const row = await exports.lockUnmade(id)
    if (!row) return
    const { userId } = row
    const sizeBytes = await store(tx, row)
    await exports.save({ id, readyAt: tx.now, sizeBytes, expiresAt: later(tx.now, LIFETIME) })
    if (row.requestId) await new PrivacyRequestService(tx).conclude(row.requestId, 'finish')
    await new AuditService(tx).record('data-export.ready', {
      subjectId: userId,
      target: toGlobalId('data_export', id),
      details: { sizeBytes },
    })
    await new MailService(tx).send(userId, 'dataExportReady', { days: LIFETIME / DAY })
  })
}

/** Writes the file part by part, so that one of any size needs little memory; returns its size in bytes. */
async function store(tx: Database, { id: exportId, userId }: { id: Id; userId: Id }): Promise<number> {
  const exports = new DataExportRepository(tx)
  let sizeBytes = 0
  let position = 0
  for await (const bytes of inParts(await exportFile(tx, userId))) {
    const id = newId(tx.now)
    const text = bytes.toString('base64')
    const body = await tx.codec.seal(DataExportPart, 'body', { id, ownerId: userId }, text)
    await exports.addPart({ id, exportId, position: position++, body })
    sizeBytes += bytes.length
  }
  return sizeBytes
}

async function* inParts(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let length = 0
  for await (const bytes of source) {
    held.push(bytes)
    length += bytes.length
    if (length < PART_BYTES) continue
    yield Buffer.concat(held)
    held = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(held)
}
