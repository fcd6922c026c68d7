import type { Database } from './database'

type Follow<Facts> = (tx: Database, facts: Facts) => Promise<void>

/** A kind of change that something in other modules rests on, of which the one that makes it knows nothing. */
export class Change<Facts> {
  private readonly followers: Follow<Facts>[] = []

  /** Lets something follow each of them, inside its transaction. Say it once, where a module is loaded. */
  follow(follower: Follow<Facts>): void {
    this.followers.push(follower)
  }

  /** Says, inside the transaction that makes it, that one is made. */
  async make(tx: Database, facts: Facts): Promise<void> {
    for (const follower of this.followers) await follower(tx, facts)
  }
}
