import { run } from '../../src/cli/main'

export interface Printed {
  code: number
  stdout: string
  stderr: string
}

/** What a command prints, and its exit code, run within this process. */
export async function portico(...words: string[]): Promise<Printed> {
  const printed = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const writes = streams.map((stream) => process[stream].write)
  for (const stream of streams) {
    process[stream].write = (text: unknown) => {
      printed[stream] += String(text)
      return true
    }
  }
  process.exitCode = undefined
  try {
    await run(words, '1.2.3')
    return { ...printed, code: Number(process.exitCode ?? 0) }
  } finally {
    process.exitCode = undefined
    streams.forEach((stream, index) => (process[stream].write = writes[index]!))
  }
}
