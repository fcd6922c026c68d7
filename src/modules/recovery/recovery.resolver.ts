import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { requireSignedIn } from '../../core/viewer'
import { userById } from '../user/user.loader'
import { addEmail, changeEmail, confirmEmailChange } from './change-email'
import { disownOwnEvent, disownTold, undoEmailChange } from './disown'
import { confirmEmail, makeEmailPrimary, removeEmail } from './further-emails'
import {
  AddEmailInput,
  ChangeEmailInput,
  ConfirmEmailChangeInput,
  ConfirmEmailInput,
  DisownSecurityEventInput,
  MakeEmailPrimaryInput,
  RemoveEmailInput,
  UndoEmailChangeInput,
} from './recovery.input'
import {
  AddEmailPayload,
  ChangeEmailPayload,
  ConfirmEmailChangePayload,
  ConfirmEmailPayload,
  DisownSecurityEventPayload,
  MakeEmailPrimaryPayload,
  RemoveEmailPayload,
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

  @Action(() => AddEmailPayload, {
    description:
      'Begins to add a further e-mail address to yours, of which you may have 10: sends a code there. Nothing changes before `confirmEmail`.',
  })
  async addEmail(@Ctx() context: Context, @InputArgument(() => AddEmailInput) input: AddEmailInput) {
    return done({ challenge: await addEmail(context.db, input) })
  }

  @Action(() => ConfirmEmailPayload, {
    credential: true,
    description:
      'Makes a further address yours, with the code that was sent there. One can sign in with it; mails about the account go to the primary one, and one tells you.',
  })
  async confirmEmail(
    @Ctx() context: Context,
    @InputArgument(() => ConfirmEmailInput) input: ConfirmEmailInput,
  ) {
    await confirmEmail(context.db, input)
    return this.changed(context, {})
  }

  @Action(() => MakeEmailPrimaryPayload, {
    description:
      'Makes a verified address of yours the primary one. All other sessions end, and a mail to the one until now, which stays yours, lets it be taken back for a week.',
  })
  async makeEmailPrimary(
    @Ctx() context: Context,
    @InputArgument(() => MakeEmailPrimaryInput) { emailId }: MakeEmailPrimaryInput,
  ) {
    return this.changed(context, { endedCount: await makeEmailPrimary(context.db, emailId) })
  }

  @Action(() => RemoveEmailPayload, {
    description:
      'Removes an address of yours; not the primary one, where a mail tells you. Nobody else can have it for a week.',
  })
  async removeEmail(
    @Ctx() context: Context,
    @InputArgument(() => RemoveEmailInput) { emailId }: RemoveEmailInput,
  ) {
    await removeEmail(context.db, emailId)
    return this.changed(context, {})
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
      'Says that something was not you, and secures the account: all sessions end, this one too; the e-mail address is again that of a week ago; further addresses, phone numbers, second factors and identities that were added since are gone, and access tokens end; the password does not work any more, and a mail lets you choose another; until then, for a week, nothing can be changed about how you sign in.',
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

  private async changed<Result extends object>(context: Context, result: Result) {
    const { userId } = requireSignedIn(context.viewer)
    return done({ ...result, user: await context.load(userById, userId) })
  }
}
