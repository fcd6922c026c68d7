import { SECOND } from '../../core/clock'
import type { Keyring } from '../../crypto/keyring'
import type { Database } from '../../db/database'
import { KEYRING_LOCKS } from '../../db/locks'
import type { PubSub } from '../../db/pub-sub'

/*
 * Which processes know which keys, without a table that somebody would have to tidy up: each says so with shared advisory
 * locks on the connection on which it listens, and PostgreSQL lets go of them with it.
 */

/** How often a process looks whether its keyring has changed, in milliseconds. */
const GLANCE = SECOND

type Lock = readonly [kind: number, key: number]

/** The second number: keys of one name and different bytes are different ones. */
const numberOf = (fingerprint: string): number => parseInt(fingerprint.slice(0, 8), 16) & 0x7fff_ffff

/** Says of this process which keys it knows, and under which it wraps, for as long as it lives. */
export class KeyringHolder {
  private held: readonly Lock[] = []
  private isBusy = false
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly pubSub: PubSub,
    private readonly keyring: Keyring,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Resolves when it has been said for the first time: a process does so before it does any work. */
  async start(): Promise<void> {
    this.pubSub.onLoss(() => {
      this.held = []
    })
    await this.change(locksOf(this.keyring))
    this.timer = setInterval(() => this.say(), GLANCE).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private say(): void {
    const wanted = locksOf(this.keyring)
    if (this.isBusy || !this.pubSub.isListening || sameLocks(wanted, this.held)) return
    this.isBusy = true
    this.change(wanted)
      .catch(this.onError)
      .finally(() => {
        this.isBusy = false
      })
  }

  /** What is new comes before the old goes, so that nobody takes this process for absent in between. */
  private async change(wanted: readonly Lock[]): Promise<void> {
    const before = this.held
    const without = (locks: readonly Lock[], others: readonly Lock[]) =>
      locks.filter((lock) => !others.some((other) => sameLocks([lock], [other])))
    await this.pubSub.ask(statement('pg_advisory_lock_shared'), columnsOf(without(wanted, before)))
    this.held = wanted
    await this.pubSub.ask(statement('pg_advisory_unlock_shared'), columnsOf(without(before, wanted)))
  }
}

const statement = (call: string) =>
  `SELECT ${call}(kind, key) FROM unnest($1::int[], $2::int[]) AS lock (kind, key)`
const columnsOf = (locks: readonly Lock[]) => [locks.map(([kind]) => kind), locks.map(([, key]) => key)]
const sameLocks = (some: readonly Lock[], others: readonly Lock[]) => String(some) === String(others)

const locksOf = ({ fingerprints: { keys }, activeKeyId }: Keyring): Lock[] => [
  ...[...keys.values()].map((fingerprint): Lock => [KEYRING_LOCKS.knows, numberOf(fingerprint)]),
  [KEYRING_LOCKS.wrapsUnder, numberOf(keys.get(activeKeyId)!)],
]

/** How many running processes there are, and how many of them know this key, and wrap under it. */
export async function countHolders(
  db: Database,
  fingerprint: string,
): Promise<{ running: number; know: number; wrap: number }> {
  const [found] = await db.query<{ running: number; know: number; wrap: number }>(
    `SELECT (count(DISTINCT pid))::int AS running,
       (count(DISTINCT pid) FILTER (WHERE classid::int8 = $1 AND objid::int8 = $3))::int AS know,
       (count(DISTINCT pid) FILTER (WHERE classid::int8 = $2 AND objid::int8 = $3))::int AS wrap
     FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database AND datname = current_database()
     WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::int8 IN ($1, $2)`,
    [KEYRING_LOCKS.knows, KEYRING_LOCKS.wrapsUnder, numberOf(fingerprint)],
  )
  return found!
}
