import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { AuthenticationMethod } from '../session/authentication-method'
import { ChallengeKind } from './challenge-kind'

const CREDENTIAL = {
  category: 'credential',
  readers: ['nobody'],
  retention: 'while the row exists',
  onErase: 'clear',
  exported: false,
} as const

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
  @DataSubject()
  subjectId!: Id

  /** The ways to give the proof. */
  @Column('text', { array: true })
  @NotPersonal()
  methods!: AuthenticationMethod[]

  /** What has been proven before, where one proof was not enough. */
  @Column('text', { array: true })
  @NotPersonal()
  proven!: AuthenticationMethod[]

  /** Of the code in the mail, where one was sent, or of the one that an identity provider has led back with. */
  @Column('bytea', { name: 'code_hash', nullable: true })
  @Personal({ ...CREDENTIAL, purpose: 'Recognising the code.' })
  codeHash!: Buffer | null

  @Column({ type: 'timestamptz', name: 'code_expires_at', precision: 3, nullable: true })
  @NotPersonal()
  codeExpiresAt!: Date | null

  /** Of the secret in the link of a mail, where one was sent, or of the one that only the client has which began. */
  @Column('bytea', { name: 'token_hash', nullable: true })
  @Personal({ ...CREDENTIAL, purpose: 'Recognising the link.' })
  tokenHash!: Buffer | null

  /** What was begun, as JSON, encrypted; null where there is nothing to remember. */
  @Column('bytea', { nullable: true })
  @Personal({
    ...CREDENTIAL,
    category: 'identity',
    purpose: 'Finishing what was begun once the proof is there.',
    onErase: 'shred',
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
