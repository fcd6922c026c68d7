import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { readConfig } from '../../src/config/config'
import { generateKeyring } from '../../src/crypto/keyring'
import { layFoundation } from '../../src/server/portico'
import { account } from '../bench/seed'
import { ROOT } from '../cli/portico-process'
import { PRODUCTION } from '../support/production'
import { WriteLedger, type Load } from './ledger'
import { SupervisedPortico } from './node'
import { FragilePostgres } from './postgres'
import type { Random } from './random'

/** As many as write what the ledgers of a run ask for without anybody's being slowed down. */
const WRITERS = 300

/** Where faults are played: a PostgreSQL, people who may write, and as many Porticos as are asked for. */
export class Stage {
  private readonly beside: { stop(): Promise<unknown> }[] = []

  private constructor(
    private readonly folder: string,
    private readonly keyring: string,
    readonly postgres: FragilePostgres,
    private readonly tokens: readonly string[],
    readonly random: Random,
    /** Whether durations are shortened, for a first look. */
    readonly isQuick: boolean,
  ) {}

  /** Builds Portico, makes a database in a folder, or in a temporary one, and people in it. */
  static async build(random: Random, isQuick: boolean, within = tmpdir()): Promise<Stage> {
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const folder = realpathSync(mkdtempSync(join(within, 'portico-fault-')))
    // Root runs PostgreSQL as somebody else, who has to get in.
    chmodSync(folder, 0o755)
    const keyring = join(folder, 'keyring.json')
    writeFileSync(keyring, generateKeyring(), { mode: 0o600 })
    const postgres = await FragilePostgres.make(folder)
    try {
      const tokens = await people(postgres, keyring)
      return new Stage(folder, keyring, postgres, tokens, random, isQuick)
    } catch (error) {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** A Portico with settings of production, whose database is reached at a port of somebody in between, or directly. */
  async portico(databasePort?: number, settings: Record<string, string> = {}): Promise<SupervisedPortico> {
    const portico = await SupervisedPortico.start(this.environment(databasePort, settings))
    this.beside.unshift(portico)
    return portico
  }

  environment(databasePort?: number, settings: Record<string, string> = {}): Record<string, string> {
    return {
      ...PRODUCTION,
      DATABASE_URL: this.postgres.appUrl(databasePort),
      DATABASE_OWNER_URL: this.postgres.ownerUrl(databasePort),
      PORTICO_KEYRING: this.keyring,
      DATA_DIR: this.folder,
      LOG_LEVEL: 'error',
      ...settings,
    }
  }

  /** Clients that write and read at this port until their ledger is ended, or the play is over. */
  clients(port: number, load: Omit<Load, 'port' | 'tokens'> = {}): WriteLedger {
    const ledger = new WriteLedger({ port, tokens: this.tokens, ...load })
    this.beside.unshift({ stop: () => ledger.end() })
    return ledger
  }

  /** What a play has begun besides, such as a proxy, and ends with it. */
  keep<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.beside.push(part)
    return part
  }

  get token(): string {
    return this.tokens[0]!
  }

  /** Ends what a play has left running, clients first. */
  async clear(): Promise<void> {
    for (const part of this.beside.splice(0)) await part.stop()
  }

  async strike(): Promise<void> {
    await this.clear()
    await this.postgres.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function people(postgres: FragilePostgres, keyring: string): Promise<string[]> {
  const foundation = await layFoundation(
    readConfig({
      NODE_ENV: 'test',
      DATABASE_URL: postgres.appUrl(),
      DATABASE_OWNER_URL: postgres.ownerUrl(),
      PORTICO_KEYRING: keyring,
      DEMO_DATA: 'off',
    }),
    pino({ level: 'silent' }),
  )
  const tokens: string[] = []
  try {
    await foundation.db.transaction(async (tx) => {
      for (let number = 0; number < WRITERS; number++)
        tokens.push(await account(tx, `writer${number}`, 'user'))
    })
    return tokens
  } finally {
    await foundation.stop()
  }
}
