import type { Id } from '../../core/id'
import { readerId, type Viewer } from '../../core/viewer'
import type { AuditEventRow } from './audit-event.repository'

type Done = Pick<AuditEventRow, 'impersonatorId' | 'actorId'>

/** Who really did what an event tells: whoever acted as the actor, or else the actor; null for nobody who is known. */
export const doerOf = ({ impersonatorId, actorId }: Done): Id | null => impersonatorId ?? actorId

/** Whether the viewer did it, themselves or as somebody else. */
export const isDoneBy = (viewer: Viewer, event: Done): boolean =>
  doerOf(event) !== null && doerOf(event) === readerId(viewer)
