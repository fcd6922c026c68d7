import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { toConnection, type Connection } from '../../api/connection'
import { TextSegmentType, type TextSegment } from '../../api/text-segment'
import { Costs } from '../../api/type'
import type { Context } from '../../context/context'
import { PostSearchArguments } from './post-search.input'
import { highlightOf, foundKey } from './post-search.loader'
import { PostSearchService, type FoundPostRow } from './post-search.service'
import { FoundPostConnection, FoundPostType } from './post-search.type'

/** As much as five lists; so many statements may be tried until enough is found. */
const SEARCH_COST = 400

/** Of a long text that is taken apart. */
const EXCERPT_COST = 10

@Resolver(() => FoundPostType)
export class PostSearchResolver {
  @Query(() => FoundPostConnection, {
    description:
      'Published posts that have these words, each understood in its own language, the best first; as far as the viewer may see them. ' +
      'Words that thousands of posts have are looked for in the newest: a thousand matches are ranked and counted at most. ' +
      'Where hardly any post has the words, titles that are similar follow: with a misspelling, or with words that begin so.',
  })
  @Costs(SEARCH_COST)
  async searchPosts(
    @Ctx() context: Context,
    @Args(() => PostSearchArguments) { query, filter = {}, ...request }: PostSearchArguments,
  ): Promise<Connection<FoundPostRow>> {
    const { page, count } = await context.use(PostSearchService).list(query, filter, request)
    return toConnection(page, () => Promise.resolve(count))
  }

  @FieldResolver(() => [TextSegmentType], { description: 'The title, with what was looked for set apart.' })
  async titleHighlight(@Ctx() context: Context, @Root() found: FoundPostRow): Promise<TextSegment[]> {
    return (await context.load(highlightOf, foundKey(found)))?.title ?? []
  }

  @FieldResolver(() => [TextSegmentType], {
    description: 'Those pieces of the text that have what was looked for, else its beginning.',
  })
  @Costs(EXCERPT_COST)
  async excerptHighlight(@Ctx() context: Context, @Root() found: FoundPostRow): Promise<TextSegment[]> {
    return (await context.load(highlightOf, foundKey(found)))?.excerpt ?? []
  }
}
