import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** One of the codes with which a person gets in whose second factor is lost; only a hash of it is kept. */
@Entity({ name: 'recovery_codes' })
export class RecoveryCode {
  @PrimaryColumn('bytea', { name: 'code_hash' })
  @Personal({
    category: 'credential',
    purpose: 'Recognising the code.',
    readers: ['nobody'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: false,
  })
  codeHash!: Buffer

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'used_at', precision: 3, nullable: true })
  @Personal({
    category: 'activity',
    purpose: 'Using each code once, and showing how many are left.',
    readers: ['self', 'security:read'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  usedAt!: Date | null
}
