import type { Config } from '../config/config'
import { readKeyringFile, saveKeyring } from '../crypto/keyring'
import type { Database } from '../db/database'
import { keyringSource } from '../server/portico'
import { LOCKS } from '../db/locks'

/** The keyring as text: in a file, which can be changed, or in the environment, where only whoever sets it can change it. */
export interface KeyringText {
  text: string
  /** Null where it is in the environment. */
  file: string | null
}

export function keyringText(config: Config): KeyringText {
  const { inline, file } = keyringSource(config)
  return inline ? { text: inline, file: null } : { text: readKeyringFile(file!), file: file! }
}

/** Changes the keyring's file by `work`, which saves what it wants, while no other command does. @throws Error where one does. */
export const changingKeyring = <Result>(
  config: Config,
  db: Database,
  work: (tx: Database, keyring: KeyringText, save: (text: string) => void) => Promise<Result>,
): Promise<Result> =>
  db.transaction(async (tx) => {
    const [lock] = await tx.query<{ ours: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS ours', [
      LOCKS.keyring,
    ])
    if (!lock!.ours)
      throw new Error('Another command changes the keyring at the moment. Try again when it has ended.')
    const keyring = keyringText(config)
    return work(tx, keyring, (text) => {
      if (keyring.file !== null) saveKeyring(keyring.file, text)
    })
  })

/** The key that was added last. */
export const newestOf = ({ keys }: { keys: ReadonlyMap<string, unknown> }): string => [...keys.keys()].at(-1)!
