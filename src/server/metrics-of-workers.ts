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
  text: string
}

/** In the process that has started workers: adds up the figures of all of them for whichever is asked. */
export function answerWorkers(): void {
  const all = new AggregatorRegistry()
  cluster.on('message', (worker, message: Asked) => {
    if (message.type !== ASKED) return
    // One that dies meanwhile leaves the others' figures to be asked for again.
    all.clusterMetrics().then(
      (text) =>
        worker.isConnected() && worker.send({ type: ANSWERED, id: message.id, text } satisfies Answered),
      () => undefined,
    )
  })
}

/** In a worker: a way to ask for the figures of all; those of its own where no answer comes. */
export function metricsOfAll(own: Registry): () => Promise<string> {
  // Whoever makes one listens for the question.
  new AggregatorRegistry()
  AggregatorRegistry.setRegistries([own])
  let asked = 0
  return () =>
    new Promise<string>((resolve, reject) => {
      const id = ++asked
      const end = (text: Promise<string> | string) => {
        clearTimeout(timer)
        process.off('message', hear)
        Promise.resolve(text).then(resolve, reject)
      }
      const hear = (message: Answered) => {
        if (message.type === ANSWERED && message.id === id) end(message.text)
      }
      const timer = setTimeout(() => end(own.metrics()), 6 * SECOND)
      process.on('message', hear)
      process.send!({ type: ASKED, id } satisfies Asked)
    })
}
