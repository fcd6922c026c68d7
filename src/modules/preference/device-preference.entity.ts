import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'

const PREFERENCE = {
  category: 'preference',
  readers: ['self'],
  retention: 'while the account exists',
  onErase: 'clear',
  exported: true,
} as const

/** A preference that somebody has set on one of their devices. */
@Entity({ name: 'device_preferences' })
export class DevicePreference {
  @PrimaryColumn('uuid', { name: 'user_id' })
  @NotPersonal()
  @DataSubject()
  userId!: Id

  /** As the client on the device calls it. */
  @PrimaryColumn('text', { name: 'device_id' })
  @Personal({ ...PREFERENCE, purpose: "Telling the person's devices apart." })
  deviceId!: string

  @PrimaryColumn('text')
  @NotPersonal()
  key!: string

  @Column('jsonb')
  @Personal({ ...PREFERENCE, purpose: 'Adapting the application to the device.' })
  value!: unknown

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  @NotPersonal()
  updatedAt!: Date
}
