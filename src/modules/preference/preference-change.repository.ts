import type { SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { ownId } from '../../core/viewer'
import type { Database } from '../../db/database'
import { readPage, selectRows, type ListOrder } from '../../db/page'
import { groupWithinReach, ownOrWithinReach } from '../../db/reach'
import { GroupPreferenceChange } from './group-preference-change.entity'
import { PreferenceChange } from './preference-change.entity'

const GROUP_COLUMNS = [
  'id',
  'groupId',
  'key',
  'number',
  'before',
  'after',
  'changedById',
  'changedAt',
] as const
export type GroupPreferenceChangeRow = Pick<GroupPreferenceChange, (typeof GROUP_COLUMNS)[number]>

const COLUMNS = [
  'id',
  'userId',
  'key',
  'number',
  'deviceId',
  'before',
  'after',
  'changedById',
  'changedAt',
] as const
export type PreferenceChangeRow = Pick<PreferenceChange, (typeof COLUMNS)[number]>

/** Changes of one moment come in the order in which they were made, as far as they are of one preference. */
const LATEST_FIRST = {
  columns: ['changedAt', 'number', 'id'],
  descending: true,
} satisfies ListOrder<PreferenceChangeRow>

/** Whose changes, and of which preference; null for all of them. */
export interface ChangeFilter {
  ownerId: Id
  key: string | null
}

/**
 * Every question about what became of preferences. People see what became of theirs, and `preferences:read` whom it reaches, but what
 * was set on a device is for nobody but its owner; `groups:read` sees what became of those of groups.
 */
export class PreferenceChangeRepository {
  constructor(private readonly db: Database) {}

  async listOfPerson(filter: ChangeFilter, page: PageRequest): Promise<Page<PreferenceChangeRow>> {
    return readPage<PreferenceChangeRow>(this.ofPerson(filter), LATEST_FIRST, page)
  }

  async countOfPerson(filter: ChangeFilter): Promise<number> {
    return this.ofPerson(filter).getCount()
  }

  async listOfGroup(filter: ChangeFilter, page: PageRequest): Promise<Page<GroupPreferenceChangeRow>> {
    return readPage<GroupPreferenceChangeRow>(this.ofGroup(filter), LATEST_FIRST, page)
  }

  async countOfGroup(filter: ChangeFilter): Promise<number> {
    return this.ofGroup(filter).getCount()
  }

  /** @visibility a person takes back what became of their own */
  async find(id: Id, userId: Id): Promise<PreferenceChange | null> {
    return this.db.repo(PreferenceChange).findOneBy({ id, userId })
  }

  private ofPerson({ ownerId, key }: ChangeFilter): SelectQueryBuilder<PreferenceChange> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, PreferenceChange, 'change', COLUMNS)
      .where('change.userId = :ownerId', { ownerId })
      .andWhere(...ownOrWithinReach(viewer, 'change.userId', 'preferences:read'))
      .andWhere('(change.deviceId IS NULL OR change.userId = :deviceOwner)', { deviceOwner: ownId(viewer) })
    return key === null ? query : query.andWhere('change.key = :key', { key })
  }

  private ofGroup({ ownerId, key }: ChangeFilter): SelectQueryBuilder<GroupPreferenceChange> {
    const { viewer } = this.db.caller
    const query = selectRows(this.db, GroupPreferenceChange, 'change', GROUP_COLUMNS)
      .where('change.groupId = :ownerId', { ownerId })
      .andWhere(...groupWithinReach(viewer, 'change.groupId', 'groups:read'))
    return key === null ? query : query.andWhere('change.key = :key', { key })
  }
}
