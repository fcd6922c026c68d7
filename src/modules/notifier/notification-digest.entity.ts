import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal } from '../../core/personal-data'

/** That somebody has something to read of which the next summary tells. */
@Entity({ name: 'notification_digests' })
export class NotificationDigest {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  @NotPersonal()
  dueAt!: Date

  /** When it was to come by what they have chosen, were they not to be left alone then; null where that is when it is due. */
  @Column({ type: 'timestamptz', name: 'slot_at', precision: 3, nullable: true })
  @NotPersonal()
  slotAt!: Date | null
}
