/** Whether a grant is in force at a moment; it ends by time, and nothing has to happen for it. */
export const isInForce = (grant: string, now: string): string =>
  `(${grant}.expires_at IS NULL OR ${grant}.expires_at > ${now})`

/**
 * The grants that a person holds at a moment as `authorityOf` reads them, whether any of them makes them staff, and when the
 * first one ends: one row. `besides` narrows it.
 */
export const heldSql = (userId: string, now: string, besides = 'true'): string => `
  SELECT
    coalesce(json_agg(json_build_object(
      'permissions', role.permissions, 'groupId', held.group_id, 'requiresReason', role.requires_reason)), '[]') AS grants,
    coalesce(bool_or(role.permissions <> '{}'), false) AS is_staff,
    min(held.expires_at) AS end_at
  FROM role_grants held JOIN roles role ON role.id = held.role_id
  WHERE held.user_id = ${userId} AND ${isInForce('held', now)} AND ${besides}`

/** Whether a person is staff at a moment: may do anything to anybody. */
export const isStaffSql = (userId: string, now: string): string => `EXISTS (
  SELECT FROM role_grants held JOIN roles role ON role.id = held.role_id
  WHERE held.user_id = ${userId} AND ${isInForce('held', now)} AND role.permissions <> '{}')`
