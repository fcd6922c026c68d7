import type { Category } from './personal-data'
import type { ValueSchema } from './value-schema'

/** Who reads an attribute; each includes those before it. */
export enum AttributeReaders {
  /** The person alone. */
  SELF = 'self',
  /** And `users:read` over them. */
  STAFF = 'staff',
  /** And whoever is signed in. */
  MEMBERS = 'members',
  /** Everybody. */
  PUBLIC = 'public',
}

/** Who sets an attribute. */
export enum AttributeWriters {
  /** The person, and `users:edit` over them. */
  SELF = 'self',
  /** `users:edit` over the person alone. */
  STAFF = 'staff',
}

/** What people are told of an attribute, in one language. */
export interface AttributeWords {
  readonly label: string
  readonly description?: string | undefined
}

/** Something that the application keeps about people, as it defines it: who reads and sets it, what it may be, and why it is kept. */
export interface AttributeDefinition {
  readonly key: string
  readonly schema: ValueSchema
  readonly readers: AttributeReaders
  readonly writers: AttributeWriters
  /** What kind of fact it is, in the record of processing (GDPR art. 30). */
  readonly category: Category
  /** Why it is kept (GDPR art. 5(1)(b)). */
  readonly purpose: string
  /** By BCP 47 tag. */
  readonly texts: Readonly<Record<string, AttributeWords>>
}

/** All there are, by key, in the order in which they are listed. */
export type AttributeDefinitions = ReadonlyMap<string, AttributeDefinition>
