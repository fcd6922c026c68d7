import { createHash } from 'node:crypto'
import { QueryFailedError } from 'typeorm'
import { Rejected } from '../../core/error'
import type { Database } from '../../db/database'
import {
  admit,
  importAccounts,
  type Admitted,
  type Newcomer,
  type Refusal,
} from '../../modules/import/import-accounts'
import { ImportService, type Import, type Tally } from '../../modules/import/import.service'
import { textOf } from './formats/values'
import { newcomerOf } from './newcomer'
import type { Entry } from './read/entry'
import { Refused } from './refused'
import type { RefusedEntry, Report } from './report'
import type { Source } from './source'

/** How many entries one transaction takes: enough that its own cost does not count, few enough to lose nothing worth waiting for. */
const BATCH = 1_000

/** An entry of the file that has been looked at without the database. */
interface Candidate {
  place: Entry['place']
  /** As the file gives them, for the report. */
  username: string | null
  email: string | null
  newcomer: Newcomer | readonly Refusal[]
  hadSecondFactor: boolean
}

export interface ImporterOptions {
  isDryRun: boolean
  allowStaff: boolean
  /** Null where no report is wanted. */
  report: Report
  /** Called after each batch. */
  onProgress: (tally: Tally) => void
  /** Ends the import after the batch that is under way. */
  signal: AbortSignal
}

/**
 * Imports what is left of a source, batch by batch, each in one transaction with the progress. While PostgreSQL is at one,
 * the next is read.
 * @returns the import as it stands at the end, which is finished unless `signal` ended it.
 */
export async function runImport(
  db: Database,
  source: Source,
  begun: Import,
  options: ImporterOptions,
): Promise<Import> {
  const importer = options.isDryRun ? new Rehearsal(db, options) : new Importer(db, options)
  let state = begun
  let position = 0
  let batch: Candidate[] = []
  let underWay: Promise<Import> = Promise.resolve(state)
  const flush = async () => {
    state = await underWay
    options.onProgress(state.tally)
    const [from, candidates] = [state, batch]
    batch = []
    underWay = importer.take(from, candidates)
    // Whoever waits for it next is told of its failure; until then it is nobody's.
    underWay.catch(() => undefined)
  }
  for await (const entry of source.entries()) {
    if (options.signal.aborted) break
    if (++position <= begun.position) continue
    batch.push(candidateOf(source, entry, db.now))
    if (batch.length >= BATCH) await flush()
  }
  if (options.signal.aborted) return underWay
  await flush()
  state = await underWay
  options.onProgress(state.tally)
  return importer.finish(state)
}

function candidateOf(source: Source, { place, content }: Entry, now: Date): Candidate {
  const unread = { place, username: null, email: null, hadSecondFactor: false }
  if (content instanceof Refused) return { ...unread, newcomer: content.refusals }
  const given = { ...unread, username: shown(content['username']), email: shown(content['email']) }
  try {
    const draft = source.draftOf(content)
    const { hadSecondFactor = false } = draft
    return {
      ...given,
      username: shown(draft.username ?? draft.nameHints?.[0] ?? content['username']),
      hadSecondFactor,
      newcomer: newcomerOf(draft, now),
    }
  } catch (error) {
    if (error instanceof Refused) return { ...given, newcomer: error.refusals }
    throw error
  }
}

const shown = (value: unknown): string | null => textOf(value)?.slice(0, 254) ?? null

/** What a batch has come to: for each candidate an admission or a refusal. */
type Decision = [Candidate, Admitted | readonly Refusal[]]

async function decide(
  db: Database,
  candidates: readonly Candidate[],
  rules: Parameters<typeof admit>[2],
): Promise<Decision[]> {
  const newcomers = candidates.flatMap(({ newcomer }) => ('address' in newcomer ? newcomer : []))
  const decided = newcomers.length === 0 ? [] : await admit(db, newcomers, rules)
  return candidates.map((candidate): Decision => {
    const { newcomer } = candidate
    return [candidate, 'address' in newcomer ? decided.shift()! : newcomer]
  })
}

const isAdmitted = (outcome: Decision[1]): outcome is Admitted => 'account' in outcome

class Importer {
  constructor(
    protected readonly db: Database,
    protected readonly options: ImporterOptions,
  ) {}

  /**
   * Imports a batch and moves the import on, in one transaction. Where the database refuses it, because somebody has signed
   * up meanwhile or for a reason that nobody thought of, each half is tried, until the one entry is found that is the matter.
   */
  async take(from: Import, candidates: readonly Candidate[]): Promise<Import> {
    if (candidates.length === 0) return from
    try {
      return await this.db.transaction(async (tx) => {
        const decisions = await decide(tx, candidates, { ...this.options, spoken: new Set() })
        await importAccounts(
          tx,
          decisions.flatMap(([, outcome]) => (isAdmitted(outcome) ? outcome : [])),
        )
        return this.advance(tx, from, decisions)
      })
    } catch (error) {
      const refusals = refusalsOf(error)
      if (refusals === null) throw error
      const [first] = candidates
      if (candidates.length === 1) {
        return this.db.transaction((tx) => this.advance(tx, from, [[first!, refusals]]))
      }
      const middle = Math.ceil(candidates.length / 2)
      return this.take(await this.take(from, candidates.slice(0, middle)), candidates.slice(middle))
    }
  }

  async finish(state: Import): Promise<Import> {
    const finished = { ...state, finishedAt: this.db.now }
    await this.db.transaction((tx) => new ImportService(tx).advance(state, finished))
    return finished
  }

  protected async advance(tx: Database, from: Import, decisions: readonly Decision[]): Promise<Import> {
    const reportLength = this.options.report.write(from.tally.reportLength, refusedOf(decisions))
    const tally = { ...counted(from.tally, decisions), reportLength }
    const to = { ...from, position: from.position + decisions.length, tally }
    await new ImportService(tx).advance(from, to)
    return to
  }
}

/** Decides as an import does, and writes nothing but the report. */
class Rehearsal extends Importer {
  private readonly spoken = new Fingerprints()

  override async take(from: Import, candidates: readonly Candidate[]): Promise<Import> {
    const decisions = await decide(this.db, candidates, { ...this.options, spoken: this.spoken })
    const reportLength = this.options.report.write(from.tally.reportLength, refusedOf(decisions))
    return { ...from, tally: { ...counted(from.tally, decisions), reportLength } }
  }

  override async finish(state: Import): Promise<Import> {
    return state
  }
}

/** A set of texts that keeps 48 bits of each, so that a million take some tens of megabytes. */
class Fingerprints {
  private readonly prints = new Set<number>()

  has(text: string): boolean {
    return this.prints.has(print(text))
  }

  add(text: string): void {
    this.prints.add(print(text))
  }
}

const print = (text: string): number => createHash('sha256').update(text).digest().readUIntBE(0, 6)

/** Why the database refused a batch that had seemed fine; null for a failure that is nobody's in it. */
function refusalsOf(error: unknown): readonly Refusal[] | null {
  if (error instanceof Rejected) return Refused.because(error).refusals
  // Classes 22 (data) and 23 (integrity).
  const { code = '' } = error instanceof QueryFailedError ? (error.driverError as { code?: string }) : {}
  return /^2[23]/.test(code)
    ? [{ field: '', code: 'INVALID', message: `PostgreSQL refuses this entry (${code}).` }]
    : null
}

const refusedOf = (decisions: readonly Decision[]): RefusedEntry[] =>
  decisions.flatMap(([{ place, username, email }, outcome]) =>
    isAdmitted(outcome) ? [] : { ...place, username, email, problems: outcome },
  )

function counted(before: Tally, decisions: readonly Decision[]): Tally {
  const tally = { ...before, reasons: { ...before.reasons } }
  for (const [{ username, hadSecondFactor }, outcome] of decisions) {
    if (isAdmitted(outcome)) {
      tally.imported++
      if (outcome.account.username !== username?.toLowerCase()) tally.namesMade++
      if (outcome.account.passwordHash === null) tally.withoutPassword++
      if (hadSecondFactor) tally.secondFactorsLeft++
      continue
    }
    tally.refused++
    for (const { field, code } of outcome) {
      const reason = [field.split('.')[0], code].filter(Boolean).join(' ')
      tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1
    }
  }
  return tally
}
