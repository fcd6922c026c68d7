import type { ValueSchema } from './value-schema'

/** What kind of thing somebody does. */
export enum ActivityKind {
  PAGE_VIEW = 'PAGE_VIEW',
  SCREEN = 'SCREEN',
  TRANSACTION = 'TRANSACTION',
  CUSTOM = 'CUSTOM',
  API_REQUEST = 'API_REQUEST',
}

/** How long an event is kept, from when it happened. */
export enum ActivityRetention {
  SHORT = 'SHORT',
  STANDARD = 'STANDARD',
  LONG = 'LONG',
}

/** The span of each class, as PostgreSQL has it. The longest is also that of a partition, in `drop_activity_partition`. */
export const ACTIVITY_SPANS: Readonly<Record<ActivityRetention, string>> = {
  [ActivityRetention.SHORT]: '30 days',
  [ActivityRetention.STANDARD]: '13 months',
  [ActivityRetention.LONG]: '36 months',
}

/** Something that people do and that is worth knowing: how it is told, why it is kept, and for how long. */
export interface ActivityDefinition {
  /** What the event is called, e.g. `checkout.completed`. */
  readonly key: string
  readonly kind: ActivityKind
  readonly description: string
  /** For what it is kept: the id of a purpose that people can agree to, or object to. */
  readonly purposeId: string
  readonly retention: ActivityRetention
  /** What an event says besides, by version: the newest, and those that clients of an older one still tell. */
  readonly schemas: ReadonlyMap<number, ValueSchema>
  /** The newest. */
  readonly version: number
}

/** All there are, by key, in the order in which they are listed. */
export type ActivityDefinitions = ReadonlyMap<string, ActivityDefinition>
