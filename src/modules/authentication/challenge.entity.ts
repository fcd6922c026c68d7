import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal, Personal } from '../../core/personal-data'

export enum ChallengeKind {
  SIGN_UP = 'sign-up',
  PASSWORD_RESET = 'password-reset',
}

/** Something begun that waits for a proof, such as a sign-up for the code from the mail. */
@Entity({ name: 'challenges' })
export class Challenge {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @NotPersonal()
  kind!: ChallengeKind

  /** Whom it is about, and whose data key its state is under: at sign-up the id that the account will have, or nobody's. */
  @Column('uuid', { name: 'subject_id' })
  @NotPersonal()
  subjectId!: Id

  @Column('bytea', { name: 'code_hash' })
  @Personal({
    category: 'credential',
    purpose: 'Recognising the code.',
    readers: ['nobody'],
    retention: 'while the row exists',
    onErase: 'clear',
    exported: false,
  })
  codeHash!: Buffer

  /** Of the secret in a link, where the mail carries one of its own. */
  @Column('bytea', { name: 'token_hash', nullable: true })
  @Personal({
    category: 'credential',
    purpose: 'Recognising the link.',
    readers: ['nobody'],
    retention: 'while the row exists',
    onErase: 'clear',
    exported: false,
  })
  tokenHash!: Buffer | null

  /** What was begun, as JSON, encrypted; null where there is nothing to remember. */
  @Column('bytea', { nullable: true })
  @Personal({
    category: 'identity',
    purpose: 'Finishing what was begun once the proof is there.',
    readers: ['nobody'],
    retention: 'while the row exists',
    onErase: 'shred',
    exported: false,
    encrypted: true,
  })
  state!: Buffer | null

  @Column('integer')
  @NotPersonal()
  failures!: number

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  @NotPersonal()
  expiresAt!: Date
}
