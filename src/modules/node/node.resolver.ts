import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import { findNode, Node } from '../../api/node'
import type { Context } from '../../context/context'
import { ApiError } from '../../core/error'
import { lacksConsent } from '../../core/viewer'
import { fromGlobalId } from '../../core/id'
import { MAX_PAGE_SIZE } from '../../core/page'

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: 'The thing with this global id; null when it is unknown, malformed or not visible.',
  })
  node(
    @Ctx() context: Context,
    @Arg('id', () => ID, { description: 'A global id.' }) id: string,
  ): Promise<object | null> {
    return findNode(context, fromGlobalId(id))
  }

  @Query(() => [Node], {
    nullable: 'items',
    description: `The things with these global ids, in their order; at most ${MAX_PAGE_SIZE}.`,
  })
  async nodes(
    @Ctx() context: Context,
    @Arg('ids', () => [ID], { description: 'Global ids.' }) ids: string[],
  ): Promise<(object | null)[]> {
    if (ids.length > MAX_PAGE_SIZE)
      throw new ApiError('BAD_USER_INPUT', `Ask for at most ${MAX_PAGE_SIZE} ids at once.`)
    // A refusal of the whole list would cost the whole answer.
    if (lacksConsent(context.viewer)) return ids.map(() => null)
    return Promise.all(ids.map((id) => findNode(context, fromGlobalId(id))))
  }
}
