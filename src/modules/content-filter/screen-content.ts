import { Rejected, UserErrorCode, type Problem } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { holdsSomewhere } from '../../core/viewer'
import type { Database } from '../../db/database'
import type { Tools } from '../../db/tools'
import { AuditService } from '../audit/audit.service'
import { ModerationCaseService } from '../moderation-case/moderation-case.service'
import { ModeratedKind, type Moderated } from '../moderation-decision/moderated-kind'
import { ModerationAction } from '../moderation-decision/moderation-action'
import { ModerationDecisionService } from '../moderation-decision/moderation-decision.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import { ContentFilterMatch } from './content-filter-match.entity'
import { ContentFilterMatchRepository } from './content-filter-match.repository'
import { ContentFilterRepository, type ContentFilterRow } from './content-filter.repository'
import { FilterSet, type Found, type Part } from './filter-set'
import { FilterAction, FilteredKind, FilterKind, type FilterTerms } from './filter-terms'
import { holdStatement } from './hold-statement'
import { samenessOf, windowOf } from './rate'

/** Something that is about to be seen by others. */
export interface Piece {
  kind: FilteredKind
  id: Id
  authorId: Id
  /** As it was written. */
  body: string
  /** All that it says, where moderators see it. */
  text?: string
  /** What others are about to read. It is asked for where a filter looks at it. */
  parts(): readonly Part[]
  /** What they have read of it until now; null where they have not. */
  before: (() => readonly Part[]) | null
  /** What its author has written of the same kind since a moment, up to so many, the latest first. */
  earlier(since: Date, limit: number): Promise<readonly string[]>
}

type Row = ContentFilterRow & FilterTerms
type Matches = Map<Row, Found[]>

/** How much a case weighs of which a filter has found something: as a first report, and more where somebody waits. */
const WEIGHT = { [FilterAction.FLAG]: 10, [FilterAction.HOLD]: 20, [FilterAction.REFUSE]: 20 }

/** How many of somebody's pieces are compared with a new one, the latest of them. */
const MAX_COMPARED = 200

/**
 * Shows filters what others are about to see: whatever people write with asks here, in the transaction that makes it seen. What is
 * flagged or held opens a case. Returns whether it is held, of which its author is told; whoever asks then keeps it from its readers.
 *
 * Whoever may moderate the author, be it themselves, is not looked at. Where `isUnattended`, nobody is there to be told, and what would
 * be refused is held.
 * @throws Rejected FILTERED for what is refused, by the fields of its parts
 */
export async function screenContent(
  tx: Database,
  piece: Piece,
  { isUnattended = false } = {},
): Promise<{ isHeld: boolean }> {
  const matches = await matchesOf(tx, piece, { withRates: true, isUnattended })
  if (!isUnattended) refuse(matches)
  if (matches.size === 0) return { isHeld: false }
  const about = await openCase(tx, piece, matches)
  const held = [...matches].find(([{ action }]) => action !== FilterAction.FLAG)
  if (held) await tellHeld(tx, about, ...held)
  return { isHeld: held !== undefined }
}

/** What is shown later is not refused by a filter of words or links as it stands. @throws Rejected FILTERED as `screenContent` */
export async function assertNotRefused(tx: Database, piece: Piece): Promise<void> {
  refuse(await matchesOf(tx, piece, { withRates: false, isUnattended: false }))
}

async function matchesOf(
  tx: Database,
  piece: Piece,
  { withRates, isUnattended }: { withRates: boolean; isUnattended: boolean },
): Promise<Matches> {
  const set = await enabledFilters(tx)
  if (!set.filters.some(({ covers }) => covers.includes(piece.kind))) return new Map()
  if (await isExempt(tx, piece.authorId, isUnattended)) return new Map()
  const parts = piece.parts()
  const matches: Matches = set.find(piece.kind, parts, piece.before?.())
  if (withRates && piece.before === null)
    for (const filter of await rateMatches(tx, piece, set.filters))
      matches.set(filter, [{ key: '', field: parts[0]!.field, text: '', place: null }])
  for (const filter of matches.keys())
    if (!(await isMeant(tx, filter, piece.authorId))) matches.delete(filter)
  return matches
}

const prepared = new WeakMap<Tools, { key: string; set: FilterSet<Row> }>()

/**
 * The filters that are switched on at this moment. Which those are is asked each time, so that a change holds on every process with its
 * commit; what is made of them is kept for as long as they stay as they are.
 */
async function enabledFilters(tx: Database): Promise<FilterSet<Row>> {
  const filters = new ContentFilterRepository(tx)
  const key = (await filters.enabled()).map(({ id, version }) => `${id} ${version}`).join()
  const known = prepared.get(tx.tools)
  if (known?.key === key) return known.set
  const rows = key === '' ? [] : await filters.findEnabled()
  const set = new FilterSet(rows as Row[])
  // Somebody may have changed one in between; what was read then belongs to another key.
  if (rows.map(({ id, version }) => `${id} ${version}`).join() === key) prepared.set(tx.tools, { key, set })
  return set
}

async function isExempt(tx: Database, authorId: Id, isUnattended: boolean): Promise<boolean> {
  const authority = new AuthorityService(tx)
  if (isUnattended) return authority.holds(authorId, 'posts:moderate')
  return (
    holdsSomewhere(tx.caller.viewer, 'posts:moderate') &&
    (await authority.reaches(authorId, 'posts:moderate'))
  )
}

async function isMeant(tx: Database, filter: Row, authorId: Id): Promise<boolean> {
  if (filter.youngerThanDays === null && filter.fewerPostsThan === null) return true
  const newcomers = await new ContentFilterRepository(tx).newcomersAmong([{ authorId, at: tx.now }], filter)
  return newcomers.size > 0
}

async function rateMatches(tx: Database, piece: Piece, filters: readonly Row[]): Promise<Row[]> {
  const found: Row[] = []
  const { authorId, kind } = piece
  for (const filter of filters) {
    if (filter.kind !== FilterKind.RATE || !filter.covers.includes(kind)) continue
    // Of many at once, each finds those before it.
    await new UserService(tx).hold(authorId)
    const { limit, sameTextOnly } = filter.terms
    const since = windowOf(filter.terms, tx.now)
    const count = sameTextOnly
      ? await countSame(piece, since)
      : await new ContentFilterRepository(tx).countWritten({ authorId, kinds: filter.covers, since }, limit)
    if (count >= limit) found.push(filter)
  }
  return found
}

async function countSame(piece: Piece, since: Date): Promise<number> {
  const sameness = samenessOf(piece.body)
  const earlier = await piece.earlier(since, MAX_COMPARED)
  return earlier.filter((one) => samenessOf(one) === sameness).length
}

function refuse(matches: Matches): void {
  const problems = [...matches]
    .filter(([{ action }]) => action === FilterAction.REFUSE)
    .map(([filter, [first]]): Problem => ({
      code: UserErrorCode.FILTERED,
      field: [first!.field],
      message: filter.messageToAuthor ?? refusalOf(filter, first!),
    }))
  if (problems.length > 0) throw new Rejected(...problems)
}

function refusalOf({ kind }: Row, { text }: Found): string {
  const shown = text.length > 60 ? `${[...text].slice(0, 50).join('')}…` : text
  if (kind === FilterKind.WORDS) return `“${shown}” cannot be written here.`
  if (kind === FilterKind.LINKS) return `A link to “${shown}” cannot be shared here.`
  return 'That is too much at once, or too often the same. Wait a while before you write more.'
}

/** What a case is about that a filter has opened. */
interface Opened extends Moderated {
  caseId: Id
  userId: Id
}

async function openCase(tx: Database, piece: Piece, matches: Matches): Promise<Opened> {
  const { id: subjectId, authorId, kind, body, text = body } = piece
  const subjectKind = MODERATED[kind]
  if (!subjectKind) throw new Error('Nobody moderates private messages; a filter can only refuse them.')
  const { now } = tx
  const weight = [...matches.keys()].reduce((sum, { action }) => sum + WEIGHT[action], 0)
  const caseId = await new ModerationCaseService(tx).open(
    { subjectKind, subjectId, authorId, text },
    weight,
    now,
  )
  const rows: ContentFilterMatch[] = []
  for (const [{ id: filterId, name: filterName, action }, found] of matches) {
    const id = newId(now)
    // One a line.
    const parts = [...new Set(found.map(({ text }) => text.replace(/\s+/g, ' ')))].join('\n')
    const foundParts = await tx.codec.seal(ContentFilterMatch, 'foundParts', { id, ownerId: authorId }, parts)
    rows.push({ id, caseId, filterId, filterName, action, authorId, foundParts, createdAt: now })
  }
  await new ContentFilterMatchRepository(tx).add(rows)
  // Whoever has written it is told nothing of the case, so it is no event of theirs.
  await new AuditService(tx).recordAll(
    'content-filter.matched',
    rows.map(({ filterId, action }) => ({
      actorId: null,
      target: toGlobalId('moderation_case', caseId),
      details: { filter: toGlobalId('content_filter', filterId), action },
    })),
  )
  return { caseId, subjectKind, subjectId, userId: authorId }
}

/** To be kept from one's readers is a decision, of which one has a right to know why, be it that a machine has made it. */
async function tellHeld(tx: Database, about: Opened, filter: Row, found: readonly Found[]): Promise<void> {
  const users = new UserService(tx)
  // Of many at once, the first is written about.
  await users.hold(about.userId)
  const locale = await users.localeOf(about.userId)
  await new ModerationDecisionService(tx).decide({
    ...about,
    ...holdStatement(filter, found, locale),
    action: ModerationAction.HOLD,
    endsAt: null,
    isDetectedAutomatically: true,
    isAutomated: true,
  })
}

/** What moderators see of what is filtered. */
const MODERATED: Readonly<Record<FilteredKind, ModeratedKind | null>> = {
  [FilteredKind.POST]: ModeratedKind.POST,
  [FilteredKind.COMMENT]: ModeratedKind.COMMENT,
  [FilteredKind.MESSAGE]: null,
}
