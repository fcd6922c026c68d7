import { randomUUID } from 'node:crypto'
import type { ApiClient } from './api-client'
import type { World } from './world'

/** Something that was done, as a client tells it. */
export interface ToldEvent {
  clientId: string
  name: string
  occurredAt: Date | string
  definitionVersion?: number
  properties?: object
  path?: string
}

export const TRACK = `mutation ($input: TrackActivityInput!) { trackActivity(input: $input) {
  accepted duplicates withheld refused { index field message } userErrors { code field message } } }`

/** A page that was looked at just now, unless something else is said. */
export const viewOf = (world: World, path = '/', more: Partial<ToldEvent> = {}): ToldEvent => ({
  clientId: randomUUID(),
  name: 'page.viewed',
  occurredAt: world.clock.now(),
  path,
  ...more,
})

/** What `trackActivity` answers. */
export interface Tracked {
  accepted: number
  duplicates: number
  withheld: number
  refused: { index: number; field: string; message: string }[]
  userErrors: { code: string; field: string[]; message: string }[]
}

/** Tells what was done; the payload. */
export const track = async (
  api: ApiClient,
  events: readonly ToldEvent[],
  more: { anonymousId?: string; consentedPurposeIds?: string[] } = {},
): Promise<Tracked> => (await api.data(TRACK, { input: { events, ...more } })).trackActivity

/** What became of events, where nothing was wrong with them. */
export const outcome = (counts: { accepted?: number; duplicates?: number; withheld?: number }) => ({
  ...{ accepted: 0, duplicates: 0, withheld: 0, refused: [], userErrors: [] },
  ...counts,
})
