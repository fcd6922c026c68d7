import type { Id } from '../../core/id'

/** On which topic it is told that somebody is in other groups than before. */
export const membershipsChanged = (userId: Id): string => `memberships:${userId}`

/** On which topic it is told that a group means something else to its members, or is gone. */
export const groupChanged = (groupId: Id): string => `group:${groupId}`
