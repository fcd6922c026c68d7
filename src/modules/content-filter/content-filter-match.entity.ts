import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import type { FilterAction } from './filter-terms'

const MATCH = {
  category: 'activity',
  readers: ['posts:moderate'],
  retention: 'while the row exists',
  onErase: 'clear',
  exported: false,
} as const

/** That a filter has found something, in the case that it has opened. It goes with the case. */
@Entity({ name: 'content_filter_matches' })
export class ContentFilterMatch {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'case_id' })
  @NotPersonal()
  caseId!: Id

  /** No foreign key: the filter may be deleted. */
  @Column('uuid', { name: 'filter_id' })
  @NotPersonal()
  filterId!: Id

  /** As it was called then. */
  @Column('text', { name: 'filter_name' })
  @NotPersonal()
  filterName!: string

  @Column('text')
  @Personal({ ...MATCH, purpose: 'Knowing what came of it.' })
  action!: FilterAction

  /** Who has written it, and under whose data key the words are. */
  @Column('uuid', { name: 'author_id' })
  @Personal({ ...MATCH, purpose: 'Knowing whose words were found.' })
  @DataSubject()
  authorId!: Id

  /** What was found, one a line. */
  @Column('bytea', { name: 'found_parts' })
  @Personal({
    ...MATCH,
    category: 'content',
    purpose: 'Showing moderators what a filter has found.',
    onErase: 'shred',
    encrypted: true,
  })
  foundParts!: Buffer

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @Personal({ ...MATCH, purpose: 'Knowing when it was found.' })
  createdAt!: Date
}
