import type { Permission } from './permission'

/** What kind of fact about a person a column holds; the record of processing groups by it. */
export type Category =
  'identity' | 'contact' | 'credential' | 'location' | 'activity' | 'content' | 'preference'

/** When a column's content is due for deletion, in words that the record of processing prints. */
export type Retention =
  | 'while the account exists'
  | 'while the row exists'
  | 'until it is deleted'
  | '30 days after it is deleted'
  | '24 hours'
  | '7 days after it is replaced'
  | '7 days after it is made'
  | '90 days after the session ends or expires'
  | '90 days after the token expires'
  | '90 days after the job ends'
  | '90 days after it ends'
  | '90 days'
  | 'as long as its definition says: 30 days, 13 months or 36 months'
  | '30 days'
  | '2 years'
  | '6 years'

/** The span of time that a word names, as PostgreSQL has it; null for one that names none. */
export const spanOf = (retention: Retention): string | null =>
  /^\d+ (?:hours|days|years)\b/.exec(retention)?.[0] ?? null

/** What erasure does to a column: destroy its key, empty it, replace it, or keep it on a legal basis. */
export type OnErase = 'shred' | 'clear' | 'pseudonymise' | 'keep'

export interface PersonalData {
  category: Category
  /** Why it is kept (GDPR art. 5(1)(b), 30(1)(b)). */
  purpose: string
  /**
   * Whom the fields that show it are open to: everyone, the person, or holders of a permission; the person alone where it is
   * only in their export. `nobody` never leaves the database.
   */
  readers: readonly ('everyone' | 'self' | 'nobody' | Permission)[]
  retention: Retention
  /** What erasure does (GDPR art. 17). A row of which nothing is to stay goes as a whole. */
  onErase: OnErase
  /** On what basis it is kept after an erasure (GDPR art. 17 (3)); said where erasure keeps it. */
  basis?: string
  /** Whether the subject's export carries it (GDPR art. 15, 20). */
  exported: boolean
  /** Kept as AES-256-GCM ciphertext under its owner's data key. */
  encrypted?: boolean
  /** The property that names whose data key it is encrypted under, where that is not always the data subject. */
  keyOf?: string
  /** Has a keyed blind index beside it (`<column>_index`), so that equality can be asked for. */
  lookup?: boolean
  /** It is the id of somebody else, such as of who granted a role: theirs, and a pseudonym once they are erased. */
  isMention?: boolean
}

export type Classification = PersonalData | 'not-personal'

const classifications = new Map<Function, Map<string, Classification>>()

function classify(target: object, property: string | symbol, classification: Classification) {
  const ofEntity = classifications.get(target.constructor) ?? new Map<string, Classification>()
  classifications.set(target.constructor, ofEntity.set(String(property), classification))
}

/** This column says something about a person. Encryption, export, erasure, retention, redaction and access records follow from it. */
export const Personal =
  (data: PersonalData): PropertyDecorator =>
  (target, property) =>
    classify(target, property, Object.freeze({ ...data }))

/** This column says nothing about a person. */
export const NotPersonal = (): PropertyDecorator => (target, property) =>
  classify(target, property, 'not-personal')

/** Whose the rows of a table are: the person whom a property names, or whoever the row of another table belongs to. */
export interface Subject {
  property: string
  /** The entity whose row the property names, where it names no person. */
  through: (() => Function) | null
}

const subjects = new Map<Function, Subject[]>()

/**
 * This property says whose the row is (the data subject, GDPR art. 4 (1)): it holds their id, or that of a row which is theirs.
 * A row may be about several. What is not exported or erased by it is found by nobody.
 */
export const DataSubject =
  (through: (() => Function) | null = null): PropertyDecorator =>
  (target, property) => {
    const { constructor } = target
    subjects.set(constructor, [...subjectsOf(constructor), { property: String(property), through }])
  }

/** By which properties the rows of an entity belong to people; none where they belong to nobody. */
export const subjectsOf = (entity: Function): readonly Subject[] => subjects.get(entity) ?? []

/** The classification of an entity's property; undefined when nobody has classified it, which fails the build. */
export const classificationOf = (entity: Function, property: string): Classification | undefined =>
  classifications.get(entity)?.get(property)
