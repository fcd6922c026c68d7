import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const IDENTITY = { retention: 'while the account exists', exported: true } as const
const READERS = ['self', 'security:read'] as const

/** That somebody is a person at an identity provider. Nothing else that the provider says is kept. */
@Entity({ name: 'identities' })
export class Identity {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** The provider's id in the configuration. */
  @Column('text')
  @Personal({
    ...IDENTITY,
    category: 'activity',
    purpose: 'Telling the person where they can sign in.',
    readers: READERS,
    onErase: 'clear',
  })
  provider!: string

  /** The issuer and its name for the person, encrypted: another issuer under the same provider's id is somebody else's. */
  @Column('bytea', { name: 'subject_identifier' })
  @Personal({
    ...IDENTITY,
    category: 'identity',
    purpose: 'Recognising the person who comes from the provider.',
    readers: ['self'],
    onErase: 'shred',
    encrypted: true,
    lookup: true,
  })
  subjectIdentifier!: Buffer

  @Column('bytea', { name: 'subject_identifier_index' })
  @Personal({
    ...IDENTITY,
    category: 'identity',
    purpose: 'Finding the account of somebody who comes from the provider.',
    readers: ['nobody'],
    onErase: 'clear',
    exported: false,
  })
  subjectIdentifierIndex!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({
    ...IDENTITY,
    category: 'activity',
    purpose: 'Showing since when it is linked.',
    readers: READERS,
    onErase: 'clear',
  })
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  @Personal({
    ...IDENTITY,
    category: 'activity',
    purpose: 'Showing when it was last used.',
    readers: READERS,
    onErase: 'clear',
  })
  lastUsedAt!: Date | null
}
