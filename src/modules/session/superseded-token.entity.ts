import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { Session } from './session.entity'

/** A token that a session had before its present one. Whoever still uses it has come by it in a way that its holder did not mean. */
@Entity({ name: 'superseded_tokens' })
export class SupersededToken {
  @PrimaryColumn('bytea', { name: 'token_hash' })
  @Personal({
    category: 'credential',
    purpose: 'Noticing that a token was stolen.',
    readers: ['nobody'],
    retention: '90 days after the session ends or expires',
    onErase: 'clear',
    exported: false,
  })
  tokenHash!: Buffer

  @Column('uuid', { name: 'session_id' })
  @NotPersonal()
  @DataSubject(() => Session)
  sessionId!: Id

  @Column({ type: 'timestamptz', name: 'superseded_at', precision: 3 })
  @NotPersonal()
  supersededAt!: Date

  /** Whether it stopped working at once, because its holder had proven anew who they are. */
  @Column('boolean', { name: 'is_void' })
  @NotPersonal()
  isVoid!: boolean
}
