import type { Id } from '../core/id'
import { isSignedIn, type Viewer } from '../core/viewer'
import { keptAway } from '../db/reach'
import { defineLoader, type IsCommon } from './loader'

/** Two people: who may have blocked or muted, and whom. */
type Pair = `${Id}:${Id}`

/** Whether the first of two people has blocked or muted the second; who asks makes no difference. */
const isKeptAway = defineLoader<Pair, boolean, false>(
  async (db, pairs) => {
    const found = await keptAway(
      db,
      pairs.map((pair) => pair.split(':') as [Id, Id]),
    )
    return new Map(found.map(({ personId, blockedId }) => [`${personId}:${blockedId}`, true]))
  },
  false,
  () => true,
)

/** Whether neither of the two, the viewer and a person, keeps the other away, so that the viewer sees of the person what others do. */
export async function sharesWithAll(
  viewer: Viewer,
  personId: Id,
  load: Parameters<IsCommon<unknown>>[2],
): Promise<boolean> {
  if (!isSignedIn(viewer)) return true
  const kept = await Promise.all([
    load(isKeptAway, `${viewer.userId}:${personId}`),
    load(isKeptAway, `${personId}:${viewer.userId}`),
  ])
  return !kept.includes(true)
}
