import type { Logger } from 'pino'
import type { Config } from '../config/config'
import { createLog } from '../server/log'

/** The log of a server: JSON lines on stdout for machines; in development, readable lines beside the output for a person. */
export const serverLog = (config: Config): Logger =>
  config.environment === 'development' ? createLog(config, READABLE) : createLog(config)

/** The log of a command: on stderr, for stdout is its answer. */
export const commandLog = (config: Config): Logger =>
  createLog({ logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel }, READABLE)

const READABLE = { write: (line: string) => void process.stderr.write(readable(line)) }

interface Entry {
  level: string
  time: string
  msg?: string
  err?: { stack?: string; message?: string; cause?: unknown }
}

/** One log entry for a person: time, level, message, facts; the stack of an error below it. */
export function readable(line: string): string {
  const { level, time, msg = '', err, ...facts } = JSON.parse(line) as Entry
  const clock = new Date(time).toTimeString().slice(0, 8)
  const details = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const head = printable([clock, level.padEnd(5), msg, ...details].join(' ').trimEnd())
  const stack = (err?.stack ?? err?.message ?? '').split('\n').filter(Boolean)
  return [head, ...stack.map((part) => `    ${printable(part.trim())}`), ''].join('\n')
}

/** Escapes what would move the cursor or begin a new line, so that no value can pose as an entry of its own. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    JSON.stringify(`\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).slice(2, -1),
  )
