import DataLoader from 'dataloader'
import type { Id } from '../../core/id'
import { defineLoader, keyed, type LoaderDefinition } from '../../context/loader'
import type { AuditEventFilter, AuditEventRow } from './audit-event.repository'
import { AuditService } from './audit.service'

export type { AuditEventFilter, AuditEventRow }

export const auditEventById = defineLoader<Id, AuditEventRow>(async (db, ids) =>
  keyed(await new AuditService(db).lookup(ids), 'id'),
)

/** The address behind an event, decrypted; null where there was none or its owner's key is gone. */
export const auditEventAddress: LoaderDefinition<AuditEventRow, string | null> = (db) =>
  new DataLoader((events) => new AuditService(db).addresses(events))

/** The details of an event, what is personal in them decrypted; that is left out where the key of whom it concerns is gone. */
export const auditEventDetails: LoaderDefinition<AuditEventRow, Record<string, unknown>> = (db) =>
  new DataLoader((events) => new AuditService(db).details(events))
