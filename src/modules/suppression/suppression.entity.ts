import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal, Personal } from '../../core/personal-data'
import type { SuppressionReason } from './suppression-reason'

/** An address that takes no mails, or complains of them, as a keyed hash: it is known when the person is not any more. */
@Entity({ name: 'suppressions' })
export class Suppression {
  @PrimaryColumn('bytea', { name: 'address_index' })
  @Personal({
    category: 'contact',
    purpose:
      'Sending nothing to an address that does not want it, or is nobody’s; nobody can tell which address it is.',
    readers: ['nobody'],
    retention: '2 years',
    onErase: 'keep',
    basis: 'The wish not to be written to outlives the account (GDPR art. 17 (3) (b), 21 (3)).',
    exported: false,
  })
  addressIndex!: Buffer

  @PrimaryColumn('text')
  @NotPersonal()
  reason!: SuppressionReason

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}
