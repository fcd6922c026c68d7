import { SYSTEM_OWNER } from '../../core/caller'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { accessTokenIdOf, impersonatorOf, viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import {
  isSecurityAction,
  outcomeOf,
  partsOf,
  type AUDIT_ACTIONS,
  type AuditAction,
  type AuditDetails,
} from './audit-event'
import { AuditEvent } from './audit-event.entity'
import {
  AuditEventRepository,
  type AuditEventFilter,
  type AuditEventRow,
  type SecurityEventRow,
  type ToldEvent,
} from './audit-event.repository'
import { followedUp } from './consequence'

export type { SecurityEventRow, ToldEvent }

/** What is to be said of an event: its details where its action has any, and whom it concerns where that can be another. */
export type Facts<Action extends AuditAction> = {
  /** Who did it, where the request's viewer does not say so yet: at sign-in. Null for nobody known. */
  actorId?: Id | null
  sessionId?: Id | null
  /** The global id of the thing that was acted on. */
  target?: string | null
} & ConcerningOf<(typeof AUDIT_ACTIONS)[Action]> &
  DetailsOf<Action>

/** The person whom it concerns, where that is not the viewer. */
type ConcerningOf<Entry> = Entry extends { concerns: 'person' }
  ? { subjectId?: Id | null }
  : { subjectId?: never }

type DetailsOf<Action extends AuditAction> = (typeof AUDIT_ACTIONS)[Action] extends { details: unknown }
  ? { details: AuditDetails<Action> }
  : { details?: never }

/**
 * The trail. Build it from the transaction that makes the change: then there is no change without its event and no event
 * without its change.
 */
export class AuditService {
  private readonly events: AuditEventRepository

  constructor(private readonly db: Database) {
    this.events = new AuditEventRepository(db)
  }

  /** Records what happened, and returns the event's id. Who, from where and in which request come from the database handle's caller. */
  async record<Action extends AuditAction>(
    action: Action,
    ...[facts]: {} extends Facts<Action> ? [facts?: Facts<Action>] : [facts: Facts<Action>]
  ): Promise<Id> {
    return (await this.recordAll(action, [facts ?? ({} as Facts<Action>)]))[0]!
  }

  /** Records what happened to many in one statement; returns the ids of the events. */
  async recordAll<Action extends AuditAction>(
    action: Action,
    happened: readonly Facts<Action>[],
  ): Promise<Id[]> {
    const events = await Promise.all(happened.map((facts) => this.eventOf(action, facts)))
    await this.events.add(events, this.db.caller.address)
    await followedUp(this.db, action, events)
    return events.map(({ id }) => id)
  }

  /** What is personal in it is left out where the key that it would be under was destroyed. */
  private async eventOf<Action extends AuditAction>(
    action: Action,
    facts: Facts<Action>,
  ): Promise<AuditEvent> {
    const { caller, now } = this.db
    const actorId = facts.actorId === undefined ? viewerId(caller.viewer) : facts.actorId
    const subjectId = facts.subjectId ?? actorId
    const id = newId(now)
    const impersonatorId = actorId === null ? null : (impersonatorOf(caller.viewer)?.userId ?? null)
    // The address is that of whoever really acted, and under their key.
    const ownerId = impersonatorId ?? actorId ?? subjectId ?? SYSTEM_OWNER
    const { plain, personal } = partsOf(action, facts.details ?? ({} as AuditDetails<Action>))
    return {
      id,
      occurredAt: now,
      action,
      outcome: outcomeOf(action),
      actorId,
      impersonatorId,
      subjectId,
      ownerId,
      sessionId: facts.sessionId ?? (caller.viewer.kind === 'signed-in' ? caller.viewer.sessionId : null),
      isSecurityEvent: isSecurityAction(action),
      accessTokenId: accessTokenIdOf(caller.viewer),
      target: facts.target ?? null,
      requestId: caller.requestId,
      address:
        caller.address === null
          ? null
          : await this.db.codec.sealUnlessDestroyed(AuditEvent, 'address', { id, ownerId }, caller.address),
      details: plain,
      personalDetails:
        Object.keys(personal).length === 0
          ? null
          : await this.db.codec.sealUnlessDestroyed(
              AuditEvent,
              'personalDetails',
              detailsPlace({ id, subjectId }),
              JSON.stringify(personal),
            ),
    }
  }

  /** Records that the viewer has read the trail, and which part of it (HIPAA § 164.312(b), OWASP ASVS 16.3.2). */
  async recordReading(filter: AuditEventFilter): Promise<void> {
    await this.record('audit.read', { details: toldOf(filter) as AuditDetails<'audit.read'> })
  }

  /** Records that somebody takes a copy of the trail, and of which part. */
  async recordExport(filter: AuditEventFilter, format: string): Promise<void> {
    await this.record('audit.exported', {
      details: { ...toldOf(filter), format } as AuditDetails<'audit.exported'>,
    })
  }

  /** @param isUnlimited everything, whoever asks. @throws ApiError BAD_USER_INPUT for what is no address. */
  async list(
    filter: AuditEventFilter,
    page: PageRequest,
    { isUnlimited = false } = {},
  ): Promise<Page<AuditEventRow>> {
    return this.events.list(filter, page, { isUnlimited })
  }

  async count(filter: AuditEventFilter): Promise<number> {
    return this.events.count(filter)
  }

  async lookup(ids: readonly Id[]): Promise<AuditEventRow[]> {
    return this.events.lookup(ids)
  }

  /** What other systems may be told of these events; see the repository. */
  async findTold(ids: readonly Id[], regardless: readonly AuditAction[]): Promise<ToldEvent[]> {
    return this.events.findTold(ids, regardless)
  }

  /** A page of a person's security inbox: what has happened to how they sign in, newest first. */
  async listSecurity(personId: Id, page: PageRequest): Promise<Page<SecurityEventRow>> {
    return this.events.listSecurity(personId, page)
  }

  async countSecurity(personId: Id): Promise<number> {
    return this.events.countSecurity(personId)
  }

  /** An event of somebody's security inbox, whoever asks. */
  async findSecurity(id: Id): Promise<SecurityEventRow | null> {
    return this.events.findSecurity(id)
  }

  /** When these events were disowned; those that were not are left out. */
  async disownedAt(ids: readonly Id[]): Promise<Map<Id, Date>> {
    return this.events.disownedAt(ids)
  }

  /** The addresses behind events, decrypted with one look-up of keys; an error for one that does not open. */
  async addresses(
    events: readonly Pick<AuditEventRow, 'id' | 'ownerId' | 'address'>[],
  ): Promise<(string | null | Error)[]> {
    return this.db.codec.openEach(AuditEvent, 'address', events, (event) => event.address)
  }

  /** The details of events, what is personal in them decrypted with one look-up of keys; see `partsOf`. An error for one that does not open. */
  async details(
    events: readonly Pick<AuditEventRow, 'id' | 'subjectId' | 'details' | 'personalDetails'>[],
  ): Promise<(Record<string, unknown> | Error)[]> {
    const places = events.map((event) => ({ ...detailsPlace(event), value: event.personalDetails }))
    const personal = await this.db.codec.openEach(AuditEvent, 'personalDetails', places, ({ value }) => value)
    return events.map(({ details }, index) => {
      const opened = personal[index]
      if (opened instanceof Error) return opened
      return opened ? { ...details, ...(JSON.parse(opened) as Record<string, unknown>) } : details
    })
  }
}

/** A filter as the trail tells it: people by their global ids. The address, which is somebody's, is encrypted beside it. */
function toldOf({ personId, actorId, impersonatorId, subjectId, address, ...rest }: AuditEventFilter): {
  filter: Record<string, unknown>
  address?: string
} {
  const people = Object.entries({ personId, actorId, impersonatorId, subjectId })
  const ids = people.map(([name, id]) => [name, id && toGlobalId('user', id)] as const)
  const filter = { ...rest, ...Object.fromEntries(ids) }
  return {
    filter: JSON.parse(JSON.stringify(filter)) as Record<string, unknown>,
    ...(address !== undefined && { address }),
  }
}

/** What was said of somebody is under their key, whoever said it. */
const detailsPlace = ({ id, subjectId }: Pick<AuditEvent, 'id' | 'subjectId'>) => ({
  id,
  ownerId: subjectId ?? SYSTEM_OWNER,
})
