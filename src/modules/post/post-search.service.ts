import { rejected, UserErrorCode } from '../../core/error'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { PostRepository, type PostRow } from './post.repository'
import {
  PostSearchRepository,
  type PostHighlight,
  type PostSearchFilter,
  type RankedPost,
} from './post-search.repository'

export type { PostHighlight, PostSearchFilter } from './post-search.repository'

/** A post that was found, and what was looked for. */
export interface FoundPostRow extends RankedPost {
  post: PostRow
  text: string
}

/** Posts, found by their words. */
export class PostSearchService {
  private readonly search: PostSearchRepository

  constructor(private readonly db: Database) {
    this.search = new PostSearchRepository(db)
  }

  /** What is found, the best first, and how much that is. @throws Rejected INVALID where there is no word to look for */
  async list(
    text: string,
    filter: PostSearchFilter,
    request: PageRequest,
  ): Promise<{ page: Page<FoundPostRow>; count: number }> {
    const wanted = wantedOf(text)
    if (!/[\p{L}\p{N}]/u.test(wanted))
      throw rejected('query', UserErrorCode.INVALID, 'Name a word to look for: it has a letter or a digit.')
    const similarTo = isPlain(text) ? wanted : null
    const { page, count } = await this.search.list({ text, similarTo, filter }, request)
    return { page: { ...page, rows: await this.withPosts(page.rows, text) }, count }
  }

  /** Where these posts have what was looked for. */
  async highlight(ids: readonly Id[], text: string): Promise<Map<Id, PostHighlight>> {
    return this.search.highlight(ids, text)
  }

  /** One that is gone meanwhile is left out. */
  private async withPosts(found: readonly RankedPost[], text: string): Promise<FoundPostRow[]> {
    const posts = await new PostRepository(this.db).lookup(found.map(({ id }) => id))
    return found.flatMap((one) => {
      const post = posts.find(({ id }) => id === one.id)
      return post ? [{ ...one, post, text }] : []
    })
  }
}

/** Whoever says more than words wants just that, and nothing similar. */
const isPlain = (text: string): boolean => !/"|(?<!\S)-/.test(text)

/** What is looked for, without what must not be there. */
const wantedOf = (text: string): string =>
  text
    .replace(/(?<!\S)-(?:"[^"]*"?|\S+)/g, ' ')
    .replaceAll('"', ' ')
    .trim()
