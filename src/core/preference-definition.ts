import { didYouMean } from 'graphql/jsutils/didYouMean'
import { suggestionList } from 'graphql/jsutils/suggestionList'
import type { ValueSchema } from './value-schema'

/** A preference that there is: what it means, what it may be, and what it is where nobody says otherwise. */
export interface PreferenceDefinition {
  /** `theme`, or with a namespace `notifications.email`. */
  readonly key: string
  readonly description: string
  readonly schema: ValueSchema
  readonly default: unknown
  /** Whether the default is the application's, be it of a preference of Portico's. */
  readonly isDefaultOfApplication: boolean
  /** Whether it can be another one on a device. */
  readonly isForDevices: boolean
  /** Whether staff can set it for the members of a group. */
  readonly isForGroups: boolean
}

/** All there are, by key, in the order in which they are listed. */
export type PreferenceDefinitions = ReadonlyMap<string, PreferenceDefinition>

export const MAX_KEY_LENGTH = 64

/** What stands before the last dot of a key; null where there is none. */
export function namespaceOf(key: string): string | null {
  const dot = key.lastIndexOf('.')
  return dot < 0 ? null : key.slice(0, dot)
}

/** Whether a key belongs to a namespace or to one in it. */
export const isWithin = (namespace: string, key: string): boolean => key.startsWith(`${namespace}.`)

/** For somebody who has mistyped a key: ` Did you mean "theme"?`, or nothing. */
export const suggestKey = (key: string, known: Iterable<string>): string =>
  didYouMean(suggestionList(key, [...known]))
