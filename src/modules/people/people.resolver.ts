import { Args, Ctx, Query, Resolver } from 'type-graphql'
import { toConnection, type Connection } from '../../api/connection'
import type { Context } from '../../context/context'
import type { UserRow } from '../user/user.loader'
import { UserOrder } from '../user/user.service'
import { UserConnection } from '../user/user.type'
import { UserArguments } from './people.input'
import { PeopleService } from './people.service'

@Resolver()
export class PeopleResolver {
  @Query(() => UserConnection, {
    nullable: true,
    description: 'All people, or those that a filter leaves. Needs `users:read`.',
  })
  async users(
    @Ctx() context: Context,
    @Args(() => UserArguments) { filter: given, orderBy, ...page }: UserArguments,
  ): Promise<Connection<UserRow>> {
    const people = context.use(PeopleService)
    const filter = given ?? {}
    const order = orderBy ?? UserOrder.NEWEST_FIRST
    return toConnection(await people.list(filter, order, page), () => people.count(filter))
  }
}
