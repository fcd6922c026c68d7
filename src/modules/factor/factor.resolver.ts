import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { requireSignedIn } from '../../core/viewer'
import { PasskeyService } from '../passkey/passkey.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { userById } from '../user/user.loader'
import {
  addEmailCode,
  confirmTotp,
  registerPasskey,
  replaceRecoveryCodes,
  startPasskeyRegistration,
  startTotp,
} from './enrolment'
import {
  ConfirmTotpInput,
  RegisterPasskeyInput,
  RemoveEmailCodeInput,
  RemovePasskeyInput,
  RemoveTotpInput,
  RenamePasskeyInput,
} from './factor.input'
import {
  AddEmailCodePayload,
  ConfirmTotpPayload,
  RegisterPasskeyPayload,
  RemoveEmailCodePayload,
  RemovePasskeyPayload,
  RemoveTotpPayload,
  RenamePasskeyPayload,
  ReplaceRecoveryCodesPayload,
  StartPasskeyRegistrationPayload,
  StartTotpPayload,
} from './factor.payload'
import { removeFactor, removePasskey } from './removal'

@Resolver()
export class FactorResolver {
  @Action(() => StartTotpPayload, {
    description: 'Begins setting an authenticator app up. Nothing is on before `confirmTotp`.',
  })
  async startTotp(@Ctx() context: Context) {
    return done(await startTotp(context.db))
  }

  @Action(() => ConfirmTotpPayload, {
    credential: true,
    description:
      'Turns the authenticator app on, in place of an earlier one. All other sessions end, and a mail tells you.',
  })
  async confirmTotp(@Ctx() context: Context, @InputArgument(() => ConfirmTotpInput) input: ConfirmTotpInput) {
    return this.changed(context, { recoveryCodes: await confirmTotp(context.db, input) })
  }

  @Action(() => RemoveTotpPayload, {
    description: 'Turns the authenticator app off. All other sessions end, and a mail tells you.',
  })
  async removeTotp(
    @Ctx() context: Context,
    @InputArgument(() => RemoveTotpInput) { newPassword }: RemoveTotpInput,
  ) {
    await removeFactor(context.db, AuthenticationMethod.TOTP, newPassword)
    return this.changed(context, {})
  }

  @Action(() => AddEmailCodePayload, {
    description:
      'Has a code by mail asked for at every sign-in. An authenticator app or a passkey protects better. All other sessions end, and a mail tells you.',
  })
  async addEmailCode(@Ctx() context: Context) {
    return this.changed(context, { recoveryCodes: await addEmailCode(context.db) })
  }

  @Action(() => RemoveEmailCodePayload, {
    description: 'Codes by mail are not asked for any more. All other sessions end, and a mail tells you.',
  })
  async removeEmailCode(
    @Ctx() context: Context,
    @InputArgument(() => RemoveEmailCodeInput) { newPassword }: RemoveEmailCodeInput,
  ) {
    await removeFactor(context.db, AuthenticationMethod.EMAIL_CODE, newPassword)
    return this.changed(context, {})
  }

  @Action(() => StartPasskeyRegistrationPayload, {
    description:
      "Begins the registration of a passkey. The challenge's `passkeyOptions` are for the browser.",
  })
  async startPasskeyRegistration(@Ctx() context: Context) {
    return done({ challenge: await startPasskeyRegistration(context.db) })
  }

  @Action(() => RegisterPasskeyPayload, {
    description:
      'Keeps a new passkey: it signs in by itself, and is asked for after the password. All other sessions end, and a mail tells you.',
  })
  async registerPasskey(
    @Ctx() context: Context,
    @InputArgument(() => RegisterPasskeyInput) input: RegisterPasskeyInput,
  ) {
    return this.changed(context, await registerPasskey(context.db, input))
  }

  @Action(() => RenamePasskeyPayload, { description: 'Renames a passkey of yours.' })
  async renamePasskey(
    @Ctx() context: Context,
    @InputArgument(() => RenamePasskeyInput) { passkeyId, name }: RenamePasskeyInput,
  ) {
    return done({ passkey: await context.use(PasskeyService).rename(passkeyId, name) })
  }

  @Action(() => RemovePasskeyPayload, {
    description: 'Removes a passkey of yours. All other sessions end, and a mail tells you.',
  })
  async removePasskey(
    @Ctx() context: Context,
    @InputArgument(() => RemovePasskeyInput) { passkeyId, newPassword }: RemovePasskeyInput,
  ) {
    await removePasskey(context.db, passkeyId, newPassword)
    return this.changed(context, {})
  }

  @Action(() => ReplaceRecoveryCodesPayload, {
    description: 'Makes new recovery codes; the old ones are void, and a mail tells you.',
  })
  async replaceRecoveryCodes(@Ctx() context: Context) {
    return done({ recoveryCodes: await replaceRecoveryCodes(context.db) })
  }

  private async changed<Result extends object>(context: Context, result: Result) {
    const { userId } = requireSignedIn(context.viewer)
    return done({ ...result, user: await context.load(userById, userId) })
  }
}
