import { clientNetwork } from '../../core/address'
import { DAY, HOUR, MINUTE, SECOND } from '../../core/clock'
import { ApiError } from '../../core/error'
import type { Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ThrottleRepository, type Allowance } from './throttle.repository'

/**
 * What is counted, and how much of it is allowed. NIST SP 800-63B-4 §3.2.2 wants no more than 100 failures in a row; a
 * wait that ends by itself keeps a stranger from locking the owner out for ever (OWASP ASVS 5.0, 6.1.1). No memory is longer than
 * the retention of a throttle.
 */
const ALLOWANCES = {
  /** Secrets tried against one account: password, codes. */
  account: { free: 5, firstWait: 30 * SECOND, longestWait: 15 * MINUTE, memory: DAY },
  /** Secrets tried from one address, of whichever accounts. Wide, because many people can share one. */
  address: { free: 200, firstWait: 10 * SECOND, longestWait: 15 * MINUTE, memory: HOUR },
  /** Mails that strangers can have sent to one recipient. */
  recipient: { free: 5, firstWait: 5 * MINUTE, longestWait: 6 * HOUR, memory: DAY },
  /** Text messages that one person has sent to numbers of their choice. Each costs the operator money. */
  texting: { free: 5, firstWait: 5 * MINUTE, longestWait: 6 * HOUR, memory: DAY },
  /** Text messages to one number, whoever asks for them. */
  number: { free: 5, firstWait: 5 * MINUTE, longestWait: 6 * HOUR, memory: DAY },
  /** Text messages asked for from one address: a pumping program has many accounts, and fewer networks. Wide, as `address` is. */
  textingAddress: { free: 100, firstWait: MINUTE, longestWait: HOUR, memory: DAY },
  /** Advice on passwords to one address. A form asks with every pause in typing. */
  advice: { free: 120, firstWait: 10 * SECOND, longestWait: 5 * MINUTE, memory: 10 * MINUTE },
  /** What is begun from one address and needs nothing to begin: sign-ups, and sign-ins by passkey or provider. */
  beginning: { free: 300, firstWait: SECOND, longestWait: MINUTE, memory: 10 * MINUTE },
  /** Tokens for other services issued to one person. Each lasts for minutes, so that nobody needs many. */
  serviceToken: { free: 100, firstWait: SECOND, longestWait: 10 * SECOND, memory: MINUTE },
  /** What one person writes where others see it, posts, comments and reactions: a burst, as with messages. */
  writing: { free: 60, firstWait: MINUTE, longestWait: MINUTE, memory: 10 * SECOND },
  /** Private messages of one person, of which a burst is a program's: whoever pauses for some seconds begins anew. */
  message: { free: 60, firstWait: MINUTE, longestWait: MINUTE, memory: 10 * SECOND },
  /** People to whom one person writes first. */
  stranger: { free: 10, firstWait: HOUR, longestWait: DAY, memory: HOUR },
  /** Tickets that one person opens. */
  ticket: { free: 10, firstWait: 10 * MINUTE, longestWait: 6 * HOUR, memory: DAY },
  /** Pictures that one person uploads, of which each takes a while to draw. */
  avatar: { free: 20, firstWait: MINUTE, longestWait: HOUR, memory: HOUR },
  /** What one person reports. */
  reporting: { free: 20, firstWait: 10 * SECOND, longestWait: 15 * MINUTE, memory: HOUR },
} as const satisfies Record<string, Allowance>

type Counted = keyof typeof ALLOWANCES | 'country' | 'notice' | 'noticeCountry'

/** How many text messages one person is sent in a day about what has happened. */
const NOTICES_A_DAY = 10

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

  /**
   * Counts a text message that this person wants sent to a number (E.164) of a country: theirs, those to the number, those from
   * their network, and all of the day to the country, so that nobody earns on numbers that they own (SMS pumping).
   * @throws ApiError RATE_LIMITED
   */
  async tryText(userId: Id, number: string, country: string): Promise<void> {
    const { address } = this.db.caller
    await this.take(
      [
        { key: this.keyOf('texting', userId), ...ALLOWANCES.texting },
        { key: this.keyOf('number', number), ...ALLOWANCES.number },
        ...(address === null
          ? []
          : [{ key: this.keyOf('textingAddress', clientNetwork(address)), ...ALLOWANCES.textingAddress }]),
        this.today('country', country, this.db.tools.textLimits.perCountryAndDay),
      ],
      null,
    )
  }

  /**
   * Counts a text message that tells somebody, whose number is of a country, what has happened: theirs, and all of the day to the country.
   * As many as half of what may be sent there for proofs, which are counted apart, so that no talk keeps anybody from proving something.
   * @throws ApiError RATE_LIMITED
   */
  async tryNotice(userId: Id, country: string): Promise<void> {
    const perCountry = Math.ceil(this.db.tools.textLimits.perCountryAndDay / 2)
    await this.take(
      [this.today('notice', userId, NOTICES_A_DAY), this.today('noticeCountry', country, perCountry)],
      null,
      // Nobody guesses, and all that is lost with a crash is that one more is sent.
      { outlivesCrash: false, isTold: false },
    )
  }

  /** So many until the day ends, in UTC. */
  private today(counted: Counted, what: string, free: number): Allowance & { key: Buffer } {
    const { now } = this.db
    const untilTomorrow = DAY - (now.getTime() % DAY)
    const key = this.keyOf(counted, `${what}:${now.toISOString().slice(0, 10)}`)
    return { key, free, firstWait: untilTomorrow, longestWait: untilTomorrow, memory: DAY }
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

  /** Counts something that the viewer writes where others see it, or does to it. @throws ApiError UNAUTHENTICATED, RATE_LIMITED */
  async tryWriting(): Promise<void> {
    await this.slow('writing', requireSignedIn(this.db.caller.viewer).userId)
  }

  /** Counts a private message that this person sends. @throws ApiError RATE_LIMITED */
  async tryMessage(userId: Id): Promise<void> {
    await this.slow('message', userId)
  }

  /** Counts somebody to whom this person writes who has never written to them. @throws ApiError RATE_LIMITED */
  async tryStranger(userId: Id): Promise<void> {
    await this.take([{ key: this.keyOf('stranger', userId), ...ALLOWANCES.stranger }], null)
  }

  /** Counts something that this person reports. @throws ApiError RATE_LIMITED */
  async tryReporting(userId: Id): Promise<void> {
    await this.take([{ key: this.keyOf('reporting', userId), ...ALLOWANCES.reporting }], null)
  }

  /** Counts a ticket that this person opens. @throws ApiError RATE_LIMITED */
  async tryTicket(userId: Id): Promise<void> {
    await this.take([{ key: this.keyOf('ticket', userId), ...ALLOWANCES.ticket }], null)
  }

  /** Counts a picture that this person uploads. @throws ApiError RATE_LIMITED */
  async tryAvatar(userId: Id): Promise<void> {
    await this.take([{ key: this.keyOf('avatar', userId), ...ALLOWANCES.avatar }], null)
  }

  /** Bounds how fast somebody does what they may do; that a crash forgets it costs nothing. */
  private async slow(counted: 'writing' | 'message', userId: Id): Promise<void> {
    const key = this.keyOf(counted, userId)
    await this.take([{ key, ...ALLOWANCES[counted] }], null, { outlivesCrash: false })
  }

  private async takeByAddress(counted: 'advice' | 'beginning'): Promise<void> {
    const { address } = this.db.caller
    if (address === null) return
    await this.take([{ key: this.keyOf(counted, clientNetwork(address)), ...ALLOWANCES[counted] }], null)
  }

  private async take(
    tries: Parameters<ThrottleRepository['take']>[0],
    subjectId: Id | null,
    { outlivesCrash = true, isTold = true } = {},
  ): Promise<void> {
    const taken = await this.throttles.take(tries, { outlivesCrash })
    if (taken.length === tries.length) {
      if (isTold && taken.some(({ closes }) => closes)) await this.tellOfClosing(subjectId)
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
    })
  }

  private keyOf(counted: Counted, what: string): Buffer {
    return this.db.tools.keyring.blindIndex('throttles.key', `${counted}:${what}`)
  }
}
