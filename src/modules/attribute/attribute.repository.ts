import { AttributeReaders, type AttributeDefinition } from '../../core/attribute-definition'
import { Audience } from '../../core/audience'
import type { Id } from '../../core/id'
import { ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { insertRows } from '../../db/insert'
import { selectRows } from '../../db/page'
import { isInAudience } from '../../db/reach'
import { Attribute } from './attribute.entity'

const COLUMNS = ['id', 'userId', 'key', 'sealedValue', 'version', 'updatedAt'] as const
export type AttributeRow = Pick<Attribute, (typeof COLUMNS)[number]> & {
  /** To whom it is shown, by its definition and its person. */
  shownTo: Audience
}

/** The narrower of to whom a definition and a person show something, as SQL has it; the person says null for the former. */
const SHOWN_TO = `CASE
  WHEN attribute.key = ANY(:public_keys) THEN coalesce(attribute.audience, '${Audience.PUBLIC}')
  WHEN attribute.key = ANY(:members_keys) AND attribute.audience IS DISTINCT FROM '${Audience.ONLY_ME}' THEN '${Audience.MEMBERS}'
  ELSE '${Audience.ONLY_ME}' END`

/** Every question about attributes. */
export class AttributeRepository {
  constructor(private readonly db: Database) {}

  /** What is set of these people and the viewer may see. */
  async findByUsers(userIds: readonly Id[]): Promise<AttributeRow[]> {
    const { viewer } = this.db.caller
    return selectRows(this.db, Attribute, 'attribute', COLUMNS)
      .addSelect(SHOWN_TO, 'shownTo')
      .where('attribute.userId = ANY(:userIds) AND attribute.sealedValue IS NOT NULL', { userIds })
      .andWhere('(attribute.key <> ALL(:self_keys) OR attribute.userId = :own)', { own: ownId(viewer) })
      .andWhere(...isInAudience(viewer, `(${SHOWN_TO})`, 'attribute.userId'))
      .setParameters({
        public_keys: this.keysFor(AttributeReaders.PUBLIC),
        members_keys: this.keysFor(AttributeReaders.MEMBERS),
        self_keys: this.keysFor(AttributeReaders.SELF),
      })
      .getRawMany<AttributeRow>()
  }

  /**
   * All that is kept of somebody under these keys, set or not.
   * @visibility whoever changes it has been found to be allowed to; call it with the person locked
   */
  async stateOf(userId: Id, keys: readonly string[]): Promise<Attribute[]> {
    return this.db
      .repo(Attribute)
      .createQueryBuilder('attribute')
      .where('attribute.userId = :userId AND attribute.key = ANY(:keys)', { userId, keys })
      .getMany()
  }

  /**
   * To whom these people show their attributes, where they have said so.
   * @visibility guarded as `User.profileAudiences`
   */
  async findAudiences(userIds: readonly Id[]): Promise<Pick<Attribute, 'userId' | 'key' | 'audience'>[]> {
    return selectRows(this.db, Attribute, 'attribute', ['userId', 'key', 'audience'])
      .where('attribute.userId = ANY(:userIds) AND attribute.audience IS NOT NULL', { userIds })
      .orderBy('attribute.key')
      .getRawMany()
  }

  async add(attributes: readonly Attribute[]): Promise<void> {
    await insertRows(this.db, Attribute, attributes)
  }

  async save(attribute: Attribute): Promise<void> {
    await this.db.repo(Attribute).save(attribute)
  }

  private keysFor(readers: AttributeReaders): string[] {
    const isFor = (definition: AttributeDefinition) => definition.readers === readers
    return [...this.db.tools.attributes.values()].filter(isFor).map(({ key }) => key)
  }
}
