import { rejected, UserErrorCode } from '../../core/error'
import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ChallengeKind } from '../challenge/challenge-kind'
import {
  ChallengeService,
  passkeyOwner,
  type Challenge,
  type MailProof,
} from '../challenge/challenge.service'
import { EmailService } from '../email/email.service'
import { FactorService } from '../factor/factor.service'
import { MailService } from '../mail/mail.service'
import { PasskeyService } from '../passkey/passkey.service'
import { PasswordService, type PasswordProof } from '../password/password.service'
import { RecoveryCodeService } from '../recovery-code/recovery-code.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { ThrottleService, type Tries } from '../throttle/throttle.service'
import type { ProofInput } from './authentication.input'

/** Who has been proven, and by which password, where it was one. */
export interface Proof {
  userId: Id
  password?: PasswordProof
}

type AnyProofInput = ProofInput & { token?: string }

/** Which field of the input holds the proof. */
export const FIELD_OF = {
  [AuthenticationMethod.PASSWORD]: 'password',
  [AuthenticationMethod.EMAIL_LINK]: 'token',
  [AuthenticationMethod.EMAIL_CODE]: 'code',
  [AuthenticationMethod.SMS_CODE]: 'code',
  [AuthenticationMethod.TOTP]: 'code',
  [AuthenticationMethod.PASSKEY]: 'passkey',
  [AuthenticationMethod.RECOVERY_CODE]: 'code',
  [AuthenticationMethod.IDENTITY_PROVIDER]: 'code',
} as const satisfies Record<AuthenticationMethod, keyof AnyProofInput>

/**
 * Counts a try at a proof of the person whom the challenge is about, or who is named. The second factor has a count of its own,
 * which knowing the password does not take back, nor does beginning again; so have links by mail, for which anybody can
 * ask. A proof of nothing counts on the caller's address alone: it must not close what is somebody's.
 */
export function tryProof(
  db: Database,
  method: AuthenticationMethod,
  challenge: Challenge | null,
  userId: Id | null = challenge?.subjectId ?? null,
): Promise<Tries> {
  const throttles = new ThrottleService(db)
  if (userId === null) return throttles.trySecret(`nobody:${newId(db.now)}`)
  const isByMail = challenge?.kind === ChallengeKind.SIGN_IN_LINK
  const account =
    method === AuthenticationMethod.PASSWORD ? userId : `${isByMail ? 'link' : 'factor'}:${userId}`
  return throttles.trySecret(account, userId)
}

/** What a field holds. @throws Rejected REQUIRED when it is missing. */
export function given<Input extends object, Field extends keyof Input & string>(
  input: Input,
  field: Field,
): NonNullable<Input[Field]> {
  const value = input[field]
  if (value === undefined || value === null)
    throw rejected(field, UserErrorCode.REQUIRED, 'This way of proving who you are needs it.')
  return value
}

/** @throws Rejected REQUIRED when the field that this method needs is missing. */
export function assertGiven(input: AnyProofInput): void {
  given(input, FIELD_OF[input.method])
}

/** Which field holds the proof from a mail. @throws Rejected REQUIRED when none does. */
export function fieldOfMailProof({ token, challengeId, code }: MailProof): 'token' | 'code' {
  if (token !== undefined) return 'token'
  if (challengeId !== undefined && code !== undefined) return 'code'
  throw rejected([], UserErrorCode.REQUIRED, 'Give the token of the link, or the challenge with the code.')
}

/**
 * Whom this proves; null when it is wrong. What serves once is used up. `challenge` is what the proof answers; a password, an
 * authenticator app and a recovery code can do without one.
 */
export async function prove(
  db: Database,
  userId: Id,
  input: AnyProofInput,
  challenge: Challenge | null,
): Promise<Proof | null> {
  const proven = (isRight: boolean): Proof | null => (isRight ? { userId } : null)
  switch (input.method) {
    case AuthenticationMethod.PASSWORD: {
      const password = await new PasswordService(db).verify(userId, input.password!)
      return password && { userId, password }
    }
    case AuthenticationMethod.TOTP:
      return proven(await new FactorService(db).verifyTotp(userId, input.code!))
    case AuthenticationMethod.RECOVERY_CODE:
      return proven(await new RecoveryCodeService(db).use(userId, input.code!))
    case AuthenticationMethod.PASSKEY: {
      if (challenge === null) return null
      const passkeys = new PasskeyService(db)
      const owner = await passkeys.verify(challenge.id, input.passkey!, passkeyOwner(challenge))
      return owner === null ? null : { userId: owner }
    }
    default:
      return proven(challenge !== null && new ChallengeService(db).isProven(challenge, input))
  }
}

/** What the trail and the person learn of a proof that was accepted. Call it inside the transaction that rests on it. */
export async function noteUse(tx: Database, userId: Id, { method }: AnyProofInput): Promise<void> {
  if (method === AuthenticationMethod.EMAIL_CODE) await new FactorService(tx).useEmailCode(userId)
  if (method === AuthenticationMethod.EMAIL_CODE || method === AuthenticationMethod.EMAIL_LINK)
    await new EmailService(tx).noteArrivalAtPrimary(userId)
  if (method !== AuthenticationMethod.RECOVERY_CODE) return
  const left = await new RecoveryCodeService(tx).left(userId)
  const eventId = await new AuditService(tx).record('recovery-code.used', {
    actorId: userId,
    details: { left },
  })
  await new MailService(tx).send(userId, 'recoveryCodeUsed', { left, eventId })
}
