import 'reflect-metadata'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client } from 'pg'
import pino from 'pino'
import { readConfig } from '../../src/config/config'
import { DEMO_PURPOSES } from '../../src/config/consent-purposes'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/db/embedded/embedded-postgres'
import { layFoundation } from '../../src/server/portico'
import { Contender } from './contender'
import { CONNECTIONS, load, requestTo, type Tokens } from './load'
import { measureDecryption, toDecryptionTable } from './decryption'
import { CLIENTS, measureIngestion, type IngestionRound } from './ingestion'
import { measureLookUps, toLookUpTable } from './look-ups'
import { dearest } from './profile'
import { toCosts, toIngestionTable, toJson, toSignInTable, toTable, type Measured } from './report'
import { measureSignIns, type SignInRound } from './sign-ins'
import { SCENARIOS, type Scenario } from './scenarios'
import { seed } from './seed'
import { scripts } from '../../package.json'

const ROOT = join(__dirname, '..', '..')

/** What `npm start` runs once everything is built, flags of Node included. */
const NPM_START = scripts.start.split('&& node ').at(-1)!.split(' ')

const HELP = `npm run bench -- [options]

Measures Portico against a hand-written floor on the same database, and prints the ratios as Markdown.

  --quick            three rounds of a second instead of five of three; for a first look
  --only <text>      only scenarios whose name contains it, or session look-up, or decryption, or sign-ins, or ingestion
  --json <file>      writes every round as JSON as well
  --profile <folder> profiles Portico in each scenario instead of comparing: prints where the time goes, writes .cpuprofile files
`

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (options.help) return void process.stdout.write(HELP)
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(options.only))
  const plan = options.quick ? { rounds: 3, seconds: 1, warmUp: 0.5 } : { rounds: 5, seconds: 3, warmUp: 2 }

  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js')], { stdio: 'inherit' })
  const dataDir = mkdtempSync(join(tmpdir(), 'portico-bench-'))
  // Root runs PostgreSQL as somebody else, whose database would lie, and stay, elsewhere if it could not enter.
  chmodSync(dataDir, 0o755)
  const running: { stop(): Promise<void> }[] = []
  try {
    const postgres = await startEmbeddedPostgres({ dataDir, durability: 'full' })
    running.unshift(postgres)
    const keyring = join(dataDir, 'keyring.json')
    tell('Seeding …')
    const tokens = await prepare(postgres, keyring)
    const isAskedFor = (name: string) => options.profile === undefined && name.includes(options.only)
    const results: Record<string, unknown> = {}
    const keep = (facts: Record<string, unknown>, measured: readonly Measured[] = []) => {
      Object.assign(results, facts)
      if (options.json !== undefined)
        writeFileSync(options.json, toJson(measured, { connections: CONNECTIONS, ...plan, ...results }))
    }
    if (isAskedFor('session look-up')) {
      tell('Looking sessions up')
      const lookUpTimes = await lookUps(postgres, keyring, tokens, plan)
      process.stdout.write(`${toLookUpTable(lookUpTimes)}\n\n`)
      keep({ lookUps: lookUpTimes })
    }
    if (isAskedFor('decryption')) {
      tell('Decrypting')
      const foundation = await foundationOn(postgres, keyring)
      const decryption = await measureDecryption(foundation.db, plan).finally(() => foundation.stop())
      process.stdout.write(`${toDecryptionTable(decryption)}\n\n`)
      keep({ decryption })
    }
    if (scenarios.length === 0 && !isAskedFor('sign-ins') && !isAskedFor('ingestion')) return
    const portico = await Contender.start('Portico', NPM_START, production(postgres, keyring))
    running.unshift(portico)

    if (options.profile !== undefined) {
      for (const scenario of scenarios) await profile(portico, scenario, tokens, plan, options.profile)
      return
    }
    if (isAskedFor('sign-ins')) {
      const signIns: SignInRound[] = []
      for (let round = 1; round <= plan.rounds; round++) {
        tell(`Sign-ins, round ${round} of ${plan.rounds}`)
        signIns.push(await measureSignIns(portico, tokens, plan.seconds * 3))
      }
      process.stdout.write(`${toSignInTable(signIns)}\n`)
      keep({ signIns })
    }
    if (isAskedFor('ingestion')) {
      const ingestion: IngestionRound[] = []
      for (let round = 1; round <= plan.rounds; round++)
        for (const clients of CLIENTS) {
          tell(`Ingestion by ${clients}, round ${round} of ${plan.rounds}`)
          ingestion.push(await measureIngestion(portico, postgres.appUrl, clients, plan.seconds))
        }
      process.stdout.write(`${toIngestionTable(ingestion)}\n`)
      keep({ ingestion })
    }
    if (scenarios.length === 0) return
    const floor = await Contender.start('floor', ['-r', '@swc-node/register', 'test/bench/floor.ts'], {
      DATABASE_URL: postgres.appUrl,
      KEYRING: keyring,
      NODE_ENV: 'production',
    })
    running.unshift(floor)
    for (const scenario of scenarios) await assertSameAnswer(floor, portico, scenario, tokens)
    const measured = await compare(floor, portico, scenarios, tokens, plan)
    process.stdout.write(`${toTable(measured)}\n`)
    keep({}, measured)
  } finally {
    for (const part of running) await part.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The database side of Portico, in this process. */
const foundationOn = (postgres: EmbeddedPostgres, keyring: string) =>
  layFoundation(
    readConfig({
      NODE_ENV: 'test',
      DATABASE_URL: postgres.appUrl,
      DATABASE_OWNER_URL: postgres.ownerUrl,
      PORTICO_KEYRING: keyring,
      DEMO_DATA: 'off',
    }),
    pino({ level: 'silent' }),
  )

async function lookUps(postgres: EmbeddedPostgres, keyring: string, { reader }: Tokens, plan: Plan) {
  const foundation = await foundationOn(postgres, keyring)
  return measureLookUps(foundation.db, postgres.appUrl, reader, plan).finally(() => foundation.stop())
}

/** Migrates and fills the database; returns the tokens of the accounts that ask. */
async function prepare(postgres: EmbeddedPostgres, keyring: string): Promise<Tokens> {
  const foundation = await foundationOn(postgres, keyring)
  const tokens = await seed(foundation.db).finally(() => foundation.stop())
  const owner = new Client({ connectionString: postgres.ownerUrl })
  await owner.connect()
  await owner.query('VACUUM ANALYZE').finally(() => owner.end())
  return tokens
}

/** Portico as it runs behind a proxy. Nothing is mailed here, and nothing is forwarded. */
const production = (postgres: EmbeddedPostgres, keyring: string): Record<string, string> => ({
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://portico.example',
  TRUSTED_PROXIES: '127.0.0.1',
  DATABASE_URL: postgres.appUrl,
  DATABASE_OWNER_URL: postgres.ownerUrl,
  PORTICO_KEYRING: keyring,
  SMTP_URL: 'smtp://127.0.0.1:9',
  CONSENT_PURPOSES: JSON.stringify(DEMO_PURPOSES),
})

interface Plan {
  rounds: number
  /** Of each round. */
  seconds: number
  warmUp: number
}

/** Both in turns, the order changing with every round. */
async function compare(
  floor: Contender,
  portico: Contender,
  scenarios: readonly Scenario[],
  tokens: Tokens,
  plan: Plan,
): Promise<Measured[]> {
  for (const scenario of scenarios) {
    tell(`Warming up: ${scenario.name}`)
    for (const contender of [floor, portico]) await load(contender, scenario, tokens, plan.warmUp)
  }
  const measured = scenarios.map(({ name }): Measured => ({ scenario: name, floor: [], portico: [] }))
  for (let round = 1; round <= plan.rounds; round++) {
    tell(`Round ${round} of ${plan.rounds}`)
    for (const [index, scenario] of scenarios.entries()) {
      for (const contender of round % 2 === 1 ? [floor, portico] : [portico, floor]) {
        const result = await load(contender, scenario, tokens, plan.seconds)
        measured[index]![contender === floor ? 'floor' : 'portico'].push(result)
      }
    }
  }
  return measured
}

/** A ratio means something only where both answer the same. */
async function assertSameAnswer(
  floor: Contender,
  portico: Contender,
  scenario: Scenario,
  tokens: Tokens,
): Promise<void> {
  const dataOf = async (contender: Contender) => {
    const { url, ...request } = requestTo(contender, scenario, tokens)
    const text = await (await fetch(url, request)).text()
    const isFresh = (key: string) => scenario.fresh?.includes(key) ?? false
    const form = (value: string) => value.replace(/[0-9a-z]/g, 'x')
    return JSON.parse(text, (key, value: unknown) =>
      key === 'extensions' ? undefined : isFresh(key) ? form(value as string) : value,
    ) as unknown
  }
  assert.deepEqual(await dataOf(portico), await dataOf(floor), `${scenario.name}: the answers differ.`)
}

async function profile(
  portico: Contender,
  scenario: Scenario,
  tokens: Tokens,
  plan: Plan,
  folder: string,
): Promise<void> {
  await load(portico, scenario, tokens, plan.warmUp)
  const taken = await portico.profile(() => load(portico, scenario, tokens, plan.seconds * 2))
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${scenario.name.replace(/\W+/g, '-')}.cpuprofile`)
  writeFileSync(file, JSON.stringify(taken))
  const { functions, packages } = dearest(taken, 10)
  process.stdout.write(
    `\n### ${scenario.name}\n\n${toCosts('function', functions)}\n\n${toCosts('package', packages)}\n`,
  )
}

const tell = (line: string) => process.stderr.write(`${line}\n`)

main().catch((error: unknown) => {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
