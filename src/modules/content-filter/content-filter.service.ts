import { isDeepStrictEqual } from 'node:util'
import { notFound, Rejected, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import {
  checkActionFits,
  checkedCovers,
  checkedDraft,
  checkedNewcomers,
  checkedTerms,
  Problems,
} from './checked-terms'
import { ContentFilterMatch } from './content-filter-match.entity'
import { ContentFilterMatchRepository, type ContentFilterMatchRow } from './content-filter-match.repository'
import type { ContentFilter } from './content-filter.entity'
import type { CreateContentFilterInput, UpdateContentFilterInput } from './content-filter.input'
import {
  ContentFilterRepository,
  type ContentFilterRow,
  type Newcomers,
  type Writer,
} from './content-filter.repository'

export type { ContentFilterMatchRow, ContentFilterRow, Newcomers }

/** Of more that are on, nobody would know what they do together. */
const MAX_ENABLED = 50

/** What staff want to be flagged, held or refused of what people write. */
export class ContentFilterService {
  private readonly filters: ContentFilterRepository
  private readonly matches: ContentFilterMatchRepository

  constructor(private readonly db: Database) {
    this.filters = new ContentFilterRepository(db)
    this.matches = new ContentFilterMatchRepository(db)
  }

  async lookup(ids: readonly Id[]): Promise<ContentFilterRow[]> {
    return this.filters.lookup(ids)
  }

  async list(page: PageRequest): Promise<Page<ContentFilterRow>> {
    return this.filters.list(page)
  }

  async count(): Promise<number> {
    return this.filters.count()
  }

  /** What filters have found in each of these cases, oldest first. Whoever asks has the cases. */
  async matchesIn(caseIds: readonly Id[]): Promise<ContentFilterMatchRow[]> {
    return this.matches.findByCases(caseIds)
  }

  /** What was found, decrypted with one look-up of keys; null where the author's key is gone. */
  async found(matches: readonly ContentFilterMatchRow[]): Promise<(string[] | null | Error)[]> {
    const places = matches.map((match) => ({ ...match, ownerId: match.authorId }))
    const texts = await this.db.codec.openEach(
      ContentFilterMatch,
      'foundParts',
      places,
      (match) => match.foundParts,
    )
    return texts.map((text) => (typeof text === 'string' ? text.split('\n').filter(Boolean) : (text ?? null)))
  }

  /** Which of these writers were new at their moment, by their place in the list. */
  async newcomersAmong(writers: readonly Writer[], newcomers: Newcomers): Promise<Set<number>> {
    return this.filters.newcomersAmong(writers, newcomers)
  }

  /** @throws ApiError FORBIDDEN; Rejected TAKEN, TOO_LONG where too many are on, and naming what is wrong with what it is to look for */
  async create(input: CreateContentFilterInput): Promise<ContentFilterRow> {
    const { name, action, messageToAuthor, isEnabled } = input
    const problems = new Problems()
    checkActionFits(action, input.covers, problems)
    const draft = checkedDraft(input, problems)
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('filters:manage')
      if (isEnabled) await assertFewEnabled(tx)
      const { now } = tx
      const filter: ContentFilter = {
        id: newId(now),
        name,
        action,
        ...draft,
        messageToAuthor: messageToAuthor || null,
        isEnabled,
        createdAt: now,
        updatedAt: now,
        version: 1,
      }
      await new ContentFilterRepository(tx).add(filter)
      await new AuditService(tx).record('content-filter.created', {
        target: targetOf(filter),
        details: { name, action, isEnabled },
      })
      return filter
    })
  }

  /**
   * @throws ApiError NOT_FOUND, FORBIDDEN; CONFLICT when `expectedVersion` is not the current one. Rejected TAKEN, INVALID for terms of
   * another kind, and as `create`
   */
  async update({
    contentFilterId,
    expectedVersion,
    ...changes
  }: UpdateContentFilterInput): Promise<ContentFilterRow> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('filters:manage')
      const filter = await lock(tx, contentFilterId)
      const { id: _, version, updatedAt: __, ...current } = filter
      assertVersion(version, expectedVersion, { name: filter.name, isEnabled: filter.isEnabled })
      const meaning: typeof current = { ...current, ...changed(filter, changes) }
      const fields = (Object.keys(meaning) as (keyof typeof meaning)[]).filter(
        (field) => !isDeepStrictEqual(meaning[field], current[field]),
      )
      if (fields.length === 0) return filter
      if (meaning.isEnabled && !current.isEnabled) await assertFewEnabled(tx)
      const updated: ContentFilter = {
        ...filter,
        ...meaning,
        updatedAt: tx.now,
        version: version + 1,
      }
      await new ContentFilterRepository(tx).save(updated)
      const { name, action, isEnabled } = updated
      await new AuditService(tx).record('content-filter.updated', {
        target: targetOf(filter),
        details: { name, fields, action, isEnabled },
      })
      return updated
    })
  }

  /** Deletes a filter; the cases that it has opened stay. Returns its id. @throws ApiError NOT_FOUND, FORBIDDEN */
  async delete(id: Id): Promise<Id> {
    return this.db.transaction(async (tx) => {
      await new AuthorityService(tx).require('filters:manage')
      const filter = await lock(tx, id)
      await new ContentFilterRepository(tx).remove(id)
      await new AuditService(tx).record('content-filter.deleted', {
        target: targetOf(filter),
        details: { name: filter.name },
      })
      return id
    })
  }
}

/** What changes of a filter. @throws Rejected naming what is wrong with it */
function changed(
  filter: ContentFilter,
  { terms: given, newcomersOnly, ...changes }: Omit<UpdateContentFilterInput, 'contentFilterId'>,
): Partial<ContentFilter> {
  const problems = new Problems()
  const terms = given ? checkedTerms(given, problems) : null
  if (terms && terms.kind !== filter.kind) {
    const message = `It is a filter of ${filter.kind}. Make another one for that.`
    problems.add(['terms', terms.kind], UserErrorCode.INVALID, message)
  }
  const covers = changes.covers ? checkedCovers(changes.covers, problems) : filter.covers
  const action = changes.action ?? filter.action
  checkActionFits(action, covers, problems)
  const newcomers = newcomersOnly === undefined ? {} : checkedNewcomers(newcomersOnly, problems)
  if (problems.all.length > 0) throw new Rejected(...problems.all)
  const { messageToAuthor } = changes
  return {
    name: changes.name ?? filter.name,
    action,
    covers,
    ...(terms && { terms: terms.terms }),
    ...newcomers,
    ...(messageToAuthor !== undefined && { messageToAuthor }),
    isEnabled: changes.isEnabled ?? filter.isEnabled,
  }
}

const targetOf = ({ id }: Pick<ContentFilter, 'id'>): string => toGlobalId('content_filter', id)

async function lock(tx: Database, id: Id): Promise<ContentFilter> {
  const filter = await new ContentFilterRepository(tx).lock(id)
  if (!filter) throw notFound('filter')
  return filter
}

/** @throws Rejected TOO_LONG where one more would be too many */
async function assertFewEnabled(tx: Database): Promise<void> {
  if ((await new ContentFilterRepository(tx).countEnabled()) < MAX_ENABLED) return
  const message = `${MAX_ENABLED} filters are on already. Switch one off, or add to it.`
  throw rejected('isEnabled', UserErrorCode.TOO_LONG, message)
}
