import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { Consent } from './consent.entity'

const COLUMNS = ['id', 'userId', 'purpose', 'version', 'locale', 'source', 'given', 'decidedAt'] as const
export type ConsentRow = Pick<Consent, (typeof COLUMNS)[number]>

const NEWEST_FIRST: ListOrder<ConsentRow> = { columns: ['decidedAt', 'id'], descending: true }

/**
 * Every question about consents, each about one person or some.
 * @visibility guarded as `User.consents` and `User.consentHistory`; use cases ask for whom they act
 */
export class ConsentRepository {
  constructor(private readonly db: Database) {}

  /**
   * What these people have said last about each purpose.
   * @visibility guarded as `User.consents`; use cases ask for whom they act
   */
  async findCurrent(userIds: readonly Id[]): Promise<ConsentRow[]> {
    return selectRows(this.db, Consent, 'consent', COLUMNS)
      .distinctOn(['consent.userId', 'consent.purpose'])
      .where('consent.userId = ANY(:userIds)', { userIds })
      .orderBy('consent.userId')
      .addOrderBy('consent.purpose')
      .addOrderBy('consent.decidedAt', 'DESC')
      .addOrderBy('consent.id', 'DESC')
      .getRawMany<ConsentRow>()
  }

  async list(userId: Id, page: PageRequest): Promise<Page<ConsentRow>> {
    return readPage(this.of(userId), NEWEST_FIRST, page)
  }

  async count(userId: Id): Promise<number> {
    return this.of(userId).getCount()
  }

  async add(...consents: Consent[]): Promise<void> {
    await insertRows(this.db, Consent, consents)
  }

  private of(userId: Id): SelectQueryBuilder<Consent> {
    return selectRows(this.db, Consent, 'consent', COLUMNS).where('consent.userId = :userId', { userId })
  }
}
