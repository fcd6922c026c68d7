import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import type { Context } from '../../context/context'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { AccessLogService } from './access-log.service'
import { accessReason, type AccessRecordRow } from './access-record.loader'
import { AccessRecordConnection, AccessRecordType } from './access-record.type'

@Resolver(() => AccessRecordType)
export class AccessRecordResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who looked.' })
  reader(@Ctx() context: Context, @Root() { readerId }: AccessRecordRow): Promise<UserRow | null> {
    return context.load(userById, readerId)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why, in the words of whoever looked; null where nothing was said.',
  })
  reason(@Ctx() context: Context, @Root() record: AccessRecordRow): Promise<string | null> {
    return context.load(accessReason, record)
  }
}

@Resolver(() => UserType)
export class UserAccessLogResolver {
  @FieldResolver(() => AccessRecordConnection, {
    nullable: true,
    description:
      "Who has looked at this person's data by a permission over them, newest first. Self, or `audit:read`.",
  })
  async accessLog(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args() page: PageArguments,
  ): Promise<Connection<AccessRecordRow>> {
    const log = context.use(AccessLogService)
    return toConnection(await log.listOf(id, page), () => log.countOf(id))
  }
}
