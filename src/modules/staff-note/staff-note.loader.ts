import DataLoader from 'dataloader'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import { StaffNoteService, type StaffNoteRow } from './staff-note.service'

export const staffNoteById = defineLoader<Id, StaffNoteRow>(async (db, ids) =>
  keyed(await new StaffNoteService(db).lookup(ids), 'id'),
)

/** The text of a note, decrypted; null where its subject's key is gone. */
export const staffNoteBody: LoaderDefinition<StaffNoteRow, string | null> = (db) =>
  new DataLoader((notes) => new StaffNoteService(db).bodies(notes))
