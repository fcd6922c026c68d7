import { clientNetwork } from '../../core/address'
import { DAY, HOUR, later, MINUTE, SECOND } from '../../core/clock'
import { ApiError } from '../../core/error'
import type { Id } from '../../core/id'
import { Database } from '../../db/database'
import { AuditOutcome } from '../audit/audit-event'
import { AuditService } from '../audit/audit.service'
import { ThrottleRepository, type Allowance } from './throttle.repository'

/**
 * What is counted, and how much of it is allowed. NIST SP 800-63B-4 §3.2.2 wants no more than 100 failures in a row; a
 * wait that ends by itself keeps a stranger from locking the owner out for ever (OWASP ASVS 5.0, 6.1.1).
 */
const ALLOWANCES = {
  /** Secrets tried against one account: password, codes. */
  account: { free: 5, firstWait: 30 * SECOND, longestWait: 15 * MINUTE, memory: DAY },
  /** Secrets tried from one address, of whichever accounts. Wide, because many people can share one. */
  address: { free: 200, firstWait: 10 * SECOND, longestWait: 15 * MINUTE, memory: HOUR },
  /** Mails that strangers can have sent to one recipient. */
  recipient: { free: 5, firstWait: 5 * MINUTE, longestWait: 6 * HOUR, memory: DAY },
  /** Advice on passwords to one address. A form asks with every pause in typing. */
  advice: { free: 120, firstWait: 10 * SECOND, longestWait: 5 * MINUTE, memory: 10 * MINUTE },
  /** What is begun from one address and needs nothing to begin: sign-ups, and sign-ins by passkey or provider. */
  beginning: { free: 300, firstWait: SECOND, longestWait: MINUTE, memory: 10 * MINUTE },
  /** Tokens for other services issued to one person. Each lasts for minutes, so that nobody needs many. */
  serviceToken: { free: 100, firstWait: SECOND, longestWait: 10 * SECOND, memory: MINUTE },
} as const satisfies Record<string, Allowance>

type Counted = keyof typeof ALLOWANCES

const LONGEST_MEMORY = Math.max(...Object.values(ALLOWANCES).map(({ memory }) => memory))

/** Tries that were counted before it is known whether they succeed, so that of many at once none slips through. */
export interface Tries {
  /** They proved what they had to: the account's are forgotten, the address's does not count. */
  succeeded(): Promise<void>
}

/** Slows down whoever guesses, in PostgreSQL: shared by all processes, and known after a restart. */
export class ThrottleService {
  private readonly throttles: ThrottleRepository
  private readonly outside: Database

  constructor(private readonly db: Database) {
    // A try counts even when the transaction that it was made in is taken back.
    this.outside = Database.of(db.tools).as(db.caller)
    this.throttles = new ThrottleRepository(this.outside)
  }

  /**
   * Counts a try at a secret of this account, or of whatever stands for one that is not there, and from the caller's address.
   * Call it before the secret is looked at.
   * @throws ApiError RATE_LIMITED with `retryAfter` in seconds.
   */
  async trySecret(account: string, subjectId: Id | null = null): Promise<Tries> {
    const accountKey = this.keyOf('account', account)
    const { address } = this.db.caller
    const addressKey = address === null ? null : this.keyOf('address', clientNetwork(address))
    await this.take(
      [
        { key: accountKey, ...ALLOWANCES.account },
        ...(addressKey ? [{ key: addressKey, ...ALLOWANCES.address }] : []),
      ],
      subjectId,
    )
    return {
      succeeded: async () => {
        await this.throttles.forget([accountKey])
        if (addressKey) await this.throttles.giveBack([addressKey])
      },
    }
  }

  /** Counts a mail that somebody wants sent to this address (normalised). @throws ApiError RATE_LIMITED */
  async tryMail(recipient: string): Promise<void> {
    await this.take([{ key: this.keyOf('recipient', recipient), ...ALLOWANCES.recipient }], null)
  }

  /** Counts a question about a password from the caller's address. @throws ApiError RATE_LIMITED */
  async tryAdvice(): Promise<void> {
    await this.takeByAddress('advice')
  }

  /** Counts something begun that is remembered, from the caller's address. @throws ApiError RATE_LIMITED */
  async tryBeginning(): Promise<void> {
    await this.takeByAddress('beginning')
  }

  /** Counts a token for another service issued to this person. @throws ApiError RATE_LIMITED */
  async tryServiceToken(userId: Id): Promise<void> {
    // Of no interest to the person's own trail: it is their program, and nobody guesses.
    await this.take([{ key: this.keyOf('serviceToken', userId), ...ALLOWANCES.serviceToken }], null)
  }

  /** Forgets up to so many counts that have no weight any more; returns how many. */
  async forgetOld(limit: number): Promise<number> {
    return this.throttles.removeOld(later(this.db.now, -LONGEST_MEMORY), limit)
  }

  private async takeByAddress(counted: 'advice' | 'beginning'): Promise<void> {
    const { address } = this.db.caller
    if (address === null) return
    await this.take([{ key: this.keyOf(counted, clientNetwork(address)), ...ALLOWANCES[counted] }], null)
  }

  private async take(tries: Parameters<ThrottleRepository['take']>[0], subjectId: Id | null): Promise<void> {
    const taken = await this.throttles.take(tries)
    if (taken.length === tries.length) {
      if (taken.some(({ closes }) => closes)) await this.tellOfClosing(subjectId)
      return
    }
    await this.throttles.giveBack(taken.map(({ key }) => key))
    const until = await this.throttles.closedUntil(tries.map(({ key }) => key))
    const wait = until === null ? SECOND : until.getTime() - this.db.now.getTime()
    throw new ApiError('RATE_LIMITED', 'Too many tries. Wait a while before the next.', {
      retryAfter: Math.ceil(wait / SECOND),
    })
  }

  private async tellOfClosing(subjectId: Id | null): Promise<void> {
    await new AuditService(this.outside).record('throttle.closed', {
      actorId: null,
      sessionId: null,
      subjectId,
      outcome: AuditOutcome.REFUSED,
    })
  }

  private keyOf(counted: Counted, what: string): Buffer {
    return this.db.tools.keyring.blindIndex('throttles.key', `${counted}:${what}`)
  }
}
