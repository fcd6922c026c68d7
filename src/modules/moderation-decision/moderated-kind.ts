import type { Id } from '../../core/id'

/** What can be reported, by the word that its ids begin with. */
export enum ModeratedKind {
  POST = 'post',
  COMMENT = 'comment',
  MESSAGE = 'message',
}

/** A thing that can be reported. */
export interface Moderated {
  subjectKind: ModeratedKind
  subjectId: Id
}
