import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { selectRows } from '../../db/page'
import { ContentFilterMatch } from './content-filter-match.entity'

const COLUMNS = [
  'id',
  'caseId',
  'filterId',
  'filterName',
  'action',
  'authorId',
  'foundParts',
  'createdAt',
] as const
export type ContentFilterMatchRow = Pick<ContentFilterMatch, (typeof COLUMNS)[number]>

/** Every question about what filters have found. Whoever sees a case sees what was found in it. */
export class ContentFilterMatchRepository {
  constructor(private readonly db: Database) {}

  /**
   * What filters have found in each of these cases, oldest first.
   * @visibility whoever has found the cases
   */
  async findByCases(caseIds: readonly Id[]): Promise<ContentFilterMatchRow[]> {
    return selectRows(this.db, ContentFilterMatch, 'match', COLUMNS)
      .where('match.caseId = ANY(:caseIds)', { caseIds })
      .orderBy('match.createdAt')
      .addOrderBy('match.id')
      .getRawMany<ContentFilterMatchRow>()
  }

  /** Adds what was found; what the same filter has found before in the same case stays. */
  async add(matches: readonly ContentFilterMatch[]): Promise<void> {
    await this.db
      .repo(ContentFilterMatch)
      .createQueryBuilder()
      .insert()
      .values([...matches])
      .orIgnore()
      .execute()
  }
}
