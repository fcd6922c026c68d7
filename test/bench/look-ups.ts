import { hashToken } from '../../src/crypto/token'
import type { Database } from '../../src/db/database'
import { PubSub } from '../../src/db/pub-sub'
import { SessionService } from '../../src/modules/session/session.service'
import { ViewerCache } from '../../src/server/viewer-cache'
import { CONNECTIONS } from './load'
import { median } from '../support/mann-whitney'

/** Look-ups of sessions per second in one process, of one round each. */
export interface LookUps {
  asked: number[]
  remembered: number[]
}

/** Measures how often a second a process finds out who holds a token, with the memory that requests use and without. */
export async function measureLookUps(
  db: Database,
  databaseUrl: string,
  token: string,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<LookUps> {
  const pubSub = new PubSub(databaseUrl, () => undefined)
  await pubSub.start()
  const cache = new ViewerCache(pubSub, db.clock)
  const tokenHash = hashToken(token)
  const ask = () => new SessionService(db).recognise(tokenHash)
  const recall = async () => cache.recall(tokenHash) ?? (await cache.learn(tokenHash, ask))
  const measured: LookUps = { asked: [], remembered: [] }
  try {
    await perSecond(ask, seconds)
    for (let round = 0; round < rounds; round++) {
      measured.asked.push(await perSecond(ask, seconds))
      measured.remembered.push(await perSecond(recall, seconds))
    }
    return measured
  } finally {
    cache.stop()
    await pubSub.stop()
  }
}

/** How often `work` is done in a second when it is done by many at once, as requests are. */
async function perSecond(work: () => Promise<unknown>, seconds: number): Promise<number> {
  const begin = performance.now()
  const end = begin + seconds * 1_000
  let done = 0
  const worker = async () => {
    for (; performance.now() < end; done++) {
      if ((await work()) === null) throw new Error('The session that is looked up is not there.')
      // What is remembered is answered at once; others get their turn only between tasks.
      if (done % 1_000 === 0) await new Promise(setImmediate)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return (done / (performance.now() - begin)) * 1_000
}

export function toLookUpTable({ asked, remembered }: LookUps): string {
  const [before, after] = [median(asked), median(remembered)]
  return [
    '| session look-up | per second |',
    '| --- | --: |',
    `| in the database | ${before.toFixed(0)} |`,
    `| remembered | ${after.toFixed(0)} (${(after / before).toFixed(0)} times) |`,
  ].join('\n')
}
