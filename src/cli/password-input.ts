import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { UsageError } from './command'

/** The first line of the standard input. @throws UsageError where it is empty. */
export async function readPassword(): Promise<string> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
  for await (const line of lines) {
    lines.close()
    if (line !== '') return line
    break
  }
  throw new UsageError('The standard input holds no password.')
}

/** Asks twice at the terminal, showing nothing. @throws UsageError where there is no terminal, or the two differ. */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageError(
      'There is no terminal to ask for the password at: give it on the standard input with --password-stdin.',
    )
  }
  const password = await ask('Password: ')
  if (password !== (await ask('The same again: '))) throw new UsageError('The two differ.')
  return password
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // As a terminal, so that readline takes over the echo, and keeps it to itself.
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      const refuse = () => reject(new UsageError('Nothing was typed.'))
      reader.once('line', resolve).once('close', refuse).once('SIGINT', refuse)
    })
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}
