import { Arg, Ctx, FieldResolver, registerEnumType, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { Id } from '../../core/id'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { RemoveUserAvatarInput } from './avatar.input'
import { avatarByUser } from './avatar.loader'
import { RemoveAvatarPayload, RemoveUserAvatarPayload } from './avatar.payload'
import { AvatarService } from './avatar.service'
import { AvatarSize } from './avatar-size'
import { removeUserAvatar } from './remove-user-avatar'

registerEnumType(AvatarSize, {
  name: 'AvatarSize',
  description: 'How large an avatar is; it is always square.',
  valuesConfig: {
    SMALL: { description: '64 pixels wide and high.' },
    MEDIUM: { description: '256 pixels wide and high.' },
    LARGE: { description: '512 pixels wide and high.' },
  },
})

@Resolver(() => UserType)
export class AvatarResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Where the picture is that they show of themselves, as WebP; null where there is none, or they are shown to nobody else. It never changes and can be kept: another picture has another address. It is uploaded by `PUT /avatar`.',
  })
  async avatarUrl(
    @Ctx() context: Context,
    @Root() user: UserRow,
    @Arg('size', () => AvatarSize, { defaultValue: AvatarSize.MEDIUM, description: 'How large.' })
    size: AvatarSize,
  ): Promise<string | null> {
    const avatar = await context.load(avatarByUser, user.id)
    return avatar && context.use(AvatarService).urlOf(avatar, size)
  }

  @Action(() => RemoveAvatarPayload, {
    description: 'Removes your avatar; where it was, there is nothing from then on.',
  })
  async removeAvatar(@Ctx() context: Context) {
    return this.answer(context, await context.use(AvatarService).remove())
  }

  @Action(() => RemoveUserAvatarPayload, {
    description: "Removes somebody's avatar. Needs `users:edit`.",
  })
  async removeUserAvatar(
    @Ctx() context: Context,
    @InputArgument(() => RemoveUserAvatarInput) input: RemoveUserAvatarInput,
  ) {
    return this.answer(context, await removeUserAvatar(context.db, input))
  }

  private async answer(context: Context, userId: Id) {
    context.forget(avatarByUser, userId)
    return done({ user: await context.load(userById, userId) })
  }
}
