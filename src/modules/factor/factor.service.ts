import { grouped } from '../../context/loader'
import { newId, type Id } from '../../core/id'
import { totpStep } from '../../crypto/totp'
import type { Database } from '../../db/database'
import { PasskeyService } from '../passkey/passkey.service'
import { RecoveryCodeService } from '../recovery-code/recovery-code.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { Factor, type FactorKind } from './factor.entity'
import { FactorRepository } from './factor.repository'

/** What can be turned on as a second factor. */
export type SecondFactor = FactorKind | AuthenticationMethod.PASSKEY

/** The second factors of people: an authenticator app, passkeys, codes by mail, and the recovery codes that stand in for them. */
export class FactorService {
  private readonly factors: FactorRepository

  constructor(private readonly db: Database) {
    this.factors = new FactorRepository(db)
  }

  /** The ways in which somebody can give a second proof; none where no second factor is on. */
  async methodsOf(userId: Id): Promise<AuthenticationMethod[]> {
    return (await this.methodsOfUsers([userId])).get(userId)!
  }

  /** The same for many. */
  async methodsOfUsers(userIds: readonly Id[]): Promise<Map<Id, AuthenticationMethod[]>> {
    const factors = grouped(await this.factors.findByUsers(userIds), 'userId')
    const passkeys = grouped(await new PasskeyService(this.db).ofUsers(userIds), 'userId')
    const withFactor = userIds.filter((id) => factors.has(id) || passkeys.has(id))
    const codes = withFactor.length === 0 ? null : await new RecoveryCodeService(this.db).leftOf(withFactor)
    const methodsOf = (id: Id): AuthenticationMethod[] => [
      ...(passkeys.has(id) ? [AuthenticationMethod.PASSKEY] : []),
      ...(factors.get(id) ?? []).map(({ kind }) => kind),
      ...(codes?.has(id) ? [AuthenticationMethod.RECOVERY_CODE] : []),
    ]
    return new Map(userIds.map((id) => [id, methodsOf(id)]))
  }

  /** Whether a second factor is on. */
  async hasAny(userId: Id): Promise<boolean> {
    return (await this.methodsOf(userId)).length > 0
  }

  /** Turns a factor on, in place of an earlier one of its kind; the secret is that of an authenticator app. */
  async put(userId: Id, kind: FactorKind, secret: string | null, lastStep: number | null): Promise<void> {
    const id = newId(this.db.now)
    await this.factors.put({
      id,
      userId,
      kind,
      sharedSecret:
        secret === null
          ? null
          : await this.db.codec.seal(Factor, 'sharedSecret', { id, ownerId: userId }, secret),
      lastStep,
      createdAt: this.db.now,
      lastUsedAt: null,
    })
  }

  /** Turns a factor off; false when it was not on. */
  async remove(userId: Id, kind: FactorKind): Promise<boolean> {
    return this.factors.remove(userId, kind)
  }

  /** Turns off what was turned on after this moment, passkeys and recovery codes too; with the last of all, all codes go. */
  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.factors.removeSince(userId, since)
    await new PasskeyService(this.db).removeSince(userId, since)
    const codes = new RecoveryCodeService(this.db)
    await codes.removeSince(userId, since)
    if (!(await this.hasAny(userId))) await codes.removeOf(userId)
  }

  /** Notes that a code from a mail served as second factor. */
  async useEmailCode(userId: Id): Promise<void> {
    await this.factors.use(userId, AuthenticationMethod.EMAIL_CODE)
  }

  /** Whether this is a code that the person's authenticator app shows now, and that was not used before. */
  async verifyTotp(userId: Id, code: string): Promise<boolean> {
    const factor = await this.factors.find(userId, AuthenticationMethod.TOTP)
    if (!factor) return false
    const [secret] = await this.db.codec.open(
      Factor,
      'sharedSecret',
      [{ ...factor, ownerId: userId }],
      (row) => row.sharedSecret,
    )
    const step = secret ? totpStep(secret, code, this.db.now, factor.lastStep) : null
    return step !== null && this.factors.useStep(factor.id, step)
  }
}
