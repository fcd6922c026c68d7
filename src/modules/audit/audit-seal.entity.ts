import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../../core/personal-data'

/** A seal over rows of the trail; see `seal.ts`. The role of requests may add seals and read them, nothing else. */
@Entity({ name: 'audit_seals' })
export class AuditSeal {
  /** 1, 2, 3 and so on. */
  @PrimaryColumn('bigint')
  @NotPersonal()
  number!: string

  /** By which rules rows and seals are hashed. */
  @Column('integer')
  @NotPersonal()
  version!: number

  /** The place of its first entry among the entries of all seals, which begin with 1. */
  @Column('bigint', { name: 'first_position' })
  @NotPersonal()
  firstPosition!: string

  /** How many entries it holds. */
  @Column('integer')
  @NotPersonal()
  count!: number

  /** The root of the Merkle tree over its entries. */
  @Column('bytea')
  @NotPersonal()
  root!: Buffer

  /** The hash of the seal before it; zeros for the first. */
  @Column('bytea')
  @NotPersonal()
  previous!: Buffer

  @Column({ type: 'timestamptz', name: 'sealed_at', precision: 3 })
  @NotPersonal()
  sealedAt!: Date

  /** With it, everything of the trail is sealed that was dated before this moment and is no more than an hour late. */
  @Column({ type: 'timestamptz', name: 'complete_until', precision: 3 })
  @NotPersonal()
  completeUntil!: Date

  /** The key that signed it: its JWK thumbprint (RFC 7638). */
  @Column('text', { name: 'key_id' })
  @NotPersonal()
  keyId!: string

  /** ES256 (RFC 7518 §3.4). */
  @Column('bytea')
  @NotPersonal()
  signature!: Buffer
}
