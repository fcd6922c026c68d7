import type { RowKey } from './trail-row'

export type ProblemKind =
  | 'row-changed'
  | 'row-missing'
  | 'row-inserted'
  | 'entry-altered'
  | 'entry-missing'
  | 'entry-inserted'
  | 'entries-reordered'
  | 'seal-altered'
  | 'seal-missing'
  | 'seal-inserted'
  | 'seal-unvouched'
  | 'head-missing'

/** Something that is not as it was sealed. */
export interface Problem {
  kind: ProblemKind
  /** A sentence for whoever has to look into it. */
  says: string
  /** The number of the seal. */
  seal?: number
  /** The position of the entry. */
  entry?: number
  row?: RowKey
}
