import { viewerId, type Viewer } from '../../core/viewer'
import type { Condition } from '../../db/reach'
import { BlockKind } from './block-kind'

/**
 * The person whom a column names is not blocked by the viewer. `person` is that column, as the query calls it. No query that asks
 * it may call anything `blocked`: it would mean that. Whom somebody has blocked is read once, however many rows are asked about.
 */
export const isNotBlocked = (viewer: Viewer, person: string): Condition => [
  `${person} NOT IN (SELECT blocked.blocked_id FROM blocks blocked WHERE blocked.person_id = :blocked_by AND blocked.kind = '${BlockKind.BLOCKED}')`,
  { blocked_by: viewerId(viewer) },
]

/** The same of muted, at a moment. No query that asks it may call anything `muted`. */
export const isNotMuted = (viewer: Viewer, person: string, now: Date): Condition => [
  `${person} NOT IN (SELECT muted.blocked_id FROM blocks muted WHERE muted.person_id = :muted_by AND muted.kind = '${BlockKind.MUTED}'
     AND (muted.ends_at IS NULL OR muted.ends_at > :muted_at))`,
  { muted_by: viewerId(viewer), muted_at: now },
]

/** SQL for: somebody has blocked or muted another person, by a moment. */
export const isKeptAway = (person: string, other: string, now: string): string =>
  `EXISTS (SELECT FROM blocks kept_away WHERE kept_away.person_id = ${person} AND kept_away.blocked_id = ${other}
     AND (kept_away.ends_at IS NULL OR kept_away.ends_at > ${now}))`
