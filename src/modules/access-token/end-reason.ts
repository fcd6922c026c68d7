/** Why an access token ended. The last is derived from its expiry, and stored nowhere. */
export enum AccessTokenEndReason {
  REVOKED = 'revoked',
  PASSWORD_RESET = 'password-reset',
  PASSWORD_RESET_REQUIRED = 'password-reset-required',
  DISOWNED = 'disowned',
  DEACTIVATED = 'deactivated',
  EXPIRED = 'expired',
}
