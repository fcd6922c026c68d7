/**
 * The advisory locks that Portico takes in its database, each with a number of its own: whoever takes one waits for nobody else.
 * No other user of the database should take these numbers.
 */
export const LOCKS = {
  migration: 7_404_253_001,
  backup: 7_404_253_002,
  seal: 7_404_253_003,
  demo: 7_404_253_004,
  keyring: 7_404_253_005,
  /** Held while the ledger of erasures is added to, or written beside the backups. */
  ledger: 7_404_253_006,
  /** Held while it is decided which webhooks a process sends next. */
  webhooks: 7_404_253_007,
  /** Held while unusual activity is looked for. */
  unusualActivity: 7_404_253_018,
  /** Held while figures are counted. */
  insight: 7_404_253_010,
} as const

/** The first of the two numbers of shared locks; the second one is of a key of the keyring. */
export const KEYRING_LOCKS = {
  knows: 740_425_311,
  wrapsUnder: 740_425_312,
} as const
