import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ChallengeType } from '../challenge/challenge.type'
import { PasskeyType } from '../passkey/passkey.type'
import { UserType } from '../user/user.type'

/** What every change of second factors answers. */
@Type('FactorPayload', 'The answer to a change of second factors.')
abstract class FactorPayload extends MutationPayload {
  @Shown(() => UserType, 'The person, whose `security` shows what is on now.', true)
  user?: UserType
}

/** What every new second factor answers. */
@Type('AddedFactorPayload', 'The answer to a new second factor.')
abstract class AddedFactorPayload extends FactorPayload {
  @Shown(
    () => [String],
    'With the first second factor: the recovery codes, each of which serves once. They are shown only here.',
    true,
  )
  recoveryCodes?: string[] | null
}

@Type('TotpEnrolment', 'What an authenticator app needs to know. Shown only here.')
export class TotpEnrolment {
  @Shown(() => String, 'The key in base32, for typing in.')
  key!: string

  @Shown(() => String, 'The same as a link that authenticator apps open: `otpauth://totp/…`.')
  uri!: string

  @Shown(() => String, 'The same as a QR code: an SVG image.')
  qrCode!: string
}

@Type('StartTotpPayload', 'The answer of `startTotp`.')
export class StartTotpPayload extends MutationPayload {
  @Shown(() => TotpEnrolment, 'What the app needs.', true)
  enrolment?: TotpEnrolment

  @Shown(() => ChallengeType, 'What waits for the first code; `confirmTotp` takes it.', true)
  challenge?: ChallengeType
}

@Type('ConfirmTotpPayload', 'The answer of `confirmTotp`.')
export class ConfirmTotpPayload extends AddedFactorPayload {}

@Type('RemoveTotpPayload', 'The answer of `removeTotp`.')
export class RemoveTotpPayload extends FactorPayload {}

@Type('AddEmailCodePayload', 'The answer of `addEmailCode`.')
export class AddEmailCodePayload extends AddedFactorPayload {}

@Type('RemoveEmailCodePayload', 'The answer of `removeEmailCode`.')
export class RemoveEmailCodePayload extends FactorPayload {}

@Type('StartPasskeyRegistrationPayload', 'The answer of `startPasskeyRegistration`.')
export class StartPasskeyRegistrationPayload extends MutationPayload {
  @Shown(() => ChallengeType, 'What waits for the passkey; `registerPasskey` takes it.', true)
  challenge?: ChallengeType
}

@Type('RegisterPasskeyPayload', 'The answer of `registerPasskey`.')
export class RegisterPasskeyPayload extends AddedFactorPayload {
  @Shown(() => PasskeyType, 'The new passkey.', true)
  passkey?: PasskeyType
}

@Type('RenamePasskeyPayload', 'The answer of `renamePasskey`.')
export class RenamePasskeyPayload extends MutationPayload {
  @Shown(() => PasskeyType, 'The passkey.', true)
  passkey?: PasskeyType
}

@Type('RemovePasskeyPayload', 'The answer of `removePasskey`.')
export class RemovePasskeyPayload extends FactorPayload {}

@Type('ReplaceRecoveryCodesPayload', 'The answer of `replaceRecoveryCodes`.')
export class ReplaceRecoveryCodesPayload extends MutationPayload {
  @Shown(() => [String], 'The new codes, each of which serves once. They are shown only here.', true)
  recoveryCodes?: string[]
}
