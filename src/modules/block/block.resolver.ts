import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { toGlobalId, type Id } from '../../core/id'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { BlockKind } from './block-kind'
import { BlockUserInput, MuteUserInput, UnblockUserInput, UnmuteUserInput } from './block.input'
import { BlockUserPayload, MuteUserPayload, UnblockUserPayload, UnmuteUserPayload } from './block.payload'
import type { BlockRow } from './block.repository'
import { BlockService } from './block.service'
import { BlockConnection, BlockType } from './block.type'

@Resolver(() => BlockType)
export class BlockResolver {
  @Action(() => BlockUserPayload, {
    description:
      'Blocks somebody, who is not told: they cannot reach you, and you do not see what they write. Needs a session.',
  })
  async blockUser(@Ctx() context: Context, @InputArgument(() => BlockUserInput) { userId }: BlockUserInput) {
    return done({ block: await context.use(BlockService).block(userId) })
  }

  @Action(() => UnblockUserPayload, {
    description: 'Takes a block back; what they wrote meanwhile is shown again. Needs a session.',
  })
  async unblockUser(
    @Ctx() context: Context,
    @InputArgument(() => UnblockUserInput) { userId }: UnblockUserInput,
  ) {
    const id = await context.use(BlockService).unblock(userId)
    return done({ unblockedUserId: toGlobalId('user', id) })
  }

  @Action(() => MuteUserPayload, {
    description:
      'Leaves somebody out of your lists and notifications, until a moment or until you take it back; they are not told. Needs a session.',
  })
  async muteUser(@Ctx() context: Context, @InputArgument(() => MuteUserInput) input: MuteUserInput) {
    return done({ block: await context.use(BlockService).mute(input.userId, input.until ?? null) })
  }

  @Action(() => UnmuteUserPayload, { description: 'Mutes somebody no longer. Needs a session.' })
  async unmuteUser(
    @Ctx() context: Context,
    @InputArgument(() => UnmuteUserInput) { userId }: UnmuteUserInput,
  ) {
    const id = await context.use(BlockService).unmute(userId)
    return done({ unmutedUserId: toGlobalId('user', id) })
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who is kept away; null when they are not shown any more.',
  })
  user(@Ctx() context: Context, @Root() { blockedId }: BlockRow): Promise<UserRow | null> {
    return context.load(userById, blockedId)
  }
}

@Resolver(() => UserType)
export class UserBlocksResolver {
  @FieldResolver(() => BlockConnection, {
    nullable: true,
    description: 'Whom this person has blocked, the newest first. For the person themselves, in a session.',
  })
  blockedUsers(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<BlockRow>> {
    return connectionOfBlocks(context, id, BlockKind.BLOCKED, page)
  }

  @FieldResolver(() => BlockConnection, {
    nullable: true,
    description: 'Whom this person has muted, the newest first. For the person themselves, in a session.',
  })
  mutedUsers(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<BlockRow>> {
    return connectionOfBlocks(context, id, BlockKind.MUTED, page)
  }
}

async function connectionOfBlocks(
  context: Context,
  personId: Id,
  kind: BlockKind,
  page: PageArguments,
): Promise<Connection<BlockRow>> {
  const blocks = context.use(BlockService)
  return toConnection(await blocks.list(personId, kind, page), () => blocks.count(personId, kind))
}
