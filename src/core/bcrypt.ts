/** bcrypt's highest cost, the binary logarithm of its rounds: one above takes seconds. */
export const MAXIMUM_COST = 15
