import { notFound, rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { PrivacyRequestKind, PrivacyRequestStatus } from './privacy-request-kind'
import type {
  ExtendPrivacyRequestInput,
  RefusePrivacyRequestInput,
  RequestRectificationInput,
  ResolvePrivacyRequestInput,
} from './privacy-request.input'
import { PrivacyRequestRepository } from './privacy-request.repository'
import { PrivacyRequestService, type PrivacyRequestRow } from './privacy-request.service'

/** Asks for data about oneself to be put right that one cannot put right oneself (GDPR art. 16). */
export async function requestRectification(
  db: Database,
  { message }: RequestRectificationInput,
): Promise<PrivacyRequestRow> {
  const { userId } = requireSession(db.caller.viewer)
  return new PrivacyRequestService(db).receive({ kind: PrivacyRequestKind.RECTIFICATION, userId, message })
}

/** Takes a request of one's own back. @throws ApiError NOT_FOUND; Rejected NOT_PERMITTED for one that is over. */
export async function withdrawPrivacyRequest(db: Database, id: Id): Promise<PrivacyRequestRow> {
  const { userId } = requireSession(db.caller.viewer)
  return db.transaction(async (tx) => {
    const request = await new PrivacyRequestRepository(tx).lock(id)
    if (request?.userId !== userId) throw notFound('request')
    assertForPeople(request)
    return new PrivacyRequestService(tx).withdraw(id)
  })
}

/** @throws ApiError NOT_FOUND, CONFLICT; Rejected NOT_PERMITTED as `PrivacyRequestService.extend`, and for one's own. */
export const extendPrivacyRequest = (
  db: Database,
  { privacyRequestId, reason, expectedVersion }: ExtendPrivacyRequestInput,
): Promise<PrivacyRequestRow> =>
  answer(db, privacyRequestId, expectedVersion, (requests) => requests.extend(privacyRequestId, reason))

/**
 * @throws ApiError NOT_FOUND, CONFLICT; Rejected NOT_PERMITTED for one that is over, one that Portico answers by itself, and for
 * one's own.
 */
export const resolvePrivacyRequest = (
  db: Database,
  { privacyRequestId, note, expectedVersion }: ResolvePrivacyRequestInput,
): Promise<PrivacyRequestRow> =>
  answer(db, privacyRequestId, expectedVersion, (requests) =>
    requests.finish(privacyRequestId, note === undefined ? {} : { note }),
  )

/** @throws as `resolvePrivacyRequest` */
export const refusePrivacyRequest = (
  db: Database,
  { privacyRequestId, reason, expectedVersion }: RefusePrivacyRequestInput,
): Promise<PrivacyRequestRow> =>
  answer(db, privacyRequestId, expectedVersion, (requests) => requests.refuse(privacyRequestId, reason))

async function answer(
  db: Database,
  id: Id,
  expectedVersion: number | undefined,
  work: (requests: PrivacyRequestService) => Promise<PrivacyRequestRow>,
): Promise<PrivacyRequestRow> {
  return db.transaction(async (tx) => {
    const requests = new PrivacyRequestService(tx)
    const request = await requests.lockToAnswer(id)
    assertForPeople(request)
    const { version, status, dueAt } = request
    assertVersion(version, expectedVersion, { status, dueAt })
    return work(requests)
  })
}

/** What Portico does by itself, people neither answer nor take back here. */
const BY_ITSELF: Partial<Record<PrivacyRequestKind, string>> = {
  [PrivacyRequestKind.EXPORT]: 'The copy is being made; nobody has to do anything about it.',
  [PrivacyRequestKind.ERASURE]: 'It is carried out by itself; `cancelErasure` takes it back.',
}

/** @throws Rejected NOT_PERMITTED for a request that Portico has begun to answer by itself. */
function assertForPeople({ kind, status }: Pick<PrivacyRequestRow, 'kind' | 'status'>): void {
  const reason = BY_ITSELF[kind]
  if (reason !== undefined && status === PrivacyRequestStatus.IN_PROGRESS)
    throw rejected([], UserErrorCode.NOT_PERMITTED, reason)
}
