import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Audience } from '../../core/audience'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/**
 * What the application keeps about somebody under a key that it defines. A value whose definition has gone, or that it does not
 * allow any more, stays and is exported, and shown to nobody.
 */
@Entity({ name: 'attributes' })
export class Attribute {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column('text')
  @NotPersonal()
  key!: string

  /** The value as JSON; null where there is none. Encrypted whoever reads it, so that another reader means no other storage. */
  @Column('bytea', { name: 'sealed_value', nullable: true })
  @Personal({
    category: 'identity',
    purpose: 'What the application keeps about the person, as each attribute says.',
    readers: ['everyone'],
    retention: 'while the account exists',
    onErase: 'shred',
    exported: true,
    encrypted: true,
  })
  sealedValue!: Buffer | null

  /** To whom the person shows it; null where they have not said, which is to whom its definition does. */
  @Column('text', { nullable: true })
  @Personal({
    category: 'preference',
    purpose: 'Showing it to nobody to whom the person does not.',
    readers: ['self', 'users:read'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  audience!: Audience | null

  /** Counts the changes of the value. */
  @Column('integer')
  @NotPersonal()
  version!: number

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date
}
