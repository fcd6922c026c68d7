import type { ClientBase } from 'pg'

/**
 * What has to be done to restored rows before anybody sees them. It is called at the end of the restore, in its transaction and
 * as the owner of the schema, when all rows have been compared with the archive and triggers, keys and indexes are back: what
 * throws here takes the restore back. This is the place where the ledger of erasures is replayed.
 */
export async function afterRestore(_tx: ClientBase): Promise<void> {
  // There is no such ledger yet.
}
