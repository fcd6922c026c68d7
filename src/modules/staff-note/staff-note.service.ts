import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import { StaffNote } from './staff-note.entity'
import type { AddStaffNoteInput, UpdateStaffNoteInput } from './staff-note.input'
import { StaffNoteRepository, type StaffNoteRow } from './staff-note.repository'

export type { StaffNoteRow }

/**
 * What staff note about people. The trail has who did what to which note, as an event of theirs: the person whom it is about
 * finds neither the note nor the event.
 */
export class StaffNoteService {
  private readonly notes: StaffNoteRepository

  constructor(private readonly db: Database) {
    this.notes = new StaffNoteRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<StaffNoteRow[]> {
    return this.notes.lookup(ids)
  }

  async list(subjectId: Id, page: PageRequest): Promise<Page<StaffNoteRow>> {
    return this.notes.list(subjectId, page)
  }

  async count(subjectId: Id): Promise<number> {
    return this.notes.count(subjectId)
  }

  /** The texts of notes, decrypted with one look-up of keys; null where their subject's key is gone, an error for one that does not open. */
  async bodies(notes: readonly StaffNoteRow[]): Promise<(string | null | Error)[]> {
    const places = notes.map((note) => ({ ...note, ownerId: note.subjectId }))
    return this.db.codec.openEach(StaffNote, 'body', places, ({ body }) => body)
  }

  /**
   * Notes something about somebody.
   * @throws Rejected NOT_FOUND; NOT_PERMITTED about oneself and about somebody above the viewer. ApiError FORBIDDEN
   */
  async add({ userId, body }: AddStaffNoteInput): Promise<StaffNoteRow> {
    const { userId: authorId } = requireSignedIn(this.db.caller.viewer)
    if (userId === authorId)
      throw rejected('userId', UserErrorCode.NOT_PERMITTED, 'Nobody keeps notes about themselves.')
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).assertMayActOn(userId, 'notes:write')
      if (!(await new UserService(tx).isShown(userId)))
        throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
      const id = newId(tx.now)
      const note: StaffNote = {
        id,
        subjectId: userId,
        authorId,
        body: await sealed(tx, { id, subjectId: userId }, body),
        createdAt: tx.now,
        updatedAt: tx.now,
        version: 1,
      }
      await new StaffNoteRepository(tx).add(note)
      await record(tx, 'staff-note.added', note)
      return note
    })
  }

  /**
   * Changes a note of one's own.
   * @throws Rejected NOT_PERMITTED for somebody else's; ApiError NOT_FOUND, FORBIDDEN, CONFLICT when `expectedVersion` is not the
   * current one.
   */
  async update({ staffNoteId, body, expectedVersion }: UpdateStaffNoteInput): Promise<StaffNoteRow> {
    return this.db.transaction(async (tx) => {
      const note = await lockChangeable(tx, staffNoteId)
      if (!isOwn(tx, note)) {
        const message = 'Only whoever has written a note changes it. Add one of your own.'
        throw rejected('staffNoteId', UserErrorCode.NOT_PERMITTED, message)
      }
      const [before] = await new StaffNoteService(tx).bodies([note])
      assertVersion(note.version, expectedVersion, { body: before })
      if (body === before) return note
      const changed = { body: await sealed(tx, note, body), updatedAt: tx.now, version: note.version + 1 }
      const updated: StaffNote = { ...note, ...changed }
      await new StaffNoteRepository(tx).save(updated)
      await record(tx, 'staff-note.updated', note)
      return updated
    })
  }

  /**
   * Deletes a note: one's own, or that of somebody who is not above the viewer. Returns its id.
   * @throws Rejected NOT_PERMITTED; ApiError NOT_FOUND, FORBIDDEN
   */
  async delete(staffNoteId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const note = await lockChangeable(tx, staffNoteId)
      if (note.authorId !== null && !isOwn(tx, note))
        await new AuthorityService(tx).assertMayActOn(note.authorId, 'notes:write')
      await new StaffNoteRepository(tx).remove(note.id)
      await record(tx, 'staff-note.deleted', note)
      return note.id
    })
  }
}

/** A note that the viewer may see, about somebody whom they may act on by now, locked. */
async function lockChangeable(tx: Database, id: Id): Promise<StaffNoteRow> {
  const note = await new StaffNoteRepository(tx).lock(id)
  if (!note) throw notFound('staff note')
  await new AuthorityService(tx).assertMayActOn(note.subjectId, 'notes:write')
  return note
}

const isOwn = (tx: Database, { authorId }: StaffNoteRow): boolean =>
  authorId === requireSignedIn(tx.caller.viewer).userId

const sealed = (tx: Database, { id, subjectId }: Pick<StaffNote, 'id' | 'subjectId'>, body: string) =>
  tx.codec.seal(StaffNote, 'body', { id, ownerId: subjectId }, body)

async function record(
  tx: Database,
  action: 'staff-note.added' | 'staff-note.updated' | 'staff-note.deleted',
  { id, subjectId }: StaffNoteRow,
): Promise<void> {
  const about = toGlobalId('user', subjectId)
  await new AuditService(tx).record(action, { target: toGlobalId('staff_note', id), details: { about } })
}
