import { createHmac } from 'node:crypto'
import { SYSTEM_OWNER } from '../../core/caller'
import { DAY, later } from '../../core/clock'
import { ApiError } from '../../core/error'
import { accessTokenIdOf, impersonatorOf, readerId, viewerId } from '../../core/viewer'
import { open, seal } from '../../crypto/cipher'
import { sameBytes } from '../../crypto/token'
import type { Database } from '../../db/database'
import { IdempotencyRecordRepository } from './idempotency-record.repository'

/** How long the first answer is kept. */
const KEPT_FOR = DAY

/** What a client may choose as a key: visible ASCII, as long as a UUID or a little longer. */
const KEY = /^[\x21-\x7e]{16,255}$/

export interface Work {
  answer: string
  /** An answer that a repetition might better, such as one about an outage, is not kept, and nothing of its work is. */
  keep: boolean
}

/** Carries the answer of work that is to be taken back out of its transaction. */
class NotKept extends Error {
  constructor(readonly answer: string) {
    super('The answer is not kept.')
  }
}

/** Makes work safe to ask for again (draft-ietf-httpapi-idempotency-key-header-07). */
export class IdempotencyService {
  constructor(private readonly db: Database) {}

  /**
   * Does `work` once for each key of the caller and answers alike ever after, for 24 hours. The record commits with the
   * work: whatever happens, there is either both or neither.
   * @throws ApiError BAD_USER_INPUT for a key that cannot be one; CONFLICT when the key came with another request before.
   */
  async once(key: string, request: string, work: (tx: Database) => Promise<Work>): Promise<string> {
    if (!KEY.test(key)) {
      throw new ApiError(
        'BAD_USER_INPUT',
        'An Idempotency-Key is 16 to 255 visible ASCII characters, best a random UUID.',
      )
    }
    const { keyring } = this.db.tools
    const { viewer } = this.db.caller
    const ownerId = readerId(viewer) ?? SYSTEM_OWNER
    // What a session was answered, such as a new token, is not for a program that repeats the request; nor what somebody was
    // answered as another person for them as themselves. No key holds a blank.
    const scope = accessTokenIdOf(viewer) ?? (impersonatorOf(viewer) && viewerId(viewer))
    const scoped = scope === null ? key : `${key} ${scope}`
    const derived = (purpose: string) =>
      createHmac('sha256', keyring.derive(`idempotency ${purpose}`))
        .update(scoped)
        .digest()
    const keyHash = derived('key')
    const answerKey = derived('answer')
    // Keyed, because a request can hold a password, whose plain hash could be guessed.
    const requestHash = createHmac('sha256', derived('request')).update(request).digest()
    const binding = `idempotency_records.answer:${ownerId}:${keyHash.toString('hex')}`
    try {
      return await this.db.transaction(
        async (tx) => {
          const records = new IdempotencyRecordRepository(tx)
          const { now } = tx
          const isFirst = await records.claim({
            ownerId,
            keyHash,
            requestHash,
            createdAt: now,
            expiresAt: later(now, KEPT_FOR),
          })
          if (isFirst) {
            const { answer, keep } = await work(tx)
            if (!keep) throw new NotKept(answer)
            await records.answer(ownerId, keyHash, seal(answerKey, answer, binding))
            return answer
          }
          const record = await records.lookup(ownerId, keyHash)
          if (!record?.answer || !sameBytes(record.requestHash, requestHash)) {
            throw new ApiError(
              'CONFLICT',
              'This Idempotency-Key was used for another request. Use a new key for a new request.',
            )
          }
          return open(answerKey, record.answer, binding).toString('utf8')
        },
        { savepoints: true },
      )
    } catch (error) {
      if (error instanceof NotKept) return error.answer
      throw error
    }
  }
}
