import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { toCursor } from '../../src/core/page'
import type { Person, World } from './world'

/** Somebody who has subscribed, and what they have been told so far: values of the one field, and codes of errors. */
export interface Follower<Told> {
  told: Told[]
  codes: unknown[]
  end: () => unknown
}

/** The cursor before the first event of a topic: with it nothing depends on when a subscription begins. */
export const beginningOf = (topic: string): string => toCursor(`stream:${topic}`, [0])

/** Subscribes as somebody, or as a stranger, on a socket of their own; end it before the test ends. */
export function follow<Told>(
  { url }: Pick<World, 'url'>,
  person: Person | null,
  query: string,
  variables: Record<string, unknown>,
): Follower<Told> {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: person ? { authorization: `Bearer ${person.token}` } : {},
    retryAttempts: 0,
  })
  const follower: Follower<Told> = { told: [], codes: [], end: () => client.dispose() }
  void (async () => {
    for await (const { data, errors } of client.iterate<Record<string, Told | null>>({ query, variables })) {
      for (const value of Object.values(data ?? {})) if (value !== null) follower.told.push(value)
      follower.codes.push(...(errors ?? []).map(({ extensions }) => extensions?.['code']))
    }
  })().catch(() => undefined)
  return follower
}
