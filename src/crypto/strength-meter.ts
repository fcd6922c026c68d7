import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SECOND } from '../core/clock'

/** How hard a password is to guess, and how it could be harder. It advises; it never refuses. */
export interface Strength {
  /** 0, guessed at once, to 4, not guessed. */
  score: number
  /** What is weak about it. */
  warning: string | null
  suggestions: string[]
}

export interface Question {
  id: number
  password: string
  personal: readonly string[]
}

/** The time to estimate grows steeply with the length. What begins with so many code points is at least as strong as they are. */
const MAXIMUM_LENGTH = 60

/** Its owner's words, each so long at most. */
const MAXIMUM_WORDS = 10
const MAXIMUM_WORD_LENGTH = 80

/** How many may wait for advice. */
const MAXIMUM_WAITING = 16

/** Loading its dictionaries takes the worker half a second, in which it answers nobody. */
const PATIENCE = 2 * SECOND

const MEMORY_LIMITS = { maxOldGenerationSizeMb: 256 }

/**
 * Asks zxcvbn, on a thread that starts with the first question and again after it has died or taken too long. No advice
 * in time is no advice: whoever asks gets null, and is never failed and never held up for longer than the limit.
 */
export class StrengthMeter {
  private worker: Worker | null = null
  private isReady = false
  private readonly waiting = new Map<number, (strength: Strength | null) => void>()
  private lastId = 0

  constructor(
    /** The longest that one may wait, in milliseconds. */
    private readonly patience: number = PATIENCE,
  ) {}

  /** The strength of a password, whose owner is known by these words; null when that could not be found out in time. */
  async measure(password: string, personal: readonly string[]): Promise<Strength | null> {
    if (this.waiting.size >= MAXIMUM_WAITING) return null
    const question: Question = {
      id: ++this.lastId,
      password: cut(password, MAXIMUM_LENGTH),
      personal: personal.slice(0, MAXIMUM_WORDS).map((word) => cut(word, MAXIMUM_WORD_LENGTH)),
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.delete(question.id)
        resolve(null)
        // Whatever it is at, it is at it for too long. One that still loads is let be.
        if (this.isReady) void this.abandon()
      }, this.patience)
      this.waiting.set(question.id, (strength) => {
        clearTimeout(timer)
        resolve(strength)
      })
      this.thread().postMessage(question)
    })
  }

  /** Ends the thread; whoever waits for advice gets none. */
  async stop(): Promise<void> {
    await this.abandon()
  }

  private thread(): Worker {
    if (this.worker) return this.worker
    const worker = new Worker(join(__dirname, `strength-worker${EXTENSION}`), {
      resourceLimits: MEMORY_LIMITS,
      ...(EXTENSION === '.ts' && { execArgv: ['-r', '@swc-node/register'] }),
    })
    // A process that has nothing else to do may end.
    worker.unref()
    worker.on('message', (message: 'ready' | { id: number; strength: Strength }) => {
      if (message === 'ready') return void (this.isReady = worker === this.worker)
      this.waiting.get(message.id)?.(message.strength)
      this.waiting.delete(message.id)
    })
    const end = () => {
      if (worker === this.worker) void this.abandon()
    }
    worker.on('error', end)
    worker.on('exit', end)
    this.worker = worker
    return worker
  }

  private async abandon(): Promise<void> {
    const { worker } = this
    this.worker = null
    this.isReady = false
    for (const answer of this.waiting.values()) answer(null)
    this.waiting.clear()
    await worker?.terminate()
  }
}

/** In tests and in development the sources run as they are. */
const EXTENSION = __filename.slice(-3)

const cut = (text: string, length: number): string => [...text.slice(0, 2 * length)].slice(0, length).join('')
