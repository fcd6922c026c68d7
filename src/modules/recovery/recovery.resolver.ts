import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { changeEmail, confirmEmailChange } from './change-email'
import { disownOwnEvent, disownTold, undoEmailChange } from './disown'
import {
  ChangeEmailInput,
  ConfirmEmailChangeInput,
  DisownSecurityEventInput,
  UndoEmailChangeInput,
} from './recovery.input'
import {
  ChangeEmailPayload,
  ConfirmEmailChangePayload,
  DisownSecurityEventPayload,
  UndoEmailChangePayload,
} from './recovery.payload'

@Resolver()
export class RecoveryResolver {
  @Action(() => ChangeEmailPayload, {
    description:
      'Begins a change of your e-mail address: sends a mail to the new one. Nothing changes before `confirmEmailChange`.',
  })
  async changeEmail(@Ctx() context: Context, @InputArgument(() => ChangeEmailInput) input: ChangeEmailInput) {
    return done({ challenge: await changeEmail(context.db, input) })
  }

  @Action(() => ConfirmEmailChangePayload, {
    credential: true,
    description:
      'Makes the new e-mail address the one of the account, while the session that began it lasts. All other sessions end, and a mail to the old address lets it be taken back for a week.',
  })
  async confirmEmailChange(
    @Ctx() context: Context,
    @InputArgument(() => ConfirmEmailChangeInput) input: ConfirmEmailChangeInput,
  ) {
    return done({ endedCount: await confirmEmailChange(context.asStranger(), input) })
  }

  @Action(() => UndoEmailChangePayload, {
    credential: true,
    description:
      'Takes a change of the e-mail address back, and every later one, with the proof from the mail to the old address. It secures the account as `disownSecurityEvent` does.',
  })
  async undoEmailChange(
    @Ctx() context: Context,
    @InputArgument(() => UndoEmailChangeInput) { token }: UndoEmailChangeInput,
  ) {
    await undoEmailChange(context.asStranger(), token)
    return done({})
  }

  @Action(() => DisownSecurityEventPayload, {
    credential: true,
    description:
      'Says that something was not you, and secures the account: all sessions end, this one too; the e-mail address is again that of a week ago, second factors and identities that were added since are gone, and access tokens end; the password does not work any more, and a mail lets you choose another; until then, for a week, nothing can be changed about how you sign in.',
  })
  async disownSecurityEvent(
    @Ctx() context: Context,
    @InputArgument(() => DisownSecurityEventInput) { eventId, token }: DisownSecurityEventInput,
  ) {
    await (token === undefined
      ? disownOwnEvent(context.db, eventId)
      : disownTold(context.asStranger(), token, eventId))
    return done({})
  }
}
