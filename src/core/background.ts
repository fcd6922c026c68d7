import { SECOND } from './clock'

/** Work that no request waits for. Whoever ends the process does, for otherwise it would be lost. */
export class Background {
  private readonly running = new Set<Promise<void>>()

  constructor(private readonly onError: (error: unknown) => void) {}

  /** How much of it there is at the moment. */
  get size(): number {
    return this.running.size
  }

  run(work: Promise<unknown>): void {
    const ended = work.then(
      () => undefined,
      (error: unknown) => this.onError(error),
    )
    this.running.add(ended)
    void ended.then(() => this.running.delete(ended))
  }

  /** Resolves when all that runs has ended, at the latest after so many milliseconds. */
  async settle(patience = 5 * SECOND): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const end = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience)
    })
    await Promise.race([Promise.all(this.running), end])
    clearTimeout(timer)
  }
}
