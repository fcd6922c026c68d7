import type { Permission } from './permission'

/** What kind of fact about a person a column holds; the record of processing groups by it. */
export type Category =
  'identity' | 'contact' | 'credential' | 'location' | 'activity' | 'content' | 'preference'

/** When a column's content is due for deletion, in words that the record of processing prints. */
export type Retention =
  | 'while the account exists'
  | 'while the row exists'
  | 'until it is deleted'
  | '24 hours'
  | '7 days after it is replaced'
  | '90 days after the session ends or expires'
  | '90 days after the token expires'
  | '90 days after the job ends'
  | '6 years'

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
  /** What erasure does (GDPR art. 17): destroy the key, empty it, replace it, or keep it on a legal basis. */
  onErase: 'shred' | 'clear' | 'pseudonymise' | 'keep'
  /** Whether the subject's export carries it (GDPR art. 15, 20). */
  exported: boolean
  /** Kept as AES-256-GCM ciphertext under its owner's data key. */
  encrypted?: boolean
  /** Has a keyed blind index beside it (`<column>_index`), so that equality can be asked for. */
  lookup?: boolean
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

/** The classification of an entity's property; undefined when nobody has classified it, which fails the build. */
export const classificationOf = (entity: Function, property: string): Classification | undefined =>
  classifications.get(entity)?.get(property)
