import { once } from 'node:events'
import type { Command } from 'commander'
import { explain } from './explain'

/** What a command has to say: the same for a program and for a person. */
export interface Answer {
  /** Printed with `--json`. */
  json: unknown
  /** Printed otherwise. */
  text: string
  /** The command worked, and what it found is bad: exit code 1. */
  isBad?: boolean
}

/** Writes a line at once, and waits for whoever reads slowly: for answers that are too long to be kept until the end. */
export type Say = (line: string) => Promise<void>

/** The command was called in a way that it does not understand: exit code 2. */
export class UsageError extends Error {}

/**
 * The action of a command: its answer goes to stdout, unless it is null because all was said already, trouble to stderr, and the exit code is 0, 1 or 2. `failure` is the
 * exit code where the work could not be done: 2 for commands that do work and still find something bad.
 */
export const answering =
  <Options = object>(
    work: (given: string[], options: Options & { json?: boolean }, say: Say) => Promise<Answer | null>,
    { failure = 1 }: { failure?: 1 | 2 } = {},
  ) =>
  async (...parameters: unknown[]): Promise<void> => {
    const called = parameters.at(-1) as Command
    const options = called.opts<Options & { json?: boolean }>()
    try {
      const answer = await work(called.processedArgs as string[], options, say)
      if (!answer) return
      const { json, text, isBad = false } = answer
      const printed = options.json ? JSON.stringify(json) : text
      if (printed !== '') await say(printed)
      if (isBad) process.exitCode = 1
    } catch (error) {
      const reason = explain(error)
      if (options.json) process.stdout.write(`${JSON.stringify({ error: reason })}\n`)
      else process.stderr.write(`${reason}\n`)
      process.exitCode = error instanceof UsageError ? 2 : failure
    }
  }

async function say(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}
