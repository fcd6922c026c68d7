import { isDeepStrictEqual } from 'node:util'
import { AttributeReaders, AttributeWriters, type AttributeDefinition } from '../../core/attribute-definition'
import type { Audience } from '../../core/audience'
import { rejected, Rejected, UserErrorCode, type Problem } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import { noSuchKey } from '../../core/value-problems'
import { requireSignedIn } from '../../core/viewer'
import type { Database } from '../../db/database'
import { assertVersion } from '../../db/version'
import { AuditService } from '../audit/audit.service'
import { AuthorityService } from '../role/authority.service'
import { UserService } from '../user/user.service'
import { attributeProblems, TOLD } from './attribute-problems'
import { Attribute } from './attribute.entity'
import type { AttributeInput, SetAttributesInput } from './attribute.input'
import { AttributeRepository, type AttributeRow } from './attribute.repository'

/** An attribute that somebody has. */
export interface ShownAttribute extends Omit<AttributeRow, 'sealedValue'> {
  value: unknown
}

/** To whom somebody shows an attribute. */
export interface AttributeAudience {
  key: string
  audience: Audience
}

/** What the application keeps about people, as it defines it. */
export class AttributeService {
  private readonly attributes: AttributeRepository

  constructor(private readonly db: Database) {
    this.attributes = new AttributeRepository(db)
  }

  /** What is defined, in the order in which it is. */
  definitions(): AttributeDefinition[] {
    return [...this.db.tools.attributes.values()]
  }

  /** What these people have and the viewer may see, in the order in which it is defined; an error where a value does not open. */
  async of(userIds: readonly Id[]): Promise<Map<Id, ShownAttribute[] | Error>> {
    const rows = await this.attributes.findByUsers(userIds)
    const places = rows.map((row) => ({ ...row, ownerId: row.userId }))
    const opened = await this.db.codec.openEach(Attribute, 'sealedValue', places, (row) => row.sealedValue)
    const shown = new Map<Id, ShownAttribute[] | Error>()
    const order = [...this.db.tools.attributes.keys()]
    rows.forEach(({ sealedValue: _, ...row }, index) => {
      const text = opened[index] ?? null
      const known = shown.get(row.userId) ?? []
      if (text === null || known instanceof Error) return
      if (text instanceof Error) return shown.set(row.userId, text)
      const value = JSON.parse(text) as unknown
      const definition = this.db.tools.attributes.get(row.key)
      if (definition?.schema.problemWith(value) === null) shown.set(row.userId, [...known, { ...row, value }])
    })
    for (const attributes of shown.values())
      if (!(attributes instanceof Error))
        attributes.sort((one, other) => order.indexOf(one.key) - order.indexOf(other.key))
    return shown
  }

  /**
   * Sets attributes, all of them or, where one is refused, none: one's own, or with `users:edit` those of somebody who is not above
   * oneself. A value of null removes one. Returns whose they are.
   * @throws Rejected; ApiError CONFLICT when an `expectedVersion` is not the current one, FORBIDDEN
   */
  async set({ userId: givenId, attributes }: SetAttributesInput): Promise<Id> {
    const { userId: viewerId } = requireSignedIn(this.db.caller.viewer)
    const userId = givenId ?? viewerId
    const by = givenId === undefined ? AttributeWriters.SELF : AttributeWriters.STAFF
    return this.db.transaction(async (tx) => {
      if (givenId !== undefined) {
        await new AuthorityService(tx).assertMayActOn(userId, 'users:edit')
        if (!(await new UserService(tx).isShown(userId)))
          throw rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
      }
      const problems = attributeProblems(this.db.tools.attributes, attributes, by)
      if (problems.length > 0) throw new Rejected(...problems)
      await new UserService(tx).hold(userId)
      const keys = await change(tx, userId, attributes)
      if (keys.length > 0)
        await new AuditService(tx).record('attributes.updated', {
          subjectId: userId,
          target: toGlobalId('user', userId),
          details: { keys },
        })
      return userId
    })
  }

  /** Sets attributes of people who have none yet, on Portico's own behalf; `attributeProblems` has found nothing wrong with them. */
  async add(attributes: readonly { userId: Id; key: string; value: unknown }[]): Promise<void> {
    const rows: Attribute[] = []
    for (const { userId, key, value } of attributes) {
      const row = unset(this.db, userId, key)
      const place = { id: row.id, ownerId: userId }
      const sealedValue = await this.db.codec.seal(Attribute, 'sealedValue', place, JSON.stringify(value))
      rows.push({ ...row, sealedValue, version: 1 })
    }
    await this.attributes.add(rows)
  }

  /** To whom these people show their attributes, where they have said so. Whose it is, the caller asks. */
  async audiencesOf(userIds: readonly Id[]): Promise<Map<Id, AttributeAudience[]>> {
    const audiences = new Map<Id, AttributeAudience[]>(userIds.map((id) => [id, []]))
    for (const { userId, key, audience } of await this.attributes.findAudiences(userIds))
      if (audience && isChosen(this.db.tools.attributes.get(key)))
        audiences.get(userId)!.push({ key, audience })
    return audiences
  }

  /**
   * Says to whom somebody shows attributes. Call it in a transaction that holds their row.
   * @throws Rejected for one that there is not, or that nobody but staff sees anyway. Returns the keys that have changed.
   */
  async setAudiences(userId: Id, given: readonly AttributeAudience[]): Promise<string[]> {
    const { attributes } = this.db.tools
    const problems = given.flatMap(({ key }, index): Problem[] => {
      const field = ['attributes', String(index), 'key']
      if (!attributes.has(key))
        return [{ code: UserErrorCode.NOT_FOUND, field, message: noSuchKey(attributes, key, TOLD) }]
      if (given.findIndex((other) => other.key === key) < index)
        return [{ code: UserErrorCode.INVALID, field, message: 'This attribute stands in the list twice.' }]
      if (isChosen(attributes.get(key))) return []
      const message = 'This attribute is shown to no other people anyway.'
      return [{ code: UserErrorCode.INVALID, field, message }]
    })
    if (problems.length > 0) throw new Rejected(...problems)
    const state = await this.attributes.stateOf(
      userId,
      given.map(({ key }) => key),
    )
    const changed = given.filter(
      ({ key, audience }) => state.find((one) => one.key === key)?.audience !== audience,
    )
    for (const { key, audience } of changed) {
      const known = state.find((one) => one.key === key) ?? unset(this.db, userId, key)
      await this.attributes.save({ ...known, audience })
    }
    return changed.map(({ key }) => key)
  }
}

/** Whether the person chooses to whom an attribute is shown. */
const isChosen = (definition: AttributeDefinition | undefined): boolean =>
  definition !== undefined && [AttributeReaders.PUBLIC, AttributeReaders.MEMBERS].includes(definition.readers)

const unset = ({ now }: Database, userId: Id, key: string): Attribute => ({
  id: newId(now),
  userId,
  key,
  sealedValue: null,
  audience: null,
  version: 0,
  updatedAt: now,
})

async function change(tx: Database, userId: Id, given: readonly AttributeInput[]): Promise<string[]> {
  const repository = new AttributeRepository(tx)
  const state = await repository.stateOf(
    userId,
    given.map(({ key }) => key),
  )
  const places = state.map((row) => ({ ...row, ownerId: userId }))
  const texts = await tx.codec.open(Attribute, 'sealedValue', places, (row) => row.sealedValue)
  const values = new Map(state.map(({ key }, index) => [key, parsed(texts[index] ?? null)]))
  const changed: string[] = []
  for (const { key, value: wanted, expectedVersion } of given) {
    const row = state.find((one) => one.key === key) ?? unset(tx, userId, key)
    const before = values.get(key) ?? null
    assertVersion(row.version, expectedVersion, { key, value: before })
    // As it will be read: a literal of a document has no prototype.
    const value = parsed(JSON.stringify(wanted))
    if (isDeepStrictEqual(before, value)) continue
    const place = { id: row.id, ownerId: userId }
    const sealedValue =
      value === null ? null : await tx.codec.seal(Attribute, 'sealedValue', place, JSON.stringify(value))
    await repository.save({ ...row, sealedValue, version: row.version + 1, updatedAt: tx.now })
    changed.push(key)
  }
  return changed
}

const parsed = (text: string | null): unknown => (text === null ? null : (JSON.parse(text) as unknown))
