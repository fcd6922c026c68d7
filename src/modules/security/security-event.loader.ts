import DataLoader from 'dataloader'
import { defineLoader, type LoaderDefinition } from '../../context/loader'
import type { Id } from '../../core/id'
import { AuditService, type SecurityEventRow } from '../audit/audit.service'

/** When an event was disowned; null where it was not. */
export const eventDisownedAt = defineLoader<Id, Date>((db, ids) => new AuditService(db).disownedAt(ids))

/** The address behind an event, decrypted; null where there was none. */
export const securityEventAddress: LoaderDefinition<SecurityEventRow, string | null> = (db) =>
  new DataLoader((events) => new AuditService(db).addresses(events))
