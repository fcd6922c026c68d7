import { fromGlobalId, type Id, type IdKind } from '../../core/id'
import type { Database } from '../../db/database'

/** What something says of itself that people are told of, where nobody in particular has done it. */
export interface Saying {
  /** In each language that it has, by BCP 47 tag; the first is for those whose own is missing. */
  texts: Readonly<Record<string, { subject: string; text: string }>>
  /** Whoever does not agree to this purpose is not written to about it; null where it has none. */
  purposeId: string | null
  /** Whether nobody is to be written to about it any more; who has it in the inbox keeps it. */
  isWithdrawn: boolean
}

type SayingsOf = (db: Database, ids: readonly Id[]) => Promise<ReadonlyMap<Id, Saying>>

const kinds = new Map<IdKind, SayingsOf>()

/** Says what the targets of one kind say of themselves. */
export const defineSayings = (kind: IdKind, sayingsOf: SayingsOf): void => void kinds.set(kind, sayingsOf)

/** What these targets of notifications say of themselves, by their global ids; those of which others say what they do are left out. */
export async function sayingsOf(db: Database, targets: readonly string[]): Promise<Map<string, Saying>> {
  const known = targets.flatMap((target) => {
    const found = fromGlobalId(target)
    return found && kinds.has(found.kind) ? [{ target, ...found }] : []
  })
  const said = new Map<string, Saying>()
  for (const [kind, of] of kinds) {
    const asked = known.filter((each) => each.kind === kind)
    if (asked.length === 0) continue
    const ids = asked.map(({ id }) => id)
    const found = await of(db, ids)
    for (const { target, id } of asked) if (found.has(id)) said.set(target, found.get(id)!)
  }
  return said
}
