import type { UserFilter } from '../user/user.service'

/** What a bulk job was asked to do, and to whom where that was not said by name. */
export interface BulkOrder {
  terms: object
  /** Whom to look for; null where everybody was named. */
  filter: UserFilter | null
  /** Why, where the request said so: some roles give nothing without a reason. */
  reason: string | null
}

/** JSON has no moments. */
const MOMENT = '$moment'

export const orderToText = (order: BulkOrder): string =>
  JSON.stringify(order, function (this: Record<string, unknown>, key: string, value: unknown) {
    return this[key] instanceof Date ? { [MOMENT]: value } : value
  })

export const orderFromText = (text: string): BulkOrder =>
  JSON.parse(text, (_key, value: unknown) => (isMoment(value) ? new Date(value[MOMENT]) : value)) as BulkOrder

const isMoment = (value: unknown): value is { [MOMENT]: string } =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === MOMENT
