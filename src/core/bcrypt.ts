/** bcrypt's lowest cost, the binary logarithm of its rounds. */
export const MINIMUM_COST = 4

/** bcrypt's highest cost, the binary logarithm of its rounds: one above takes seconds. */
export const MAXIMUM_COST = 15
