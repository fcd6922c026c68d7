/** Why a session ended. EXPIRED and IDLE are derived from its limits, and stored nowhere. */
export enum EndReason {
  SIGNED_OUT = 'signed-out',
  REVOKED = 'revoked',
  REVOKED_BY_STAFF = 'revoked-by-staff',
  PASSWORD_CHANGED = 'password-changed',
  FACTOR_CHANGED = 'factor-changed',
  PASSWORD_RESET = 'password-reset',
  PASSWORD_RESET_REQUIRED = 'password-reset-required',
  TOKEN_REUSED = 'token-reused',
  EXPIRED = 'expired',
  IDLE = 'idle',
  EMAIL_CHANGED = 'email-changed',
  DISOWNED = 'disowned',
  SUSPENDED = 'suspended',
  DEACTIVATED = 'deactivated',
  ERASED = 'erased',
}
