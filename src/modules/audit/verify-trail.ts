import { createPublicKey, type KeyObject } from 'node:crypto'
import type { ClientBase } from 'pg'
import { MINUTE } from '../../core/clock'
import { toGlobalId } from '../../core/id'
import type { Keyring } from '../../crypto/keyring'
import { connected } from '../../db/connection'
import {
  BEGINNING,
  entriesBetween,
  headOf,
  headText,
  HIGHEST_NUMBER,
  isSignedBy,
  LARGEST_SEAL,
  LONGEST_TRANSACTION,
  rootOf,
  sealsAfter,
  VERSION,
  type Entry,
  type Head,
  type Seal,
} from './seal'
import { DroppedMonths } from './dropped-months'
import type { Problem } from './trail-problem'
import { asText, digestRows, nameOf, TRAILS, type DigestedRow, type RowKey, type Trail } from './trail-row'

/** What an examination of the trail came to. */
export interface Examination {
  /** How many seals there are, and how many rows they hold. */
  seals: number
  rows: number
  /** How many of the rows were dropped, as the trail says, because their time was over. */
  dropped: number
  /** The number and hash of the last seal, which stand for everything up to it; null where nothing is sealed. */
  head: string | null
  /** What is not sealed yet. */
  unsealed: { count: number; oldest: Date | null; isLate: boolean }
  /** The first of them; `problemCount` counts all. */
  problems: Problem[]
  problemCount: number
}

export interface ExamineOptions {
  keyring: Pick<Keyring, 'signingKeys'>
  now: Date
  /** A head that was told earlier and must still be part of the chain. */
  since?: SealedHead
  /** @param done of `total`, in sealed rows. */
  report?: (done: number, total: number) => void
  signal?: AbortSignal
}

export interface SealedHead {
  number: number
  /** SHA-256, in hexadecimal. */
  hash: string
}

/** Reads a head as it is told: `12:` and 64 hexadecimal digits; null for anything else. */
export function parseHead(text: string): SealedHead | null {
  const [, number, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase()) ?? []
  return hash === undefined ? null : { number: Number(number), hash }
}

/** How many rows are compared at once, about: what bounds the memory. */
const AT_ONCE = 4 * LARGEST_SEAL
const SEALS_AT_ONCE = 1_000
/** How many problems are told one by one. */
const TOLD = 1_000
/** What is not sealed after so long, in milliseconds, waits for somebody who does not come. */
const TOLERATED_WAIT = 5 * MINUTE

/**
 * Compares the whole trail with its seals, as it is at one moment, beside whatever is written meanwhile: finds what was changed,
 * taken away, put in or put in another order since it was sealed. That the last seals are gone with everything under them is
 * seen by who knows a head (`since`); the database alone cannot tell.
 */
export const verifyTrail = async (url: string, options: ExamineOptions): Promise<Examination> =>
  connected(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return examineTrail(client, options)
  })

/** The same on a connection of `connected` that is in a transaction. */
export const examineTrail = async (client: ClientBase, options: ExamineOptions): Promise<Examination> =>
  new Examiner(client, options, await DroppedMonths.read(client, options.now)).run()

/** A seal with what it is known to hold. */
interface Judged {
  seal: Seal
  isAltered: boolean
  /** Where its entries stand. */
  from: number
  to: number
}

class Examiner {
  private readonly problems: Problem[] = []
  private problemCount = 0
  private readonly keys: ReadonlyMap<string, KeyObject>
  private last: Head = BEGINNING
  private lastIsAltered = false
  /** Until when the trail is complete, as the last seal says that is what it was. */
  private completeUntil = BEGINNING.completeUntil
  /** The first of the last seals for which no key that is known vouches, itself or by a later seal. */
  private unvouched: number | null = null
  /** Rows that are told to be changed because their date is another. */
  private readonly moved = new Set<string>()
  private seals = 0
  private rows = 0
  private hasMetHead = false

  constructor(
    private readonly client: ClientBase,
    private readonly options: ExamineOptions,
    private readonly droppedMonths: DroppedMonths,
  ) {
    this.keys = new Map(
      options.keyring.signingKeys.map(({ id, publicJwk }) => [
        id,
        createPublicKey({ format: 'jwk', key: { ...publicJwk } }),
      ]),
    )
  }

  async run(): Promise<Examination> {
    const { report = () => undefined, signal, since } = this.options
    const total = await this.count('SELECT count(*) FROM public.audit_seal_entries')
    for (
      let after = 0, seals: Seal[];
      (seals = await sealsAfter(this.client, after, SEALS_AT_ONCE)).length > 0;
    ) {
      for (const group of inGroups(seals.map((seal) => this.judge(seal)))) {
        signal?.throwIfAborted()
        await this.compare(group)
        report(Math.min(this.rows, total), total)
      }
      after = seals.at(-1)!.number
    }
    this.tellUnvouched(this.last.number)
    const dropped = this.tellMissing()
    await this.findStrays()
    if (since && !this.hasMetHead) {
      this.tell({
        kind: 'head-missing',
        seal: since.number,
        says: `Seal ${since.number} is not the one that was told: the seals from there on, or from before, were taken away or replaced, and whatever was under them may be gone.`,
      })
    }
    const unsealed = await this.findUnsealed()
    const { problems, problemCount, seals, rows, last } = this
    return { seals, rows, dropped, head: headText(last), unsealed, problems, problemCount }
  }

  /** Whether a seal is what was signed, and follows the one before it. */
  private judge(seal: Seal): Judged {
    const { last } = this
    const key = this.keys.get(seal.keyId)
    const isKnown = key !== undefined
    const isAltered = isKnown && !isSignedBy(seal, key)
    const { number } = seal
    if (number !== last.number + 1) {
      this.tellUnvouched(last.number)
      const gone =
        number - 1 === last.number + 1
          ? `Seal ${number - 1} is`
          : `Seals ${last.number + 1} to ${number - 1} are`
      this.tell({ kind: 'seal-missing', seal: last.number + 1, says: `${gone} missing.` })
    } else if (!seal.previous.equals(last.hash)) {
      this.tellUnvouched(last.number)
      if (!this.lastIsAltered && !isAltered)
        this.tellSeal(
          isKnown ? last.number : number,
          'was altered or replaced: its neighbour does not fit it.',
        )
    }
    if (isAltered) this.tellSeal(number, 'was altered: its signature does not fit it.')
    else if (isKnown) this.unvouched = null
    else this.unvouched ??= number
    if (!isAltered && seal.version !== VERSION)
      this.tellSeal(number, `is of version ${seal.version}, which this Portico does not know.`)
    const goesOn = isAltered || number === last.number + 1 || Math.abs(seal.firstPosition) > HIGHEST_NUMBER
    const from = goesOn ? last.nextPosition : seal.firstPosition
    if (!isAltered && from !== seal.firstPosition)
      this.tellSeal(number, 'does not begin where the one before it ends.')
    const to = from + Math.max(0, Math.min(seal.count, LARGEST_SEAL))
    this.last = { ...headOf(seal), nextPosition: to }
    this.lastIsAltered = isAltered
    if (!isAltered && isKnown) this.completeUntil = seal.completeUntil
    this.seals++
    const { since } = this.options
    if (since?.number === number && this.last.hash.toString('hex') === since.hash) this.hasMetHead = true
    return { seal, isAltered, from, to }
  }

  /** Compares the entries of some seals with their roots, and with the rows. */
  private async compare(group: readonly Judged[]): Promise<void> {
    const entries = await entriesBetween(this.client, group[0]!.from, group.at(-1)!.to)
    const present = await this.rowsOf(entries)
    const strangers: { entry: Entry; seal: Judged; isSealed: boolean }[] = []
    let next = 0
    for (const judged of group) {
      const { seal, isAltered, from, to } = judged
      const first = next
      while (next < entries.length && entries[next]!.position < to) next++
      const own = entries.slice(first, next)
      this.rows += own.length
      this.tellGaps(judged, own)
      const isSealed = isAltered || rootOf(own).equals(seal.root)
      const isSame = (entry: Entry) => present.get(nameOf(entry))?.equals(entry.digest) === true
      const differing = own.filter((entry) => !isSame(entry))
      for (const entry of own) this.droppedMonths.meet(entry, seal, isSealed && !isAltered && isSame(entry))
      if (!isSealed && differing.length === 0 && own.length === to - from) {
        this.tell({
          kind: 'entries-reordered',
          seal: seal.number,
          says: `The entries of seal ${seal.number} were put in another order, or altered.`,
        })
      }
      for (const entry of differing) {
        const isExcused =
          isSealed &&
          !present.has(nameOf(entry)) &&
          this.droppedMonths.excuses(entry, () => missing(entry, seal.number))
        if (!isExcused) strangers.push({ entry, seal: judged, isSealed })
      }
    }
    await this.tellDiffering(strangers)
  }

  private async rowsOf(entries: readonly Entry[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>()
    const moments = entries.map(({ occurredAt }) => occurredAt).sort()
    const span = { from: moments[0]!, to: moments.at(-1)! }
    for (const trail of TRAILS) {
      const ids = idsOf(entries, trail)
      for (const row of await digestRows(this.client, trail, ids, span)) found.set(nameOf(row), row.digest)
    }
    return found
  }

  private tellGaps({ seal, from, to }: Judged, own: readonly Entry[]): void {
    if (own.length === to - from) return
    const present = new Set(own.map(({ position }) => position))
    for (let position = from; position < to; position++) {
      if (present.has(position)) continue
      this.tell({
        kind: 'entry-missing',
        seal: seal.number,
        entry: position,
        says: `Entry ${position} of seal ${seal.number} is missing.`,
      })
    }
  }

  /** Says of entries that are not those of their rows what happened: which of them was altered, or whether the row is gone. */
  private async tellDiffering(
    differing: readonly { entry: Entry; seal: Judged; isSealed: boolean }[],
  ): Promise<void> {
    const elsewhere = new Map<string, DigestedRow>()
    for (const trail of TRAILS) {
      const ids = idsOf(
        differing.map(({ entry }) => entry),
        trail,
      )
      for (const row of await digestRows(this.client, trail, ids)) elsewhere.set(`${trail} ${row.id}`, row)
    }
    for (const { entry, seal: judged, isSealed } of differing) {
      const { number } = judged.seal
      const { trail, id, occurredAt, position } = entry
      const row = elsewhere.get(`${trail} ${id}`)
      if (row && row.occurredAt !== occurredAt) this.moved.add(nameOf(row))
      const what = { seal: number, entry: position, row: { trail, id, occurredAt } }
      if (!isSealed) {
        this.tell({
          kind: 'entry-altered',
          ...what,
          says: `Entry ${position} of seal ${number} was altered, which is about ${called(entry)}.`,
        })
      } else if (row) {
        this.tell({
          kind: 'row-changed',
          ...what,
          says: `${called(entry)} was changed after it was sealed (seal ${number}).`,
        })
      } else {
        this.tell(missing(entry, number))
      }
    }
  }

  /** Tells the rows that are gone and of which no event that is to be believed says that they were dropped; returns how many were. */
  private tellMissing(): number {
    const { dropped, missing: gone } = this.droppedMonths.judge()
    for (const { problems, count } of gone) {
      for (const problem of problems) this.tell(problem)
      this.problemCount += count - problems.length
    }
    return dropped
  }

  /** Entries that no seal holds, and seals that have no place in the chain. */
  private async findStrays(): Promise<void> {
    const { rows: entries } = await this.client.query<RowKey & { position: string }>(
      `SELECT position, trail, row_id AS id, ${asText('occurred_at')} AS "occurredAt" FROM public.audit_seal_entries
       WHERE position < 1 OR position >= $1 ORDER BY position LIMIT ${TOLD}`,
      [this.last.nextPosition],
    )
    for (const { position, ...row } of entries) {
      this.tell({
        kind: 'entry-inserted',
        entry: Number(position),
        row,
        says: `Entry ${position}, which is about ${called(row)}, belongs to no seal: its seal was taken away, or it was put in.`,
      })
    }
    const { rows: seals } = await this.client.query<{ number: string }>(
      'SELECT number FROM public.audit_seals WHERE number < 1 OR number > $1 ORDER BY number LIMIT $2',
      [HIGHEST_NUMBER, TOLD],
    )
    for (const { number } of seals)
      this.tell({
        kind: 'seal-inserted',
        seal: Number(number),
        says: `Seal ${number} has no place in the chain.`,
      })
  }

  /** Rows without an entry: new ones, which wait for their seal, and those that come too late to be new. */
  private async findUnsealed(): Promise<Examination['unsealed']> {
    const present = TRAILS.map((trail) => `SELECT '${trail}' AS trail, id, occurred_at FROM public.${trail}`)
    const isLate = `occurred_at < $1::timestamptz - $2 * interval '1 millisecond'`
    const unsealed = `FROM (${present.join(' UNION ALL ')}) present WHERE NOT EXISTS (
        SELECT FROM public.audit_seal_entries sealed
        WHERE sealed.occurred_at = present.occurred_at AND sealed.row_id = present.id AND sealed.trail = present.trail)`
    const parameters = [this.completeUntil, LONGEST_TRANSACTION]
    const { rows } = await this.client.query<{ count: string; late: string; oldest: Date | null }>(
      `SELECT count(*) FILTER (WHERE NOT late) AS count, count(*) FILTER (WHERE late) AS late,
         min(occurred_at) FILTER (WHERE NOT late) AS oldest
       FROM (SELECT occurred_at, ${isLate} AS late ${unsealed}) row`,
      parameters,
    )
    const { count, late, oldest } = rows[0]!
    if (Number(late) > 0) {
      const { rows: inserted } = await this.client.query<RowKey>(
        `SELECT trail, id::text, ${asText('occurred_at')} AS "occurredAt" ${unsealed} AND ${isLate} ORDER BY present.occurred_at, id LIMIT ${TOLD}`,
        parameters,
      )
      for (const row of inserted.filter((one) => !this.moved.has(nameOf(one)))) {
        this.tell({
          kind: 'row-inserted',
          row,
          says: `${called(row)} was put in afterwards: everything of that time had been sealed without it.`,
        })
      }
      this.problemCount += Number(late) - inserted.length
    }
    const wait = oldest === null ? 0 : this.options.now.getTime() - oldest.getTime()
    return { count: Number(count), oldest, isLate: wait > TOLERATED_WAIT }
  }

  private tellUnvouched(until: number): void {
    const { unvouched } = this
    this.unvouched = null
    if (unvouched === null) return
    this.droppedMonths.doubt(unvouched, until)
    const which = unvouched === until ? `seal ${until}` : `seals ${unvouched} to ${until}`
    this.tell({
      kind: 'seal-unvouched',
      seal: unvouched,
      says: `No key of this keyring vouches for ${which}: they were signed with others, and no later seal that is signed with one of these follows.`,
    })
  }

  private tellSeal(number: number, what: string): void {
    this.tell({ kind: 'seal-altered', seal: number, says: `Seal ${number} ${what}` })
  }

  private tell(problem: Problem): void {
    if (this.problemCount++ < TOLD) this.problems.push(problem)
  }

  private async count(sql: string): Promise<number> {
    const { rows } = await this.client.query<{ count: string }>(sql)
    return Number(rows[0]!.count)
  }
}

/** Neighbouring seals, as many as fit into memory. */
function* inGroups(seals: readonly Judged[]): Generator<Judged[]> {
  let group: Judged[] = []
  for (const judged of seals) {
    const first = group[0]?.from
    if (first !== undefined && (judged.to - first > AT_ONCE || judged.from !== group.at(-1)!.to)) {
      yield group
      group = []
    }
    group.push(judged)
  }
  if (group.length > 0) yield group
}

/** A row that was sealed and is not there. */
const missing = (entry: Entry, seal: number): Problem => ({
  kind: 'row-missing',
  seal,
  entry: entry.position,
  row: { trail: entry.trail, id: entry.id, occurredAt: entry.occurredAt },
  says: `${called(entry)} is gone, which was sealed (seal ${seal}).`,
})

const idsOf = (rows: readonly RowKey[], trail: Trail): string[] =>
  rows.filter((row) => row.trail === trail).map(({ id }) => id)

/** How a row is called in a sentence. */
function called({ trail, id, occurredAt }: RowKey): string {
  const kind = trail === 'access_records' ? 'access_record' : 'event'
  return `${toGlobalId(kind, id)} of ${occurredAt}`
}
