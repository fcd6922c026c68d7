import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import type { Context } from '../../context/context'
import { userById } from '../user/user.loader'
import { deactivateAccount } from './deactivate-account'
import { DeactivateAccountPayload } from './deactivation.payload'

@Resolver()
export class DeactivationResolver {
  @Action(() => DeactivateAccountPayload, {
    description:
      'Deactivates your account until you sign in again, which brings it back as it was: meanwhile you and what you have written are shown to nobody but staff. All sessions end, this one too, and all access tokens. To have it erased, see `requestErasure`.',
  })
  async deactivateAccount(@Ctx() context: Context) {
    const userId = await deactivateAccount(context.db)
    context.forget(userById, userId)
    return done({ user: await context.load(userById, userId) })
  }
}
