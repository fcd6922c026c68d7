import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal, type PersonalData } from '../../core/personal-data'

const PREFERENCE = {
  category: 'preference',
  readers: ['self'],
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const satisfies Partial<PersonalData>

/** That somebody wants no mails of a topic. */
@Entity({ name: 'unsubscriptions' })
export class Unsubscription {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @PrimaryColumn('text')
  @Personal({ ...PREFERENCE, purpose: 'Sending nothing that the person does not want.' })
  topic!: string

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...PREFERENCE, purpose: 'Showing since when the person does not want it.' })
  createdAt!: Date
}
