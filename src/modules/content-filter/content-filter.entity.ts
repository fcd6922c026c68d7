import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { NotPersonal } from '../../core/personal-data'
import type { FilterAction, FilteredKind, FilterKind, TermsByKind } from './filter-terms'

/** What staff want to be flagged, held or refused. Who has said so, the trail tells. */
@Entity({ name: 'content_filters' })
export class ContentFilter {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('text')
  @NotPersonal()
  name!: string

  @Column('text')
  @NotPersonal()
  kind!: FilterKind

  @Column('text')
  @NotPersonal()
  action!: FilterAction

  @Column('text', { array: true })
  @NotPersonal()
  covers!: FilteredKind[]

  /** As `kind` says. */
  @Column('jsonb')
  @NotPersonal()
  terms!: TermsByKind[FilterKind]

  /** It is for accounts that are younger, */
  @Column('integer', { name: 'younger_than_days', nullable: true })
  @NotPersonal()
  youngerThanDays!: number | null

  /** or have published less; for all where both are null. */
  @Column('integer', { name: 'fewer_posts_than', nullable: true })
  @NotPersonal()
  fewerPostsThan!: number | null

  @Column('text', { name: 'message_to_author', nullable: true })
  @NotPersonal()
  messageToAuthor!: string | null

  @Column('boolean', { name: 'is_enabled' })
  @NotPersonal()
  isEnabled!: boolean

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date

  @Column('integer')
  @NotPersonal()
  version!: number
}
