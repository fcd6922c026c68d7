import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

/** Whom a client has turned out to belong to when they signed in. The first one stays: nobody else becomes who it was. */
@Entity({ name: 'activity_links' })
export class ActivityLink {
  /** What the client calls whoever uses it as long as nobody is signed in. */
  @PrimaryColumn('uuid')
  @Personal({
    category: 'activity',
    purpose: 'Knowing which visits before the first sign-in were theirs.',
    readers: ['self'],
    retention: 'while the account exists',
    onErase: 'clear',
    exported: true,
  })
  id!: Id

  @Column('uuid', { name: 'person_id' })
  @NotPersonal()
  @DataSubject()
  personId!: Id

  @Column({ type: 'timestamptz', name: 'linked_at', precision: 3 })
  @NotPersonal()
  linkedAt!: Date
}
