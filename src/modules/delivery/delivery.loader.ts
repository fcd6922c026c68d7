import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import { DeliveryService, type DeliveryRow } from './delivery.service'

export type { DeliveryRow }

export const deliveryById = defineLoader<Id, DeliveryRow>(async (db, ids) =>
  keyed(await new DeliveryService(db).lookup(ids), 'id'),
)
