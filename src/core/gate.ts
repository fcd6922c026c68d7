import { ApiError } from './error'
import { SECOND } from './clock'

/** Lets so many pass at once; so many more wait in line, so long at most; the rest are turned away. */
export class Gate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(
    readonly width: number,
    readonly queue: number,
    readonly maxWaitMs: number,
    /** What is said to those who are turned away. */
    private readonly refusal: string,
  ) {
    if (!Number.isInteger(width) || width < 1)
      throw new RangeError(`Concurrency must be 1 or more, not ${width}.`)
  }

  get load() {
    return { running: this.#running, waiting: this.#waiting.length }
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(): Promise<void> | void {
    if (this.#running < this.width) {
      this.#running++
      return
    }
    if (this.#waiting.length >= this.queue) throw this.#busy()
    return new Promise((resolve, reject) => {
      const proceed = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1)
        reject(this.#busy())
      }, this.maxWaitMs)
      this.#waiting.push(proceed)
    })
  }

  #leave() {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }

  #busy() {
    const retryAfter = Math.max(1, Math.ceil(this.maxWaitMs / SECOND))
    return new ApiError('RATE_LIMITED', this.refusal, { retryAfter })
  }
}
