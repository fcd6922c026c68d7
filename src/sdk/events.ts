import type { FormattedExecutionResult } from 'graphql'
import type { Client, SubscribePayload } from 'graphql-ws/client'
import { explain, fromErrors } from './error'

type Step<Value> = () => IteratorResult<Value, undefined>

const END = () => ({ done: true, value: undefined }) as const

/**
 * The events of a subscription from now on, kept until they are asked for. graphql-ws has `iterate` for this, but that
 * sleeps for ever when the subscription ends while nobody is waiting.
 */
export function eventsOf<Data, Value>(
  client: Client,
  payload: SubscribePayload,
  take: (data: Data) => Value,
): AsyncIterableIterator<Value, undefined> {
  const steps: Step<Value>[] = []
  const readers: ((step: Step<Value>) => void)[] = []
  let ended = false

  const push = (step: Step<Value>) => {
    const reader = readers.shift()
    if (reader) reader(step)
    else steps.push(step)
  }
  const finish = (step: Step<Value>) => {
    if (ended) return
    ended = true
    push(step)
    for (const reader of readers.splice(0)) reader(END)
  }
  const stop = client.subscribe<Data>(payload, {
    next: (answer) => push(() => ({ done: false, value: take(dataOf(answer)) })),
    error: (error) =>
      finish(() => {
        throw explain(error)
      }),
    complete: () => finish(END),
  })

  const events: AsyncIterableIterator<Value, undefined> = {
    next: async () => {
      const step =
        steps.shift() ?? (ended ? END : await new Promise<Step<Value>>((resolve) => readers.push(resolve)))
      return step()
    },
    return: async () => {
      steps.length = 0
      stop()
      finish(END)
      return END()
    },
    [Symbol.asyncIterator]: () => events,
  }
  return events
}

function dataOf<Data>({ data, errors }: FormattedExecutionResult<Data, unknown>): Data {
  if (errors) throw fromErrors(errors, data)
  return data as Data
}
