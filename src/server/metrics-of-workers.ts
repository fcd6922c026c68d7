import cluster from 'node:cluster'
import { AggregatorRegistry, type Registry } from 'prom-client'
import { SECOND } from '../core/clock'

const ASKED = 'portico:metrics-asked'
const ANSWERED = 'portico:metrics-answered'

interface Asked {
  type: typeof ASKED
  id: number
}

interface Answered {
  type: typeof ANSWERED
  id: number
  /** Null where not all of them could be asked. */
  text: string | null
}

/** How long it may take to ask all of them, in milliseconds; the library itself gives up a little before. */
const PATIENCE = 6 * SECOND

/** In the process that has started workers: puts the figures of all of them together for whichever is asked. */
export function answerWorkers(): void {
  const all = new AggregatorRegistry()
  cluster.on('message', (worker, message: Asked) => {
    if (message.type !== ASKED) return
    void all
      .clusterMetrics()
      .catch(() => null)
      .then((text) => {
        // Whoever asked may be gone.
        worker.send({ type: ANSWERED, id: message.id, text } satisfies Answered, () => undefined)
      })
  })
}

/** In a worker: a way to ask for the figures of all of them; null where that does not succeed. */
export function metricsOfAll(own: Registry): () => Promise<string | null> {
  // Whoever makes one listens for the question.
  new AggregatorRegistry()
  AggregatorRegistry.setRegistries([own])
  const waiting = new Map<number, (text: string | null) => void>()
  process.on('message', ({ type, id, text }: Answered) => {
    if (type === ANSWERED) waiting.get(id)?.(text)
  })
  let asked = 0
  return async () => {
    const id = ++asked
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<string | null>((resolve) => {
        timer = setTimeout(() => resolve(null), PATIENCE)
        waiting.set(id, resolve)
        process.send!({ type: ASKED, id } satisfies Asked, undefined, undefined, () => undefined)
      })
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
    }
  }
}
