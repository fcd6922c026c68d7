import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { userById } from '../user/user.loader'
import { changeUsername } from './change-username'
import { ChangeUsernameInput } from './username.input'
import { ChangeUsernamePayload } from './username.payload'

@Resolver()
export class UsernameResolver {
  @Action(() => ChangeUsernamePayload, {
    description:
      'Gives you another username, with which you sign in from then on; at most three times in 30 days. The old one leads to you for 90 days (`userByUsername`), and nobody else can have it meanwhile.',
  })
  async changeUsername(
    @Ctx() context: Context,
    @InputArgument(() => ChangeUsernameInput) input: ChangeUsernameInput,
  ) {
    const userId = await changeUsername(context.db, input)
    context.forget(userById, userId)
    return done({ user: await context.load(userById, userId) })
  }
}
