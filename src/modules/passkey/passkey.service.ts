import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { notFound, rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import type { Passkey } from './passkey.entity'
import { PasskeyRepository } from './passkey.repository'

export type { Passkey }

/** What the viewer's authenticator is told about its owner. */
interface Owner {
  id: Id
  username: string
  displayName: string
}

/** How long browsers wait for the person, in milliseconds. */
const TIMEOUT = 5 * 60_000

/**
 * Passkeys and security keys (WebAuthn Level 3). What an authenticator signs is bound to a challenge of ours: its bytes are
 * derived from the challenge's id under the keyring, so nothing more need be remembered.
 */
export class PasskeyService {
  private readonly passkeys: PasskeyRepository

  constructor(private readonly db: Database) {
    this.passkeys = new PasskeyRepository(db)
  }

  /** The passkeys of these people, oldest first. */
  async ofUsers(userIds: readonly Id[]): Promise<Passkey[]> {
    return this.passkeys.findByUsers(userIds)
  }

  /** What `navigator.credentials.create` takes. The person's other passkeys are named, so that no authenticator makes a second. */
  async creationOptions(challengeId: Id, owner: Owner): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { relyingParty } = this.db.tools
    return generateRegistrationOptions({
      rpName: relyingParty.name,
      rpID: relyingParty.id,
      userID: Uint8Array.from(Buffer.from(owner.id.replaceAll('-', ''), 'hex')),
      userName: owner.username,
      userDisplayName: owner.displayName,
      challenge: this.bytesOf(challengeId),
      timeout: TIMEOUT,
      attestationType: 'none',
      excludeCredentials: (await this.ofUsers([owner.id])).map(credentialOf),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    })
  }

  /** What `navigator.credentials.get` takes: for this person's passkeys, or for whichever the person chooses. */
  async requestOptions(challengeId: Id, userId: Id | null): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return generateAuthenticationOptions({
      rpID: this.db.tools.relyingParty.id,
      challenge: this.bytesOf(challengeId),
      timeout: TIMEOUT,
      userVerification: userId === null ? 'required' : 'preferred',
      ...(userId !== null && { allowCredentials: (await this.ofUsers([userId])).map(credentialOf) }),
    })
  }

  /**
   * Keeps a new passkey.
   * @throws Rejected INVALID when the answer of the authenticator does not fit the challenge; TAKEN when it is registered.
   */
  async register(userId: Id, challengeId: Id, response: object, name: string): Promise<Passkey> {
    const { relyingParty } = this.db.tools
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: Buffer.from(this.bytesOf(challengeId)).toString('base64url'),
      expectedOrigin: [...relyingParty.origins],
      expectedRPID: relyingParty.id,
      requireUserVerification: false,
    }).catch(() => ({ verified: false as const, registrationInfo: undefined }))
    if (!verified || !registrationInfo) {
      throw rejected(
        'passkey',
        UserErrorCode.INVALID,
        "The authenticator's answer does not fit. Begin again.",
      )
    }
    const { credential, credentialBackedUp } = registrationInfo
    const passkey: Passkey = {
      id: newId(this.db.now),
      userId,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: knownTransports(credential.transports),
      isSynced: credentialBackedUp,
      name,
      createdAt: this.db.now,
      lastUsedAt: null,
    }
    await this.passkeys.add(passkey)
    return passkey
  }

  /**
   * Whose passkey has answered this challenge; null when none has. Without `userId` the passkey alone says who signs in, and
   * must have verified its owner by a finger, a face or a number.
   */
  async verify(challengeId: Id, response: object, userId: Id | null): Promise<Id | null> {
    const { relyingParty } = this.db.tools
    const { id } = response as { id?: unknown }
    const passkey = typeof id === 'string' ? await this.passkeys.findByCredentialId(id) : null
    if (!passkey || (userId !== null && passkey.userId !== userId)) return null
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: Buffer.from(this.bytesOf(challengeId)).toString('base64url'),
      expectedOrigin: [...relyingParty.origins],
      expectedRPID: relyingParty.id,
      credential: {
        id: passkey.credentialId,
        publicKey: Uint8Array.from(passkey.publicKey),
        counter: passkey.counter,
      },
      requireUserVerification: userId === null,
    }).catch(() => ({ verified: false as const, authenticationInfo: undefined }))
    if (!verified || !authenticationInfo) return null
    return (await this.passkeys.use(passkey.id, authenticationInfo.newCounter)) ? passkey.userId : null
  }

  /** Renames a passkey of the viewer's. @throws ApiError NOT_FOUND when it is none of theirs. */
  async rename(id: Id, name: string): Promise<Passkey> {
    const { userId } = requireSignedIn(this.db.caller.viewer)
    return this.db.transaction(async (tx) => {
      const passkey = await new PasskeyService(tx).own(id, userId)
      await new PasskeyRepository(tx).rename(id, name)
      await new AuditService(tx).record('passkey.renamed', { target: toGlobalId('passkey', id) })
      return { ...passkey, name }
    })
  }

  /** @throws ApiError NOT_FOUND when it is none of the person's. */
  async remove(id: Id, userId: Id): Promise<Passkey> {
    const passkey = await this.own(id, userId)
    await this.passkeys.remove(id)
    return passkey
  }

  /** Removes what was registered for a person after this moment. */
  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.passkeys.removeSince(userId, since)
  }

  private async own(id: Id, userId: Id): Promise<Passkey> {
    const passkey = await this.passkeys.findOwn(id, userId)
    if (!passkey) throw notFound('passkey')
    return passkey
  }

  private bytesOf(challengeId: Id): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.db.tools.keyring.blindIndex('challenges.passkey', challengeId))
  }
}

/** How browsers can reach an authenticator (WebAuthn Level 3 §5.8.4). */
const TRANSPORTS = ['internal', 'hybrid', 'usb', 'nfc', 'ble', 'smart-card', 'cable'] as const

/** What the browser says of that comes as it likes; the library hands it on. */
const knownTransports = (given: unknown) =>
  Array.isArray(given) ? TRANSPORTS.filter((known) => given.includes(known)) : []

const credentialOf = ({ credentialId, transports }: Passkey) => ({
  id: credentialId,
  transports: knownTransports(transports),
})
