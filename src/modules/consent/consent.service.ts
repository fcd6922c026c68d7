import { later } from '../../core/clock'
import { rejected, UserErrorCode } from '../../core/error'
import { newId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { holdsUnasked, isRequired, purposeWords, type Purpose } from '../../core/purpose'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { UserService } from '../user/user.service'
import { CONSENTS_CHANGED } from './consents-changed'
import { ConsentSource } from './consent.entity'
import type { GiveConsentInput, WithdrawConsentInput } from './consent.input'
import { ConsentRepository, type ConsentRow } from './consent.repository'

export type { ConsentRow }

/** What somebody has agreed to in a form: the purpose, and the version of the text that they were shown. */
export interface GivenConsent {
  purposeId: string
  version: string
}

/** What people have agreed to, taken back and objected to. The newest word on a purpose counts; none is ever changed. */
export class ConsentService {
  private readonly consents: ConsentRepository

  constructor(private readonly db: Database) {
    this.consents = new ConsentRepository(db)
  }

  /** Everything that people are asked for, or may object to. */
  purposes(): Purpose[] {
    return [...this.db.tools.purposes.values()]
  }

  /** What these people have said last about each purpose. */
  async current(userIds: readonly Id[]): Promise<ConsentRow[]> {
    return this.consents.findCurrent(userIds)
  }

  /** Whether a consent was given, to the text as it is now. */
  isCurrent({ purpose, version, given }: Pick<ConsentRow, 'purpose' | 'version' | 'given'>): boolean {
    return given && this.db.tools.purposes.get(purpose)?.version === version
  }

  /** Which purposes somebody who has said this has to agree to before they can go on. */
  missing(current: readonly ConsentRow[]): Purpose[] {
    const agreed = new Set(current.filter((consent) => this.isCurrent(consent)).map(({ purpose }) => purpose))
    return this.purposes().filter((purpose) => isRequired(purpose) && !agreed.has(purpose.id))
  }

  /**
   * Whether somebody's data may be used for a purpose at this moment: they have agreed to it, or it rests on a legitimate interest
   * and they have not objected. An older version of a text than the current one will do where it is not required.
   */
  async hasConsent(userId: Id, purposeId: string): Promise<boolean> {
    return (await this.consenting([userId], purposeId)).has(userId)
  }

  /** Those of these people of whom the same is true. */
  async consenting(userIds: readonly Id[], purposeId: string): Promise<Set<Id>> {
    const purpose = this.db.tools.purposes.get(purposeId)
    if (!purpose) return new Set()
    const said = new Map(
      (await this.current(userIds)).flatMap((each) =>
        each.purpose === purposeId ? [[each.userId, each] as const] : [],
      ),
    )
    const agrees = (consent: ConsentRow | undefined) => {
      if (!consent) return holdsUnasked(purpose)
      return isRequired(purpose) ? this.isCurrent(consent) : consent.given
    }
    return new Set(userIds.filter((userId) => agrees(said.get(userId))))
  }

  /** @throws Rejected NOT_FOUND for what nobody is asked. */
  assertKnown(purposeId: string, field: string[]): void {
    this.find(purposeId, field)
  }

  async list(userId: Id, page: PageRequest): Promise<Page<ConsentRow>> {
    return this.consents.list(userId, page)
  }

  async count(userId: Id): Promise<number> {
    return this.consents.count(userId)
  }

  /**
   * The viewer agrees to a text as they were shown it.
   * @throws Rejected NOT_FOUND; STALE for another version than the current one, which it names.
   */
  async give({
    purposeId,
    version,
    locale,
    source = ConsentSource.WEB,
  }: GiveConsentInput): Promise<ConsentRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    const purpose = this.find(purposeId, ['purposeId'])
    this.assertCurrent(purpose, version, ['version'])
    return this.add(userId, purpose, { given: true, locale, source })
  }

  /**
   * The viewer takes back what they have agreed to: as easily as it was given (GDPR art. 7(3)), and at once.
   * @throws Rejected NOT_FOUND; NOT_PERMITTED for what an account cannot be without.
   */
  async withdraw({ purposeId, source = ConsentSource.WEB }: WithdrawConsentInput): Promise<ConsentRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    const purpose = this.find(purposeId, ['purposeId'])
    if (isRequired(purpose))
      throw rejected(
        'purposeId',
        UserErrorCode.NOT_PERMITTED,
        'An account cannot be without this. To end it, have your data erased.',
      )
    return this.add(userId, purpose, { given: false, source })
  }

  /** Somebody objects to the use of their data for a purpose, with effect at once. Call it inside the transaction of the use case. */
  async object(userId: Id, purposeId: string): Promise<ConsentRow> {
    const purpose = this.find(purposeId, ['purposeId'])
    if (!holdsUnasked(purpose))
      throw rejected(
        'purposeId',
        UserErrorCode.NOT_PERMITTED,
        isRequired(purpose)
          ? 'An account cannot be without this. To end it, have your data erased.'
          : 'This is done only with your consent; take that back.',
      )
    return this.add(userId, purpose, { given: false, source: ConsentSource.WEB })
  }

  /**
   * What somebody has agreed to in the form with which they sign up. Call it inside the transaction that makes the account.
   * @throws Rejected NOT_FOUND, STALE by the place in the form.
   */
  async begin(userId: Id, given: readonly GivenConsent[], locale: string): Promise<void> {
    for (const [index, { purposeId, version }] of given.entries()) {
      const place = ['consents', String(index)]
      const purpose = this.find(purposeId, [...place, 'purposeId'])
      this.assertCurrent(purpose, version, [...place, 'version'])
      await this.add(userId, purpose, { given: true, locale, source: ConsentSource.WEB, actorId: userId })
    }
  }

  private find(purposeId: string, field: string[]): Purpose {
    const purpose = this.db.tools.purposes.get(purposeId)
    if (!purpose) throw rejected(field, UserErrorCode.NOT_FOUND, 'There is no such purpose.')
    return purpose
  }

  private assertCurrent({ version: current }: Purpose, version: string, field: string[]): void {
    if (version !== current)
      throw rejected(
        field,
        UserErrorCode.STALE,
        `The text has changed; its version is ${current} now. Show it again.`,
      )
  }

  private async add(
    userId: Id,
    purpose: Purpose,
    {
      given,
      locale,
      source,
      actorId,
    }: Pick<ConsentRow, 'given' | 'source'> & { locale?: string; actorId?: Id },
  ): Promise<ConsentRow> {
    return this.db.transaction(async (tx) => {
      const users = new UserService(tx)
      // Those who say something at once take turns, so that one of them is the last word.
      await users.hold(userId)
      const consents = new ConsentRepository(tx)
      const last = (await consents.findCurrent([userId])).find((said) => said.purpose === purpose.id)
      const decidedAt = last && last.decidedAt >= tx.now ? later(last.decidedAt, 1) : tx.now
      const shown = purposeWords(purpose, locale ?? (await users.lookup(userId))?.locale ?? 'en')
      const consent: ConsentRow = {
        id: newId(tx.now),
        userId,
        purpose: purpose.id,
        version: purpose.version,
        locale: shown.locale,
        source,
        given,
        decidedAt,
      }
      await consents.add(consent)
      await new AuditService(tx).record(given ? 'consent.given' : 'consent.withdrawn', {
        subjectId: userId,
        ...(actorId !== undefined && { actorId }),
        details: { purpose: purpose.id, version: purpose.version },
      })
      await tx.notify(CONSENTS_CHANGED, { userId })
      return consent
    })
  }
}
