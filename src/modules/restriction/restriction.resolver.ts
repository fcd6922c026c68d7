import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { Id } from '../../core/id'
import { userById } from '../user/user.loader'
import { liftRestriction, restrictProcessing } from './restrict-processing'
import { LiftRestrictionInput, RestrictProcessingInput } from './restriction.input'
import { LiftRestrictionPayload, RestrictProcessingPayload } from './restriction.payload'

@Resolver()
export class RestrictionResolver {
  @Action(() => RestrictProcessingPayload, {
    description:
      'Keeps your data and does no more with it, at once: nobody else finds you or what you have written, and you get no mail but about the safety of your account and your rights (GDPR art. 18). With a request that you handle: the same for whoever made it, which needs `privacy:manage`.',
  })
  async restrictProcessing(
    @Ctx() context: Context,
    @InputArgument(() => RestrictProcessingInput) input: RestrictProcessingInput,
  ) {
    return this.changed(context, await restrictProcessing(context.db, input))
  }

  @Action(() => LiftRestrictionPayload, {
    description:
      'Lets your data be used again. With a request that you have handled: that of whoever made it, who is told; that needs `privacy:manage`.',
  })
  async liftRestriction(
    @Ctx() context: Context,
    @InputArgument(() => LiftRestrictionInput) input: LiftRestrictionInput,
  ) {
    return this.changed(context, await liftRestriction(context.db, input))
  }

  private async changed(context: Context, userId: Id) {
    context.forget(userById, userId)
    return done({ user: await context.load(userById, userId) })
  }
}
