import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const EXPORT = {
  category: 'activity',
  readers: ['self', 'privacy:manage'],
  retention: '7 days after it is made',
  onErase: 'clear',
  exported: true,
} as const

/** A copy of all that is known about a person, made for them. */
@Entity({ name: 'data_exports' })
export class DataExport {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** The request that it answers. */
  @Column('uuid', { name: 'request_id', nullable: true })
  @NotPersonal()
  requestId!: Id | null

  @Column({ type: 'timestamptz', name: 'requested_at', precision: 3 })
  @Personal({ ...EXPORT, purpose: 'Answering in time.' })
  requestedAt!: Date

  /** Null while it is being made. */
  @Column({ type: 'timestamptz', name: 'ready_at', precision: 3, nullable: true })
  @NotPersonal()
  readyAt!: Date | null

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  @NotPersonal()
  expiresAt!: Date

  @Column('integer', { name: 'size_bytes', nullable: true })
  @NotPersonal()
  sizeBytes!: number | null

  /** Of the link that works at this moment. */
  @Column('bytea', { name: 'token_hash', nullable: true })
  @Personal({
    ...EXPORT,
    category: 'credential',
    purpose: 'Recognising the link.',
    readers: ['nobody'],
    exported: false,
  })
  tokenHash!: Buffer | null

  @Column({ type: 'timestamptz', name: 'token_expires_at', precision: 3, nullable: true })
  @NotPersonal()
  tokenExpiresAt!: Date | null

  @Column({ type: 'timestamptz', name: 'downloaded_at', precision: 3, nullable: true })
  @Personal({ ...EXPORT, purpose: 'Letting the person notice a download that was not theirs.' })
  downloadedAt!: Date | null
}
