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
import { reportLines, type Report } from './report'
import type { Source } from './source'

/** How many entries one transaction takes: enough that its own cost does not count, few enough to lose nothing worth waiting for. */
const BATCH = 500

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
  /** Where the refused are named. */
  report: Report
  /** Called after each batch. */
  onProgress: (tally: Tally) => void
  /** Ends the import after the batch that is under way. */
  signal: AbortSignal
}

/**
 * Imports what is left of a source, batch by batch, each in one transaction with the progress. Two are under way at a time:
 * what one of them computes, the other one's PostgreSQL hides.
 * @returns the import as it stands at the end, which is finished unless `signal` ended it.
 */
export async function runImport(
  db: Database,
  source: Source,
  begun: Import,
  options: ImporterOptions,
): Promise<Import> {
  const importer = options.isDryRun ? new Rehearsal(db, options) : new Importer(db, options)
  let position = 0
  let candidates: Candidate[] = []
  let [former, latter] = [settled(begun), settled(begun)]
  const flush = async () => {
    options.onProgress((await former.done).tally)
    ;[former, latter] = [latter, importer.take(latter, candidates)]
    candidates = []
  }
  for await (const entry of source.entries()) {
    if (options.signal.aborted) break
    if (++position <= begun.position) continue
    candidates.push(candidateOf(source, entry, db))
    if (candidates.length >= BATCH) await flush()
  }
  if (options.signal.aborted) return latter.done
  await flush()
  const state = await latter.done
  options.onProgress(state.tally)
  return importer.finish(state)
}

/** A batch under way. */
interface Batch {
  /** Names and addresses that it will take, once they are known. */
  names: Promise<readonly string[]>
  /** The import after the first try. */
  tried: Promise<Import>
  /** The import after it, whatever had to be done for that. */
  done: Promise<Import>
}

const settled = (state: Import): Batch => ({
  names: Promise.resolve([]),
  tried: Promise.resolve(state),
  done: Promise.resolve(state),
})

function candidateOf(source: Source, { place, content }: Entry, { now, tools }: Database): Candidate {
  const unread = { place, username: null, email: null, hadSecondFactor: false }
  if (content instanceof Refused) return { ...unread, newcomer: content.refusals }
  const given = { ...unread, username: shown(content['username']), email: shown(content['email']) }
  try {
    const draft = source.draftOf(content, now)
    const { hadSecondFactor = false } = draft
    return {
      ...given,
      username: shown(draft.username ?? draft.nameHints?.[0] ?? content['username']),
      hadSecondFactor,
      newcomer: newcomerOf(draft, tools, now),
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

const admittedOf = (decisions: readonly Decision[]): Admitted[] =>
  decisions.flatMap(([, outcome]) => (isAdmitted(outcome) ? outcome : []))

const namesOf = ({ account }: Admitted): string[] => [account.username, account.address]

class Importer {
  constructor(
    protected readonly db: Database,
    protected readonly options: ImporterOptions,
  ) {}

  /**
   * Begins to import a batch while the one before it is under way. It commits after that one, and where that one's first
   * try fails, so does its own, for its locks may be the reason.
   */
  take(before: Batch, candidates: readonly Candidate[]): Batch {
    let tell!: (names: readonly string[]) => void
    const names = new Promise<readonly string[]>((resolve) => (tell = resolve))
    const tried = this.try(before, candidates, tell).finally(() => tell([]))
    const done = tried.catch((error: unknown) => this.recover(error, before, candidates))
    // Whoever waits for it next is told of its failure; until then it is nobody's.
    done.catch(() => undefined)
    return { names, tried, done }
  }

  protected async try(
    before: Batch,
    candidates: readonly Candidate[],
    tell: (names: readonly string[]) => void,
  ): Promise<Import> {
    const spoken = new Set(await before.names)
    return this.db.transaction(async (tx) => {
      const decisions = await decide(tx, candidates, { ...this.options, spoken })
      tell(admittedOf(decisions).flatMap(namesOf))
      await importAccounts(tx, admittedOf(decisions))
      return this.advance(tx, await before.tried, decisions)
    })
  }

  protected async recover(_error: unknown, before: Batch, candidates: readonly Candidate[]): Promise<Import> {
    return this.takeAlone(await before.done, candidates)
  }

  /**
   * Imports a batch while no other one is under way. Where the database refuses it, because somebody has signed up
   * meanwhile or for a reason that nobody thought of, each half is tried, until the one entry is found that is the matter.
   */
  private async takeAlone(from: Import, candidates: readonly Candidate[]): Promise<Import> {
    const [first] = candidates
    if (first === undefined) return from
    try {
      return await this.db.transaction(async (tx) => {
        const decisions = await decide(tx, candidates, { ...this.options, spoken: new Set() })
        await importAccounts(tx, admittedOf(decisions))
        return this.advance(tx, from, decisions)
      })
    } catch (error) {
      const refusals = refusalsOf(error)
      if (refusals === null) throw error
      if (candidates.length === 1) {
        return this.db.transaction((tx) => this.advance(tx, from, [[first, refusals]]))
      }
      const middle = Math.ceil(candidates.length / 2)
      const between = await this.takeAlone(from, candidates.slice(0, middle))
      return this.takeAlone(between, candidates.slice(middle))
    }
  }

  async finish(state: Import): Promise<Import> {
    const finished = { ...state, finishedAt: this.db.now }
    await this.db.transaction((tx) => new ImportService(tx).advance(state, finished))
    return finished
  }

  private async advance(tx: Database, from: Import, decisions: readonly Decision[]): Promise<Import> {
    const to = after(from, decisions)
    await new ImportService(tx).advance(from, to)
    // Only now is it certain that this is the process whose report it is.
    this.options.report.write(from.tally.reportLength, linesOf(decisions))
    return to
  }
}

/** Decides as an import does, and writes nothing but the report. */
class Rehearsal extends Importer {
  private readonly spoken = new Fingerprints()

  protected override async try(before: Batch, candidates: readonly Candidate[]): Promise<Import> {
    const from = await before.done
    const decisions = await decide(this.db, candidates, { ...this.options, spoken: this.spoken })
    this.options.report.write(from.tally.reportLength, linesOf(decisions))
    return after(from, decisions)
  }

  /** A rehearsal that fails has failed: nothing may be tried for real. */
  protected override async recover(error: unknown): Promise<Import> {
    throw error
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

/** The import once these are decided. */
const after = (from: Import, decisions: readonly Decision[]): Import => {
  const reportLength = from.tally.reportLength + linesOf(decisions).length
  const tally = { ...counted(from.tally, decisions), reportLength }
  return { ...from, position: from.position + decisions.length, tally }
}

/** What the report says of the refused. */
const linesOf = (decisions: readonly Decision[]): Buffer =>
  reportLines(
    decisions.flatMap(([{ place, username, email }, outcome]) =>
      isAdmitted(outcome) ? [] : { ...place, username, email, problems: outcome },
    ),
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
