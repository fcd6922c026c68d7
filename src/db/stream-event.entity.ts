import { Column, Entity, PrimaryColumn } from 'typeorm'
import { NotPersonal } from '../core/personal-data'
import type { Message } from './pub-sub'

/** How far the numbers of a topic have come. */
@Entity({ name: 'stream_topics' })
export class StreamTopic {
  @PrimaryColumn('text')
  @NotPersonal()
  name!: string

  @Column('bigint', { name: 'last_number' })
  @NotPersonal()
  lastNumber!: string
}

/** Something that has happened, for those who follow the topic; ids alone. */
@Entity({ name: 'stream_events' })
export class StreamEventRow {
  @PrimaryColumn('text')
  @NotPersonal()
  topic!: string

  @PrimaryColumn('bigint')
  @NotPersonal()
  number!: string

  @Column('jsonb')
  @NotPersonal()
  event!: Message

  @Column({ type: 'timestamptz', name: 'happened_at', precision: 3 })
  @NotPersonal()
  happenedAt!: Date
}
