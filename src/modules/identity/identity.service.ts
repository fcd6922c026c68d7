import { notFound } from '../../core/error'
import type { Claims, IdentityProvider } from '../../core/identity-provider'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { Identity } from './identity.entity'
import { IdentityRepository } from './identity.repository'

export type { Identity }

/** A provider as people see it. */
export type NamedProvider = Pick<IdentityProvider, 'id' | 'name'>

/** An identity that came or went, and the event that tells of it. */
interface Recorded {
  identity: Identity
  eventId: Id
}

/** Who is who at the identity providers. */
export class IdentityService {
  private readonly identities: IdentityRepository

  constructor(private readonly db: Database) {
    this.identities = new IdentityRepository(db)
  }

  /** Where people may sign in besides here. */
  providers(): NamedProvider[] {
    return [...this.db.tools.identityProviders.values()]
  }

  /** A provider by its id; one that is not configured any more has its id for a name. */
  providerOf(id: string): NamedProvider {
    return this.db.tools.identityProviders.get(id) ?? { id, name: id }
  }

  /** The identities of these people, oldest first. */
  async ofUsers(userIds: readonly Id[]): Promise<Identity[]> {
    return this.identities.findByUsers(userIds)
  }

  /** Whose account this person at the provider is; null for nobody's. */
  async find(provider: string, { subject }: Claims): Promise<Identity | null> {
    return this.identities.findBySubject(provider, this.indexOf(subject))
  }

  /** Notes that somebody signs in with it, which keeps it until the transaction ends; false when it is gone meanwhile. */
  async use({ id }: Identity): Promise<boolean> {
    return this.identities.use(id)
  }

  /**
   * Lets a person sign in at the provider from now on, who has proven to be this person there.
   * @throws Rejected TAKEN when an account is linked to that person already.
   */
  async add(userId: Id, provider: string, { subject }: Claims): Promise<Recorded> {
    const id = newId(this.db.now)
    const identity: Identity = {
      id,
      userId,
      provider,
      subjectIdentifier: await this.db.codec.seal(
        Identity,
        'subjectIdentifier',
        { id, ownerId: userId },
        subject,
      ),
      subjectIdentifierIndex: this.indexOf(subject),
      createdAt: this.db.now,
      lastUsedAt: this.db.now,
    }
    await this.identities.add(identity)
    const eventId = await new AuditService(this.db).record('identity.linked', {
      actorId: userId,
      target: toGlobalId('identity', id),
      details: { provider },
    })
    return { identity, eventId }
  }

  /** @throws ApiError NOT_FOUND when it is none of the person's. */
  async remove(id: Id, userId: Id): Promise<Recorded> {
    const identity = (await this.identities.lockByUser(userId)).find((own) => own.id === id)
    if (!identity) throw notFound('identity')
    await this.identities.remove(id)
    const eventId = await new AuditService(this.db).record('identity.unlinked', {
      target: toGlobalId('identity', id),
      details: { provider: identity.provider },
    })
    return { identity, eventId }
  }

  /** Unlinks what was linked after this moment. */
  async removeSince(userId: Id, since: Date): Promise<void> {
    await this.identities.removeSince(userId, since)
  }

  private indexOf(subject: string): Buffer {
    return this.db.codec.blindIndex(Identity, 'subjectIdentifier', subject)
  }
}
