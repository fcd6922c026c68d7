import 'reflect-metadata'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { FAULTS } from './faults/faults'
import { play } from './play'
import { seeded } from './random'
import { isOutcomeMet, toJson, toTable, type Outcome } from './report'
import { Stage } from './stage'

const HELP = `npm run fault -- [options]

Plays what goes wrong in production against Portico with production settings, while clients write and remember what they were
told, and prints the worst of it as Markdown. Ends with exit code 1 where a target is missed.

  --only <list>    only these faults: numbers, separated by commas, or a part of a name
  --times <n>      how often each is played; 10 unless given
  --quick          twice, with shorter durations; for a first look
  --seed <n>       decides when a fault strikes; another one in each run unless given
  --json <file>    writes every figure of every play as JSON as well
`

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      times: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (options.help) return void process.stdout.write(HELP)
  const times = whole(options.times, options.quick ? 2 : 10)
  const seed = whole(options.seed, Date.now() % 1_000_000)
  const faults = FAULTS.filter(({ number, name }) => isAskedFor(options.only, number, name))
  if (faults.length === 0) throw new Error(`There is no fault ${options.only}.`)
  tell(`Seed ${seed}`)
  const stage = await Stage.build(seeded(seed), options.quick)
  const outcomes: Outcome[] = []
  try {
    for (const fault of faults) {
      const outcome = await play(stage, fault, times, tell)
      outcomes.push(outcome)
      tell(`   ${JSON.stringify(outcome.plays.at(-1)?.map(({ name, value }) => [name, Math.round(value)]))}`)
      if (options.json !== undefined)
        writeFileSync(options.json, toJson(outcomes, { seed, quick: options.quick }))
    }
  } finally {
    await stage.strike()
  }
  process.stdout.write(`${toTable(outcomes)}\n`)
  if (!outcomes.every(isOutcomeMet)) process.exitCode = 1
}

const isAskedFor = (only: string, number: number, name: string): boolean =>
  /^[\d,]+$/.test(only) ? only.split(',').includes(String(number)) : name.includes(only)

function whole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d+$/.test(text)) throw new Error(`${text} is not a whole number.`)
  return Number(text)
}

const tell = (line: string) => process.stderr.write(`${line}\n`)

main().catch((error: unknown) => {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
