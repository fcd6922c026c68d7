import { SECOND } from '../../core/clock'
import { notFound, Rejected, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { checkedDraft } from '../content-filter/checked-terms'
import { ContentFilterService, type Newcomers } from '../content-filter/content-filter.service'
import { FilterSet, type Filter, type Found, type Part } from '../content-filter/filter-set'
import { FilteredKind, FilterKind, type FilterTerms } from '../content-filter/filter-terms'
import { samenessOf, tooMuch, type Written } from '../content-filter/rate'
import { ModeratedKind, type Moderated } from '../moderation-decision/moderated-kind'
import type { TextSegment } from '../../api/text-segment'
import { AuthorityService } from '../role/authority.service'
import { newestShown, type ShownPiece } from './moderated-content'
import type { TestContentFilterInput, TriedContentFilterInput } from './moderation.input'

/** Something that a filter would find. */
export interface Sample extends Moderated {
  writtenAt: Date
  segments: TextSegment[]
}

/** What a filter would find of what others read already. */
export interface FilterTest {
  checkedCount: number
  matchedCount: number
  /** Whether all was looked at that was asked for, and there is. */
  isComplete: boolean
  samples: Sample[]
}

/** How long a test may take, in milliseconds: well within what a request may. */
const LONGEST = 5 * SECOND

/** How many pieces are looked at before others have their turn. */
const BATCH = 50

const MOST = 10_000
const MAX_SAMPLES = 20

/** Of what has been found, so much is shown, with so many characters around it. */
const MAX_SHOWN = 3
const AROUND = 40

type Tried = Filter & Newcomers

/**
 * Tries a filter, be it saved or not, on the newest that others read and the viewer sees, and changes nothing. Private messages are
 * sealed, so it cannot be tried on them.
 * @throws ApiError FORBIDDEN, NOT_FOUND; Rejected naming what is wrong with what it is to look for
 */
export async function testContentFilter(
  db: Database,
  { filter: given, newest }: TestContentFilterInput,
  monotonic: () => number = () => performance.now(),
): Promise<FilterTest> {
  const end = monotonic() + LONGEST
  if (newest < 1 || newest > MOST)
    throw rejected('newest', UserErrorCode.INVALID, `Give a number from 1 to ${MOST}.`)
  const { contentFilterId } = given
  const filter = await filterOf(db, given)
  const kinds = OPEN_KINDS.filter((kind) => filter.covers.includes(FILTERED[kind]))
  if (kinds.length === 0)
    throw rejected(
      ['filter', ...(contentFilterId ? ['contentFilterId'] : ['draft', 'covers'])],
      UserErrorCode.INVALID,
      'Private messages are sealed: nobody can look through them, and this looks at nothing else.',
    )
  const test = new Test(filter)
  let isComplete = true
  for (const kind of kinds) {
    for (let beyond: Id | null = null, left = newest; left > 0; left -= BATCH) {
      if (monotonic() > end) {
        isComplete = false
        break
      }
      const pieces: ShownPiece[] = await newestShown(db, kind, beyond, Math.min(BATCH, left))
      await test.look(db, kind, pieces)
      if (pieces.length < Math.min(BATCH, left)) break
      beyond = pieces.at(-1)!.id
    }
  }
  const { checkedCount, matchedCount, samples } = await test.end(db)
  await db.transaction(async (tx) => {
    await new AuthorityService(tx).require('filters:manage')
    await new AuditService(tx).record('content-filter.tested', {
      target: contentFilterId ? toGlobalId('content_filter', contentFilterId) : null,
      details: { kind: filter.kind, checked: checkedCount, matched: matchedCount },
    })
  })
  return { checkedCount, matchedCount, isComplete, samples }
}

/** Looks at pieces some at a time, and remembers no more of them than it has to. */
class Test {
  checkedCount = 0
  matchedCount = 0
  readonly samples: Sample[] = []
  private readonly set: FilterSet<Tried>
  /** For what only all of it together tells. */
  private readonly all: (Moderated & Written)[] = []

  constructor(private readonly filter: Tried) {
    this.set = new FilterSet([filter])
  }

  async look(db: Database, subjectKind: OpenKind, pieces: readonly ShownPiece[]): Promise<void> {
    this.checkedCount += pieces.length
    if (this.filter.kind === FilterKind.RATE) {
      const { sameTextOnly } = this.filter.terms
      for (const { id: subjectId, authorId, at, body } of pieces) {
        const sameness = sameTextOnly ? samenessOf(body) : ''
        this.all.push({ subjectKind, subjectId, authorId, at, sameness })
      }
      return
    }
    const found = pieces.flatMap((piece) => {
      const parts = piece.parts()
      const matches = this.set.find(FILTERED[subjectKind], parts).get(this.filter)
      return matches
        ? [{ ...piece, subjectKind, subjectId: piece.id, segments: segmentsOf(parts, matches) }]
        : []
    })
    await this.count(db, found)
  }

  async end(db: Database): Promise<this> {
    if (this.filter.kind !== FilterKind.RATE) return this
    const { terms } = this.filter
    // What says the same counts within its kind.
    const lists = terms.sameTextOnly
      ? OPEN_KINDS.map((kind) => this.all.filter(({ subjectKind }) => subjectKind === kind))
      : [this.all]
    for (const list of lists) {
      const places = [...tooMuch(terms, list)].sort((one, other) => one - other)
      await this.count(
        db,
        places.map((place) => ({ ...list[place]!, segments: [] })),
      )
    }
    return this
  }

  private async count(
    db: Database,
    found: readonly (Omit<Sample, 'writtenAt'> & Pick<ShownPiece, 'authorId' | 'at'>)[],
  ): Promise<void> {
    const meant = await this.ofNewcomers(db, found)
    this.matchedCount += meant.length
    for (const { subjectKind, subjectId, at: writtenAt, segments } of meant)
      if (this.samples.length < MAX_SAMPLES)
        this.samples.push({ subjectKind, subjectId, writtenAt, segments })
  }

  private async ofNewcomers<Some extends Pick<ShownPiece, 'authorId' | 'at'>>(
    db: Database,
    found: readonly Some[],
  ): Promise<readonly Some[]> {
    const { youngerThanDays, fewerPostsThan } = this.filter
    if (found.length === 0 || (youngerThanDays === null && fewerPostsThan === null)) return found
    const newcomers = await new ContentFilterService(db).newcomersAmong(found, this.filter)
    return found.filter((_, place) => newcomers.has(place))
  }
}

/** @throws ApiError NOT_FOUND; Rejected */
async function filterOf(db: Database, { contentFilterId, draft }: TriedContentFilterInput): Promise<Tried> {
  if ((contentFilterId === undefined) === (draft == null))
    throw rejected('filter', UserErrorCode.INVALID, 'Give a filter that is kept, or a draft of one.')
  if (draft) return within(['filter', 'draft'], () => checkedDraft(draft))
  const [filter] = await new ContentFilterService(db).lookup([contentFilterId!])
  if (!filter) throw notFound('filter')
  return filter as typeof filter & FilterTerms
}

/** What is wrong with a part of the input, as its whole has it. */
function within<Result>(path: readonly string[], check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    throw new Rejected(
      ...error.problems.map((problem) => ({ ...problem, field: [...path, ...problem.field] })),
    )
  }
}

function segmentsOf(parts: readonly Part[], found: readonly Found[]): TextSegment[] {
  return found.slice(0, MAX_SHOWN).flatMap(({ field, text, place }) => {
    const match = { text, isMatch: true }
    const whole = parts.find((part) => part.field === field)!.text
    if (place === null) return [match]
    const around = [
      { text: whole.slice(Math.max(0, place.start - AROUND), place.start), isMatch: false },
      match,
      { text: whole.slice(place.end, place.end + AROUND), isMatch: false },
    ]
    return around.filter((segment) => segment.text !== '').map(wellFormed)
  })
}

/** Half a code point is no text. */
const wellFormed = ({ text, ...rest }: TextSegment): TextSegment => ({
  ...rest,
  text: text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, ''),
})

/** What can be looked through: what is sealed cannot. */
const FILTERED = {
  [ModeratedKind.POST]: FilteredKind.POST,
  [ModeratedKind.COMMENT]: FilteredKind.COMMENT,
} as const
type OpenKind = keyof typeof FILTERED
const OPEN_KINDS = Object.keys(FILTERED) as OpenKind[]
