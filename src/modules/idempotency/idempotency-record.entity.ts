import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const RECORD = {
  category: 'activity',
  readers: ['nobody'],
  retention: '24 hours',
  onErase: 'clear',
  exported: false,
} as const

/** A mutation that was sent with an `Idempotency-Key`, and what it answered. */
@Entity({ name: 'idempotency_records' })
export class IdempotencyRecord {
  /** Whose key it is: whoever really asked; the system's for strangers. */
  @PrimaryColumn('uuid', { name: 'owner_id' })
  @NotPersonal()
  @DataSubject()
  ownerId!: Id

  @PrimaryColumn('bytea', { name: 'key_hash' })
  @NotPersonal()
  keyHash!: Buffer

  @Column('bytea', { name: 'request_hash' })
  @NotPersonal()
  requestHash!: Buffer

  /** Encrypted under a key that is made from the header's value, which is stored nowhere. Null while the work goes on. */
  @Column('bytea', { nullable: true })
  @Personal({ ...RECORD, purpose: 'Answering a repeated request as the first time.' })
  answer!: Buffer | null

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  @NotPersonal()
  expiresAt!: Date
}
