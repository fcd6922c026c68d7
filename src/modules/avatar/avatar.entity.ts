import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const AVATAR = { retention: 'while the row exists', onErase: 'clear', exported: true } as const

/** That somebody shows a picture of themselves. The picture itself is in the store of avatars, in several sizes. */
@Entity({ name: 'avatars' })
export class Avatar {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** What the names of its files begin with: random, and another one for each picture. */
  @Column({ type: 'text', name: 'file_key', collation: 'C' })
  @Personal({
    ...AVATAR,
    category: 'identity',
    purpose: 'Showing the picture that the person shows of themselves.',
    readers: ['everyone'],
  })
  fileKey!: string

  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3 })
  @Personal({
    ...AVATAR,
    category: 'activity',
    purpose: 'Knowing which picture it is.',
    readers: ['self'],
  })
  changedAt!: Date
}
