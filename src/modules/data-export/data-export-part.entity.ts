import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Id } from '../../core/id'
import { DataSubject, NotPersonal, Personal } from '../../core/personal-data'
import { DataExport } from './data-export.entity'

/** A part of a copy's file, so that files of any size need little memory. */
@Entity({ name: 'data_export_parts' })
export class DataExportPart {
  @PrimaryColumn('uuid')
  @NotPersonal()
  id!: Id

  @Column('uuid', { name: 'export_id' })
  @NotPersonal()
  @DataSubject(() => DataExport)
  exportId!: Id

  /** From 0. */
  @Column('integer')
  @NotPersonal()
  position!: number

  /** Bytes of the ZIP file in base64, encrypted. */
  @Column('bytea')
  @Personal({
    category: 'content',
    purpose: 'Giving the person a copy of their data.',
    readers: ['nobody'],
    retention: '7 days after it is made',
    onErase: 'shred',
    exported: false,
    encrypted: true,
  })
  body!: Buffer
}
