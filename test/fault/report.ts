import { cpus } from 'node:os'
import { markdown } from '../bench/report'
import { isMet, worst, type Fault, type Figure } from './fault'

/** What came of a fault, each time that it was played, or why it was not. */
export interface Outcome {
  fault: Fault
  plays: Figure[][]
  /** Why it was not played, or what broke it off. */
  obstacle: string | null
  failed: boolean
}

/** The worst of each figure, over all plays. */
const summary = ({ plays }: Outcome): Figure[] =>
  (plays[0] ?? []).map(({ name }) =>
    worst(plays.map((figures) => figures.find((each) => each.name === name)!)),
  )

/** Whether every figure of every play is what it has to be. */
export const isOutcomeMet = (outcome: Outcome): boolean =>
  !outcome.failed && outcome.plays.flat().every(isMet)

export function toTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { fault, plays, obstacle } = outcome
    const figures = summary(outcome)
    const targets = figures.map(target).filter(Boolean)
    const met =
      plays.length === 0 && !outcome.failed ? 'not played' : isOutcomeMet(outcome) ? 'yes' : '**no**'
    const told = [...figures.map(figure), ...(obstacle === null ? [] : [obstacle])]
    return [`${fault.number}`, fault.name, String(plays.length), told.join(', '), targets.join(', '), met]
  })
  return markdown(['#', 'fault', 'times', 'worst', 'target', 'met'], rows)
}

export function toJson(outcomes: readonly Outcome[], settings: Record<string, unknown>): string {
  const machine = { node: process.version, platform: process.platform, cores: cpus().length }
  const faults = outcomes.map((outcome) => ({
    number: outcome.fault.number,
    name: outcome.fault.name,
    how: outcome.fault.how,
    obstacle: outcome.obstacle,
    met: isOutcomeMet(outcome),
    worst: summary(outcome),
    plays: outcome.plays,
  }))
  return `${JSON.stringify({ at: new Date().toISOString(), machine, ...settings, faults }, null, 2)}\n`
}

const figure = ({ name, value, unit }: Figure): string => `${name} ${amount(value, unit)}`

const target = ({ name, atMost, atLeast, unit }: Figure): string =>
  atLeast !== undefined
    ? `${name} ≥ ${amount(atLeast, unit)}`
    : atMost === undefined
      ? ''
      : atMost === 0
        ? `${name} 0`
        : `${name} ≤ ${amount(atMost, unit)}`

function amount(value: number, unit: Figure['unit']): string {
  if (unit === '%') return `${value.toFixed(1)} %`
  if (unit === undefined) return String(Math.round(value * 100) / 100)
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`
}
