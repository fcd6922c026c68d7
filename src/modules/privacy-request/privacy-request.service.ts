import { monthsLater } from '../../core/clock'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { viewerId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { MailService } from '../mail/mail.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import { PrivacyRequest } from './privacy-request.entity'
import { ONE_AT_A_TIME, OPEN, PrivacyRequestStatus, type PrivacyRequestKind } from './privacy-request-kind'
import {
  PrivacyRequestRepository,
  type PrivacyRequestFilter,
  type PrivacyRequestRow,
} from './privacy-request.repository'

export type { PrivacyRequestRow }

/** How long an answer may take (GDPR art. 12(3)), in months, and how long with the one extension that there is. */
const MONTHS = 1
const MONTHS_EXTENDED = 3

export interface NewRequest {
  kind: PrivacyRequestKind
  userId: Id
  /** What the person has written. */
  message?: string | undefined
  /** Of an objection: to what. */
  purpose?: string | undefined
}

/** Whether a mail tells the person; not where the use case writes one of its own. */
interface Telling {
  isTold?: boolean
}

/** The words of a request, decrypted; null for what was not said, and where the person's key is gone. */
export interface RequestWords {
  message: string | null
  outcomeNote: string | null
  extensionReason: string | null
}

/**
 * The requests of people about their own data: received, begun, and done, refused or withdrawn. Use cases build it from their own
 * transaction, and ask themselves whether the viewer may; each step is on the trail, and the person is told of it by mail.
 */
export class PrivacyRequestService {
  private readonly requests: PrivacyRequestRepository

  constructor(private readonly db: Database) {
    this.requests = new PrivacyRequestRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<PrivacyRequestRow[]> {
    return this.requests.lookup(ids)
  }

  async listOf(userId: Id, page: PageRequest): Promise<Page<PrivacyRequestRow>> {
    return this.requests.listOf(userId, page)
  }

  async countOf(userId: Id): Promise<number> {
    return this.requests.countOf(userId)
  }

  async list(filter: PrivacyRequestFilter, page: PageRequest): Promise<Page<PrivacyRequestRow>> {
    return this.requests.list(filter, page)
  }

  async count(filter: PrivacyRequestFilter): Promise<number> {
    return this.requests.count(filter)
  }

  /** The words of requests, decrypted with one look-up of keys; an error for one whose words do not open. */
  async words(requests: readonly PrivacyRequestRow[]): Promise<(RequestWords | Error)[]> {
    const places = requests.map((request) => ({ ...request, ownerId: request.userId }))
    const open = (property: 'body' | 'outcomeNote' | 'extensionReason') =>
      this.db.codec.openEach(PrivacyRequest, property, places, (place) => place[property])
    const [messages, notes, reasons] = [
      await open('body'),
      await open('outcomeNote'),
      await open('extensionReason'),
    ]
    return requests.map((_, index) => {
      const [message, outcomeNote, extensionReason] = [messages[index], notes[index], reasons[index]]
      if (message instanceof Error) return message
      if (outcomeNote instanceof Error) return outcomeNote
      if (extensionReason instanceof Error) return extensionReason
      return {
        message: message ?? null,
        outcomeNote: outcomeNote ?? null,
        extensionReason: extensionReason ?? null,
      }
    })
  }

  /** The request of this kind that waits for an answer, if there is one. */
  async findOpen(userId: Id, kind: PrivacyRequestKind): Promise<PrivacyRequestRow | null> {
    return this.requests.findOpen(userId, kind)
  }

  /** All that somebody has asked and nobody has answered, whoever asks: for whoever operates Portico. */
  async allOpenOf(userId: Id): Promise<PrivacyRequestRow[]> {
    return this.requests.findAllOpen(userId)
  }

  /**
   * A request, locked, of somebody whom the viewer's `privacy:manage` reaches by now, be they above the viewer or not: an answer
   * takes nothing away from them.
   * @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one's own.
   */
  async lockToAnswer(id: Id): Promise<PrivacyRequestRow> {
    const request = await this.requests.lock(id)
    if (!request || !(await new AuthorityService(this.db).reaches(request.userId, 'privacy:manage')))
      throw notFound('request')
    if (request.userId === viewerId(this.db.caller.viewer))
      throw rejected([], UserErrorCode.NOT_PERMITTED, 'Nobody answers a request of their own.')
    return request
  }

  /**
   * Takes a request in; an answer is due within a month.
   * @throws Rejected NOT_PERMITTED where one of its kind is open that is enough.
   */
  async receive(request: NewRequest, { isTold = true }: Telling = {}): Promise<PrivacyRequestRow> {
    return this.db.transaction(async (tx) => {
      const received = await new PrivacyRequestService(tx).add(request)
      await record(tx, 'privacy-request.received', received)
      if (isTold) {
        await new MailService(tx).send(received.userId, 'privacyRequestReceived', {
          right: received.kind,
          due: received.dueAt,
        })
      }
      return received
    })
  }

  /** Takes in what is granted at once: received and done in one, of which the person is told once. */
  async settle(request: NewRequest): Promise<PrivacyRequestRow> {
    return this.db.transaction(async (tx) => {
      const requests = new PrivacyRequestService(tx)
      const received = await requests.add(request)
      await record(tx, 'privacy-request.received', received)
      return requests.finish(received.id)
    })
  }

  /**
   * Begins what Portico does by itself and writes to the person about: the request that staff have entered, or a new one.
   * Returns its id.
   */
  async undertake(kind: PrivacyRequestKind, userId: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      const requests = new PrivacyRequestService(tx)
      const open =
        (await requests.findOpen(userId, kind)) ??
        (await requests.receive({ kind, userId }, { isTold: false }))
      return (await requests.begin(open.id)).id
    })
  }

  /** Concludes what `undertake` has begun; a request that is over meanwhile stays as it is. */
  async conclude(id: Id, outcome: 'finish' | 'withdraw'): Promise<void> {
    await this.db.transaction(async (tx) => {
      const request = await new PrivacyRequestRepository(tx).lock(id)
      if (!request || !OPEN.includes(request.status)) return
      const requests = new PrivacyRequestService(tx)
      await (outcome === 'finish' ? requests.finish(id, { isTold: false }) : requests.withdraw(id))
    })
  }

  /** Somebody, or Portico itself, has begun to deal with a request. */
  async begin(id: Id): Promise<PrivacyRequestRow> {
    return this.change(id, 'privacy-request.begun', () => ({ status: PrivacyRequestStatus.IN_PROGRESS }))
  }

  /** What was asked for has been done; `note` says what, where there is something to say. */
  async finish(
    id: Id,
    { note, isTold = true }: Telling & { note?: string } = {},
  ): Promise<PrivacyRequestRow> {
    return this.change(id, 'privacy-request.done', async (tx, request) => {
      const outcomeNote = note === undefined ? null : await sealed(tx, 'outcomeNote', request, note)
      if (isTold) {
        await new MailService(tx).send(request.userId, 'privacyRequestDone', {
          right: request.kind,
          note: note ?? null,
        })
      }
      return { status: PrivacyRequestStatus.DONE, doneAt: tx.now, outcomeNote }
    })
  }

  /** A request is refused; the person is told why, and where they can complain (GDPR art. 12(4)). */
  async refuse(id: Id, reason: string): Promise<PrivacyRequestRow> {
    return this.change(id, 'privacy-request.refused', async (tx, request) => {
      const outcomeNote = await sealed(tx, 'outcomeNote', request, reason)
      await new MailService(tx).send(request.userId, 'privacyRequestRefused', { right: request.kind, reason })
      return { status: PrivacyRequestStatus.REFUSED, doneAt: tx.now, outcomeNote }
    })
  }

  /** The person does not want it any more. */
  async withdraw(id: Id): Promise<PrivacyRequestRow> {
    return this.change(id, 'privacy-request.withdrawn', (tx) => ({
      status: PrivacyRequestStatus.WITHDRAWN,
      doneAt: tx.now,
    }))
  }

  /**
   * An answer may take two months longer, once; the person is told why within the first (GDPR art. 12(3)).
   * @throws Rejected NOT_PERMITTED for the second time, and when the month is over.
   */
  async extend(id: Id, reason: string): Promise<PrivacyRequestRow> {
    return this.change(id, 'privacy-request.extended', async (tx, request) => {
      if (request.extendedAt !== null)
        throw rejected(
          [],
          UserErrorCode.NOT_PERMITTED,
          'It has been extended already; there is no second time.',
        )
      if (request.dueAt < tx.now)
        throw rejected([], UserErrorCode.NOT_PERMITTED, 'It is overdue; the person had to be told before.')
      const dueAt = monthsLater(request.receivedAt, MONTHS_EXTENDED)
      const extensionReason = await sealed(tx, 'extensionReason', request, reason)
      await new MailService(tx).send(request.userId, 'privacyRequestExtended', {
        right: request.kind,
        due: dueAt,
        reason,
      })
      return { dueAt, extendedAt: tx.now, extensionReason }
    })
  }

  /** Puts requests on the trail that should have been answered by now, each once; returns how many. */
  async tellOverdue(limit: number): Promise<number> {
    return this.db.transaction(async (tx) => {
      const overdue = await new PrivacyRequestRepository(tx).markOverdue(limit)
      await new AuditService(tx).recordAll('privacy-request.overdue', overdue.map(factsOf))
      return overdue.length
    })
  }

  /** Call it inside a transaction. Those who ask for the same at once take turns on the person's row. */
  private async add({ kind, userId, message, purpose }: NewRequest): Promise<PrivacyRequestRow> {
    await new UserService(this.db).hold(userId)
    if (ONE_AT_A_TIME.includes(kind) && (await this.findOpen(userId, kind)))
      throw rejected([], UserErrorCode.NOT_PERMITTED, 'There is an open request for this already.')
    const { now } = this.db
    const id = newId(now)
    const request: PrivacyRequest = {
      id,
      userId,
      kind,
      status: PrivacyRequestStatus.RECEIVED,
      purpose: purpose ?? null,
      body: message === undefined ? null : await sealed(this.db, 'body', { id, userId }, message),
      outcomeNote: null,
      extensionReason: null,
      receivedAt: now,
      dueAt: monthsLater(now, MONTHS),
      extendedAt: null,
      doneAt: null,
      handledById: null,
      overdueToldAt: null,
      version: 1,
    }
    await this.requests.add(request)
    return request
  }

  /** Changes an open request, locked. @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one that is over. */
  private async change(
    id: Id,
    action: RequestAction,
    changes: (
      tx: Database,
      request: PrivacyRequest,
    ) => Partial<PrivacyRequest> | Promise<Partial<PrivacyRequest>>,
  ): Promise<PrivacyRequestRow> {
    return this.db.transaction(async (tx) => {
      const requests = new PrivacyRequestRepository(tx)
      const request = await requests.lock(id)
      if (!request) throw notFound('request')
      if (!OPEN.includes(request.status))
        throw rejected(
          [],
          UserErrorCode.NOT_PERMITTED,
          'This request is over; nothing about it changes any more.',
        )
      const handler = viewerId(tx.caller.viewer)
      const changed: PrivacyRequest = {
        ...request,
        // The person themselves asks, and handles nothing.
        handledById: handler === null || handler === request.userId ? request.handledById : handler,
        ...(await changes(tx, request)),
        version: request.version + 1,
      }
      await requests.save(changed)
      await record(tx, action, changed)
      return changed
    })
  }
}

type RequestAction = `privacy-request.${'received' | 'begun' | 'extended' | 'done' | 'refused' | 'withdrawn'}`

type Facts = Pick<PrivacyRequest, 'id' | 'userId' | 'kind'>

const factsOf = ({ id, userId, kind }: Facts) => ({
  subjectId: userId,
  target: toGlobalId('privacy_request', id),
  details: { kind },
})

async function record(tx: Database, action: RequestAction, request: Facts): Promise<void> {
  await new AuditService(tx).record(action, factsOf(request))
}

const sealed = (
  tx: Database,
  property: 'body' | 'outcomeNote' | 'extensionReason',
  { id, userId }: Pick<PrivacyRequest, 'id' | 'userId'>,
  text: string,
) => tx.codec.seal(PrivacyRequest, property, { id, ownerId: userId }, text)
