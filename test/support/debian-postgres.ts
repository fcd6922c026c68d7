import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port'

const isRoot = process.getuid?.() === 0

/** The newest PostgreSQL of Debian's packages on this machine: the folder of its programs. */
export function debianPrograms(): string | null {
  const home = '/usr/lib/postgresql'
  const versions = existsSync(home) ? readdirSync(home).map(Number).filter(Boolean) : []
  const newest = versions.sort((one, other) => other - one)[0]
  const programs = join(home, String(newest), 'bin')
  return newest !== undefined && newest >= 15 && existsSync(join(programs, 'initdb')) ? programs : null
}

/** A cluster of Debian's PostgreSQL in a folder of its own, which trusts whoever asks from this machine. */
export class DebianPostgres {
  readonly data: string

  private constructor(
    private readonly programs: string,
    readonly folder: string,
    readonly port: number,
    /** What its programs know besides how to reach it. */
    readonly environment: Record<string, string>,
  ) {
    this.data = join(folder, 'data')
  }

  /** Makes a cluster, not yet started. `folder` must not be there, and everybody must be able to get to where it will be. */
  static async make(programs: string, folder: string, environment: Record<string, string> = {}) {
    mkdirSync(folder)
    if (isRoot) execFileSync('chown', ['postgres', folder])
    const cluster = new DebianPostgres(programs, folder, await freePort(), environment)
    cluster.run(
      'initdb',
      ...['-D', cluster.data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C'],
    )
    return cluster
  }

  /** Runs a program, one of PostgreSQL's or another, as whoever PostgreSQL runs as, and returns what it printed. */
  run(program: string, ...words: string[]): string {
    const own = join(this.programs, program)
    const path = existsSync(own) ? own : program
    return execFileSync(
      isRoot ? 'setpriv' : path,
      isRoot ? ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...words] : words,
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: this.folder,
        env: {
          PATH: `${this.programs}:${process.env['PATH']}`,
          LANG: 'C.UTF-8',
          PGHOST: this.folder,
          PGPORT: String(this.port),
          PGDATA: this.data,
          ...this.environment,
        },
      },
    )
  }

  /** When it takes connections. */
  start(): void {
    const options = `-p ${this.port} -k ${this.folder} -h 127.0.0.1`
    this.run('pg_ctl', '-D', this.data, '-w', '-l', join(this.folder, 'log'), '-o', options, 'start')
  }

  /** When it has ended: `fast` in good order, `immediate` as if the power had gone. */
  stop(mode: 'fast' | 'immediate'): void {
    this.run('pg_ctl', '-D', this.data, '-w', '-m', mode, 'stop')
  }

  url(role: string, database: string): string {
    return `postgres://${role}@127.0.0.1:${this.port}/${database}?sslmode=disable`
  }
}
