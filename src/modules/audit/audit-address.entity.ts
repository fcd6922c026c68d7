import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { AuditAction } from './audit-event'

const ADDRESS = {
  category: 'location',
  readers: ['nobody'],
  retention: '2 years',
  onErase: 'clear',
  exported: false,
} as const

/**
 * By what an event is found that came from an address. It stands beside the trail, whose rows are sealed and stay: this goes after a
 * while, and with whose address it was.
 */
@Entity({ name: 'audit_addresses' })
export class AuditAddress {
  @PrimaryColumn('uuid', { name: 'event_id' })
  @NotPersonal()
  eventId!: Id

  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  @Personal({ ...ADDRESS, category: 'activity', purpose: 'When it was: finding the newest first.' })
  occurredAt!: Date

  @Column('text')
  @NotPersonal()
  action!: AuditAction

  /** Under whose key the event has the address. */
  @Column('uuid', { name: 'owner_id' })
  @Personal({ ...ADDRESS, purpose: 'Whose address it was: erasing it.' })
  @DataSubject()
  ownerId!: Id

  /** A keyed hash of the address. */
  @Column('bytea', { name: 'address_index' })
  @Personal({ ...ADDRESS, purpose: 'Finding what came from one address: detecting misuse.' })
  addressIndex!: Buffer

  /** A keyed hash of the network that it belongs to, as `coarseNetwork` has it. */
  @Column('bytea', { name: 'network_index' })
  @Personal({ ...ADDRESS, purpose: 'Finding what came from one network: detecting misuse.' })
  networkIndex!: Buffer
}
