import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { attributeAudiencesByUser } from '../attribute/attribute.loader'
import { avatarByUser } from '../avatar/avatar.loader'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { SetProfileVisibilityInput } from './profile-visibility.input'
import { SetProfileVisibilityPayload } from './profile-visibility.payload'
import { ProfileVisibilityType } from './profile-visibility.type'
import { setProfileVisibility } from './set-profile-visibility'

@Resolver(() => UserType)
export class ProfileVisibilityResolver {
  @Action(() => SetProfileVisibilityPayload, {
    description:
      'Says to whom you show what is on your profile. To whom it is not shown, it is as if it were not set.',
  })
  async setProfileVisibility(
    @Ctx() context: Context,
    @InputArgument(() => SetProfileVisibilityInput) input: SetProfileVisibilityInput,
  ) {
    const userId = await setProfileVisibility(context.db, input)
    context.forget(userById, userId)
    context.forget(attributeAudiencesByUser, userId)
    context.forget(avatarByUser, userId)
    return done({ user: await context.load(userById, userId) })
  }

  @FieldResolver(() => ProfileVisibilityType, {
    nullable: true,
    description: 'To whom they show what is on their profile. Self, or `users:read`.',
  })
  async profileVisibility(@Ctx() context: Context, @Root() user: UserRow): Promise<ProfileVisibilityType> {
    const attributes = await context.load(attributeAudiencesByUser, user.id)
    const { bioAudience: bio, avatarAudience: avatar, lastSeenAudience: lastSeen } = user
    return { bio, avatar: avatar!, lastSeen, attributes }
  }
}
