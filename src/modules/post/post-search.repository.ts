import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { TextSegment } from '../../api/text-segment'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { inMemory, readPage, selectRows, type ListOrder } from '../../db/page'
import { PLANNED_ANEW } from '../../db/preparing-client'
import { readSlices } from '../../db/time-slices'
import { Post } from './post.entity'
import { IS_LISTED, normaliseTag, PostRepository } from './post.repository'
import { isPostListed, isPostVisible } from './post-visibility'

/** Which published posts are looked through; what is left out says nothing. */
export interface PostSearchFilter {
  tag?: string
  authorId?: Id
  /** A BCP 47 tag, of which the primary language counts. */
  language?: string
  publishedSince?: Date
  publishedBefore?: Date
}

/** What is looked for. */
export interface PostQuery {
  /** As people type it: words, `"one after another"`, `-without`, `either or other`. */
  text: string
  /** What titles may be similar to; null where nothing but the words will do. */
  similarTo: string | null
  filter: PostSearchFilter
}

export interface RankedPost {
  id: Id
  /** Above 1 where it has the words, up to 1 where its title is similar. */
  score: number
  isSimilar: boolean
}

/** Where a post has what was looked for. */
export interface PostHighlight {
  title: TextSegment[]
  excerpt: TextSegment[]
}

const BEST_FIRST: ListOrder<RankedPost> = {
  columns: ['score', 'id'],
  descending: true,
  computed: { score: 'real' },
}

/*
 * No index has matches in the order in which they were published, let alone in that of their rank. Either way to them takes for
 * ever with some words: along the order where hardly a post has them, by the index of words where many do. So the newest posts are
 * looked through first, which is enough where many have them; what hardly any has is looked up. What is left, words that some
 * posts have or that were talked about once, is looked up in one slice of time after the other, the newest first.
 */
const BUDGET = {
  /** How many of the newest posts are looked through, */
  near: 3_000,
  /** and how many of them that match will do. */
  enough: 100,
  /** From so many on, there are too many to look all of them up: */
  frequent: 20,
  /** more than so many. */
  candidates: 5_000,
  /** Posts of which the rank is asked. */
  ranked: 1_000,
  /** Where fewer than these have the words, titles that are similar are found as well. */
  few: 20,
}

/** Of the trigrams of what is looked for and of a part of a title, how many both have: two letters exchanged in a word of nine leave 0.43. */
const LEAST_SIMILARITY = 0.4

/** What is looked for as each language understands it, but those that leave nothing of it that could be looked up. */
const UNDERSTOOD = `
  SELECT array_agg(configuration) AS configurations, array_agg(query) AS queries,
    string_agg(DISTINCT format('(%s)', query), ' | ')::tsquery AS any_query
  FROM (
    SELECT oid::regconfig AS configuration, websearch_to_tsquery(oid::regconfig, search_words(:text)) AS query
    FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace
  ) language WHERE querytree(query) NOT IN ('', 'T')`

/** Has it as some language understands it: the one that an index can be asked, and quickly said. */
const MAY_HAVE_WORDS = 'post.search_vector @@ (SELECT any_query FROM understood)'

/** As the language of the post understands it. */
const QUERY_OF_POST =
  '((SELECT queries FROM understood))[array_position((SELECT configurations FROM understood), search_configuration(post.language))]'

const HAS_WORDS = `${MAY_HAVE_WORDS} AND post.search_vector @@ ${QUERY_OF_POST}`

/** By what stands where, less for what is long (1), and below 1 (32). */
const RANK = `1 + ts_rank(post.search_vector, ${QUERY_OF_POST}, 1 | 32)`

/** What is asked of a post besides the words that it has. */
const ASKED =
  'post.id, post.author_id, post.status, post.visibility, post.published_at, post.deleted_at, post.language, post.tags, post.title, post.search_vector'

/** Every question about posts that are looked for. */
export class PostSearchRepository {
  constructor(
    private readonly db: Database,
    private readonly budget = BUDGET,
  ) {}

  /**
   * What is found, the best first, and how much that is.
   * @visibility it lists what `find` finds
   */
  async list(query: PostQuery, request: PageRequest): Promise<{ page: Page<RankedPost>; count: number }> {
    const found = await this.find(query)
    const rows = selectRows(this.db, Post, 'post', ['id'])
    return {
      page: await readPage<RankedPost>(rows, BEST_FIRST, request, inMemory(found, BEST_FIRST)),
      count: found.length,
    }
  }

  /** The newest of what is found, in no order. */
  async find(query: PostQuery): Promise<RankedPost[]> {
    const { enough, frequent, few } = this.budget
    const newest = await this.lookThrough(query)
    if (newest.length >= enough) return newest
    const isAll = !(await this.hasMore(query.filter))
    const all = isAll ? newest : newest.length < frequent ? await this.lookUp(query) : null
    if (all === null) return this.lookUpNewest(query)
    if (all.length >= few || query.similarTo === null) return all
    return distinct([...all, ...(await this.findSimilar(query))])
  }

  /** Where these posts have what was looked for. */
  async highlight(ids: readonly Id[], text: string): Promise<Map<Id, PostHighlight>> {
    const rows = await this.db
      .repo(Post)
      .createQueryBuilder('post')
      .select('post.id', 'id')
      .addSelect(headline('post.title', 'HighlightAll=true'), 'title')
      .addSelect(headline('post.plain_text', 'MaxFragments=2, MinWords=10, MaxWords=25'), 'excerpt')
      .where(...isPostVisible(this.db.caller.viewer, 'post'))
      .andWhere('post.id = ANY(:ids)', { ids })
      .setParameters({ text, ...MARKS, ...HIDING })
      .getRawMany<Record<'id' | 'title' | 'excerpt', string>>()
    return new Map(
      rows.map(({ id, title, excerpt }) => [id, { title: segmentsOf(title), excerpt: segmentsOf(excerpt) }]),
    )
  }

  /** Those of the newest posts that have the words. */
  private async lookThrough(query: PostQuery): Promise<RankedPost[]> {
    const { along, others } = conditionsOf(query.filter)
    const newest = this.select(query, {
      posts: `SELECT ${ASKED} FROM posts post WHERE ${all(IS_LISTED, ...along)}
        ORDER BY post.published_at DESC, post.id DESC LIMIT ${this.budget.near}`,
      conditions: [HAS_WORDS, ...others],
      score: RANK,
    })
    return withWords(newest).limit(this.budget.ranked).getRawMany<RankedPost>()
  }

  /** Whether there are more posts than those. @visibility nobody is told */
  private async hasMore(filter: PostSearchFilter): Promise<boolean> {
    const posts = `SELECT FROM posts post WHERE ${all(IS_LISTED, ...conditionsOf(filter).along)} LIMIT ${this.budget.near + 1}`
    const row = await this.db
      .repo(Post)
      .manager.createQueryBuilder()
      .select('count(*)::int', 'count')
      .from(`(${posts})`, 'post')
      .setParameters({ ...filter })
      .comment(PLANNED_ANEW)
      .getRawOne<{ count: number }>()
    return row!.count > this.budget.near
  }

  /** Those that have the words; null where they are many. */
  private async lookUp(query: PostQuery): Promise<RankedPost[] | null> {
    const { along, others } = conditionsOf(query.filter)
    const { candidates, ranked } = this.budget
    const having = this.select(query, {
      posts: 'SELECT * FROM candidates',
      conditions: [HAS_WORDS, ...along],
      score: RANK,
    }).limit(ranked)
    const found = await withWords(this.db.repo(Post).manager.createQueryBuilder())
      // Nothing but the index of words is asked for them: it has the fewest, or too many.
      .addCommonTableExpression(
        `SELECT ${ASKED} FROM posts post WHERE ${all(IS_LISTED, MAY_HAVE_WORDS, ...others)} LIMIT ${candidates + 1}`,
        'candidates',
        { materialized: true },
      )
      .select('found.*')
      .addSelect('counted.count', 'count')
      .from('(SELECT count(*)::int AS count FROM candidates)', 'counted')
      .leftJoin(`(${having.getQuery()})`, 'found', 'true')
      .setParameters(having.getParameters())
      .getRawMany<RankedPost & { count: number }>()
    if (found[0]!.count > candidates) return null
    return found.filter(({ id }) => id !== null).map(({ count: _, ...post }) => post)
  }

  /** Those that have the words, the newest of them. */
  private async lookUpNewest(query: PostQuery): Promise<RankedPost[]> {
    const { along, others } = conditionsOf(query.filter)
    const { publishedSince, publishedBefore } = query.filter
    const having = this.select(query, {
      posts: `SELECT ${ASKED} FROM posts post WHERE ${all(IS_LISTED, MAY_HAVE_WORDS, ...along, ...others)}`,
      conditions: [HAS_WORDS],
      score: RANK,
    })
    return readSlices<RankedPost>(
      this.db,
      {
        query: withWords(having),
        moment: 'post.published_at',
        span: await new PostRepository(this.db).span(),
      },
      { lowest: publishedSince, highest: publishedBefore, isForward: false },
      this.budget.ranked,
    )
  }

  /** Those whose titles have something similar. */
  private async findSimilar(query: PostQuery): Promise<RankedPost[]> {
    const { along, others } = conditionsOf(query.filter)
    return this.db.transaction(async (tx) => {
      await tx.query(`SET LOCAL pg_trgm.word_similarity_threshold = ${LEAST_SIMILARITY}`)
      return new PostSearchRepository(tx, this.budget)
        .select(query, {
          posts: `SELECT ${ASKED} FROM posts post
            WHERE ${all(IS_LISTED, 'folded(:similarTo) <% folded(post.title)')} LIMIT ${this.budget.candidates}`,
          conditions: [...along, ...others],
          score: 'word_similarity(folded(:similarTo), folded(post.title))',
          isSimilar: true,
        })
        .limit(this.budget.ranked)
        .getRawMany<RankedPost>()
    })
  }

  /** Those of some posts that meet conditions and stand in the viewer's lists, the newest first. */
  private select(
    { text, similarTo, filter }: PostQuery,
    { posts, conditions, score, isSimilar = false }: Way,
  ): SelectQueryBuilder<ObjectLiteral> {
    const { viewer } = this.db.caller
    const query = this.db
      .repo(Post)
      .manager.createQueryBuilder()
      .select('post.id', 'id')
      .addSelect(`(${score})::real`, 'score')
      .addSelect(String(isSimilar), 'isSimilar')
      .from(`(${posts})`, 'post')
    for (const condition of isPostListed(viewer, 'post', filter, this.db.now)) query.andWhere(...condition)
    for (const condition of conditions) query.andWhere(condition)
    return query
      .setParameters({ ...filter, tag: filter.tag && normaliseTag(filter.tag), text, similarTo })
      .orderBy('post.published_at', 'DESC')
      .addOrderBy('post.id', 'DESC')
  }
}

/** Lets a query know what is looked for; how it is best answered depends on that. */
const withWords = (query: SelectQueryBuilder<ObjectLiteral>): SelectQueryBuilder<ObjectLiteral> =>
  query.addCommonTableExpression(UNDERSTOOD, 'understood', { materialized: true }).comment(PLANNED_ANEW)

/** A way to posts. */
interface Way {
  posts: string
  conditions: readonly string[]
  score: string
  isSimilar?: boolean
}

const all = (...conditions: readonly string[]): string => conditions.join(' AND ')

/** What a filter says: of the order along which posts are walked, and besides. */
function conditionsOf({ authorId, publishedSince, publishedBefore, tag, language }: PostSearchFilter) {
  const along = [
    ...(authorId ? ['post.author_id = :authorId'] : []),
    ...(publishedSince ? ['post.published_at >= :publishedSince'] : []),
    ...(publishedBefore ? ['post.published_at < :publishedBefore'] : []),
  ]
  const others = [
    ...(tag ? ['post.tags @> ARRAY[:tag]'] : []),
    // As the index has it.
    ...(language ? ['ARRAY[primary_language(post.language)] @> ARRAY[primary_language(:language)]'] : []),
  ]
  return { along, others }
}

const distinct = (posts: readonly RankedPost[]): RankedPost[] => [
  ...new Map(posts.map((post) => [post.id, post] as const).toReversed()).values(),
]

/*
 * What ts_headline sets apart, it sets apart with characters, so these are taken out of a text before; and what is no word for
 * `search_words` is hidden from it, which would leave out a tag, and take a path for one word.
 */
const MARKS = { start: '\u0001', stop: '\u0002' }
const HIDDEN = [
  ['<', '\u0003'],
  ['/', '\u0004'],
  ['.', '\u0005'],
  ['@', '\u0006'],
] as const
const HIDING = {
  hidden: HIDDEN.map(([shown]) => shown).join(''),
  behind: HIDDEN.map(([, hidden]) => hidden).join(''),
}

const headline = (text: string, options: string): string => {
  const readable = `translate(${text}, :hidden || :behind || :start || :stop, :behind)`
  const configuration = 'search_configuration(post.language)'
  const query = `websearch_to_tsquery(${configuration}, search_words(:text))`
  return `ts_headline(${configuration}, ${readable}, ${query}, 'StartSel="' || :start || '", StopSel="' || :stop || '", ${options}')`
}

function segmentsOf(headline: string): TextSegment[] {
  const { start, stop } = MARKS
  return HIDDEN.reduce((text, [shown, hidden]) => text.replaceAll(hidden, shown), headline)
    .split(start)
    .flatMap((piece, index) => {
      const [match, rest] = index === 0 ? ['', piece] : (piece.split(stop) as [string, string])
      return [
        { text: match, isMatch: true },
        { text: rest, isMatch: false },
      ]
    })
    .filter(({ text }) => text !== '')
}
