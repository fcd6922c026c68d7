import { registerEnumType } from 'type-graphql'

/** A way to prove who one is. */
export enum AuthenticationMethod {
  PASSWORD = 'password',
  EMAIL_LINK = 'email-link',
  EMAIL_CODE = 'email-code',
  SMS_CODE = 'sms-code',
  TOTP = 'totp',
  PASSKEY = 'passkey',
  RECOVERY_CODE = 'recovery-code',
  IDENTITY_PROVIDER = 'identity-provider',
}

/** Where each proof comes from: two of the same origin are one factor (NIST SP 800-63B-4 §2.2.1). */
const ORIGINS: Record<AuthenticationMethod, 'memory' | 'mailbox' | 'possession'> = {
  [AuthenticationMethod.PASSWORD]: 'memory',
  [AuthenticationMethod.EMAIL_LINK]: 'mailbox',
  [AuthenticationMethod.EMAIL_CODE]: 'mailbox',
  [AuthenticationMethod.SMS_CODE]: 'possession',
  [AuthenticationMethod.IDENTITY_PROVIDER]: 'mailbox',
  [AuthenticationMethod.TOTP]: 'possession',
  [AuthenticationMethod.PASSKEY]: 'possession',
  [AuthenticationMethod.RECOVERY_CODE]: 'possession',
}

/** Whether the second proof shows something that the first does not. */
export const differ = (one: AuthenticationMethod, other: AuthenticationMethod): boolean =>
  ORIGINS[one] !== ORIGINS[other]

/**
 * Whether these proofs make two factors. A passkey alone does: its device has asked for a finger, a face or a number, or
 * it counts only beside another proof.
 */
export const areTwoFactors = (methods: readonly AuthenticationMethod[]): boolean =>
  methods.includes(AuthenticationMethod.PASSKEY) || new Set(methods.map((method) => ORIGINS[method])).size > 1

registerEnumType(AuthenticationMethod, {
  name: 'AuthenticationMethod',
  description: 'A way to prove who you are. Append-only.',
  valuesConfig: {
    PASSWORD: { description: 'With the password.' },
    EMAIL_LINK: { description: 'With the link that was sent by mail; its `token` is the proof.' },
    EMAIL_CODE: { description: 'With the code that was sent by mail.' },
    SMS_CODE: {
      description:
        'With the code that was sent by text message. It proves a phone number, and signs nobody in.',
    },
    TOTP: { description: 'With the six digits that an authenticator app shows (RFC 6238).' },
    PASSKEY: { description: 'With a passkey or security key (WebAuthn).' },
    RECOVERY_CODE: { description: 'With one of the recovery codes, each of which serves once.' },
    IDENTITY_PROVIDER: {
      description: 'At an identity provider; the `code` that it led back with is the proof.',
    },
  },
})
