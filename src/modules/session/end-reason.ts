/** Why a session ended before its time. */
export enum EndReason {
  SIGNED_OUT = 'signed-out',
  REVOKED = 'revoked',
  REVOKED_BY_STAFF = 'revoked-by-staff',
  PASSWORD_CHANGED = 'password-changed',
  FACTOR_CHANGED = 'factor-changed',
  PASSWORD_RESET = 'password-reset',
  EMAIL_CHANGED = 'email-changed',
  DISOWNED = 'disowned',
}
