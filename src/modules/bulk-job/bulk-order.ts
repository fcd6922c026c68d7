import type { UserFilter } from '../user/user.service'

/** What a bulk job was asked to do, and to whom where that was not said by name. */
export interface BulkOrder {
  terms: object
  /** Whom to look for; null where everybody was named. */
  filter: UserFilter | null
  /** Why, where the request said so: some roles give nothing without a reason. */
  reason: string | null
}
