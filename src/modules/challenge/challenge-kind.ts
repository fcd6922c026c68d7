/** What waits for a proof. */
export enum ChallengeKind {
  SIGN_UP = 'sign-up',
  SIGN_IN = 'sign-in',
  SIGN_IN_LINK = 'sign-in-link',
  REAUTHENTICATION = 'reauthentication',
  PASSWORD_RESET = 'password-reset',
  INVITATION = 'invitation',
  TOTP_ENROLMENT = 'totp-enrolment',
  PASSKEY_REGISTRATION = 'passkey-registration',
  EMAIL_CHANGE = 'email-change',
  EMAIL_ADDITION = 'email-addition',
  PHONE_VERIFICATION = 'phone-verification',
  PROVIDER_SIGN_IN = 'provider-sign-in',
  PROVIDER_LINK = 'provider-link',
}
