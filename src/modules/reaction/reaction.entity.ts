import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const OWN = {
  category: 'activity',
  purpose: 'How the person reacts to what others have written.',
  readers: ['self'],
  retention: 'until it is deleted',
  onErase: 'clear',
  exported: true,
} as const

/** How somebody reacts to a post or a comment: in one way. Who it was, nobody else is told. */
@Entity({ name: 'reactions' })
export class Reaction {
  /** The post or comment. */
  @PrimaryColumn('uuid', { name: 'subject_id' })
  @NotPersonal()
  subjectId!: Id

  @PrimaryColumn('uuid', { name: 'user_id' })
  @Personal({ ...OWN, purpose: 'Who has reacted.' })
  @DataSubject()
  userId!: Id

  @Column('text')
  @Personal(OWN)
  kind!: string

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  @NotPersonal()
  createdAt!: Date
}

/** How many react to something in one way, kept by PostgreSQL. */
@Entity({ name: 'reaction_counts' })
export class ReactionCount {
  @PrimaryColumn('uuid', { name: 'subject_id' })
  @NotPersonal()
  subjectId!: Id

  @PrimaryColumn('text')
  @NotPersonal()
  kind!: string

  @Column('integer')
  @NotPersonal()
  count!: number
}
