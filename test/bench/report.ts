import { cpus } from 'node:os'
import { median } from '../support/mann-whitney'
import type { IngestionRound } from './ingestion'
import type { Round } from './load'
import type { Cost } from './profile'
import type { SignInRound } from './sign-ins'

/** All rounds of a scenario, the floor's and Portico's of the same number one after the other. */
export interface Measured {
  scenario: string
  floor: Round[]
  portico: Round[]
}

const MEGABYTE = 1024 * 1024

/** Medians over the rounds; the ratio is the median of each round's own, so that a slow minute of the machine hits both. */
function summary({ floor, portico }: Measured) {
  const of = (rounds: readonly Round[]) => ({
    requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
    p50: median(rounds.map((round) => round.p50)),
    p99: median(rounds.map((round) => round.p99)),
    processor: median(rounds.map((round) => round.processor)),
    memory: Math.max(...rounds.map((round) => round.memory)),
  })
  const ratios = portico.map((round, index) => round.requestsPerSecond / floor[index]!.requestsPerSecond)
  return {
    floor: of(floor),
    portico: of(portico),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  }
}

export function toJson(measured: readonly Measured[], settings: Record<string, unknown>): string {
  const machine = {
    node: process.version,
    platform: process.platform,
    processor: cpus()[0]?.model,
    cores: cpus().length,
  }
  const scenarios = measured.map((each) => ({ ...each, summary: summary(each) }))
  return `${JSON.stringify({ at: new Date().toISOString(), machine, ...settings, scenarios }, null, 2)}\n`
}

export function toTable(measured: readonly Measured[]): string {
  const rows = measured.map((each) => {
    const { floor, portico, ratio, lowest, highest } = summary(each)
    const latency = ({ p50, p99 }: typeof floor) => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`
    const memory = ({ memory: bytes }: typeof floor) => `${Math.round(bytes / MEGABYTE)} MB`
    return [
      each.scenario,
      floor.requestsPerSecond.toFixed(0),
      portico.requestsPerSecond.toFixed(0),
      `**${ratio.toFixed(2)}** (${lowest.toFixed(2)}–${highest.toFixed(2)})`,
      latency(floor),
      latency(portico),
      `${floor.processor.toFixed(2)} / ${portico.processor.toFixed(2)} ms`,
      `${memory(floor)} / ${memory(portico)}`,
    ]
  })
  return markdown(
    [
      'scenario',
      'floor req/s',
      'Portico req/s',
      'ratio',
      'floor p50 / p99',
      'Portico p50 / p99',
      'CPU per answer',
      'memory',
    ],
    rows,
  )
}

/** Sign-ins as a share of bare bcrypt, and the viewer query beside them; the medians of all rounds and the worst. */
export function toSignInTable(rounds: readonly SignInRound[]): string {
  const of = (value: (round: SignInRound) => number) => median(rounds.map(value))
  const share = (round: SignInRound) => round.signIns / round.bcrypt
  const shares = rounds.map(share)
  const worst = Math.max(...rounds.map(({ viewer }) => viewer.p99))
  return markdown(
    ['bcrypt/s', 'sign-ins/s', 'share', 'viewer beside 200 who sign in', 'p50 / p99', 'worst p99'],
    [
      [
        of(({ bcrypt }) => bcrypt).toFixed(2),
        of(({ signIns }) => signIns).toFixed(2),
        `**${of(share).toFixed(2)}** (${Math.min(...shares).toFixed(2)}–${Math.max(...shares).toFixed(2)})`,
        `${of(({ viewer }) => viewer.requestsPerSecond).toFixed(0)} req/s`,
        `${of(({ viewer }) => viewer.p50).toFixed(1)} / ${of(({ viewer }) => viewer.p99).toFixed(1)} ms`,
        `${worst.toFixed(1)} ms`,
      ],
    ],
  )
}

/** What clients tell as a share of bare COPY, by how many there are; the medians of all rounds and the worst. */
export function toIngestionTable(rounds: readonly IngestionRound[]): string {
  const rows = [...new Set(rounds.map(({ clients }) => clients))].map((clients) => {
    const those = rounds.filter((round) => round.clients === clients)
    const of = (value: (round: IngestionRound) => number) => median(those.map(value))
    const ratios = those.map(({ events, copy }) => events / copy)
    return [
      String(clients),
      of(({ copy }) => copy).toFixed(0),
      of(({ events }) => events).toFixed(0),
      `**${median(ratios).toFixed(2)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
      `${of(({ copyP99 }) => copyP99).toFixed(1)} ms`,
      `${of(({ p50 }) => p50).toFixed(1)} / ${of(({ p99 }) => p99).toFixed(1)} ms`,
      `${Math.round(Math.max(...those.map(({ memory }) => memory)) / MEGABYTE)} MB`,
      String(those.reduce((sum, { refused }) => sum + refused, 0)),
    ]
  })
  return markdown(
    ['clients', 'COPY rows/s', 'events/s', 'ratio', 'COPY p99', 'p50 / p99', 'memory', 'asked to come again'],
    rows,
  )
}

export const toCosts = (title: string, costs: readonly Cost[]): string =>
  markdown(
    [title, 'self time'],
    costs.map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]),
  )

/** A table of Markdown whose columns stand in line. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
