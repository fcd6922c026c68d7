import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { AttributeService, type AttributeAudience, type ShownAttribute } from './attribute.service'

export type { AttributeAudience, ShownAttribute }

/** What people have and the viewer may see. */
export const attributesByUser = defineLoader<Id, ShownAttribute[], ShownAttribute[]>(
  (db, userIds) => new AttributeService(db).of(userIds),
  [],
)

/** To whom people show their attributes, where they have said so. */
export const attributeAudiencesByUser = defineLoader<Id, AttributeAudience[], AttributeAudience[]>(
  (db, userIds) => new AttributeService(db).audiencesOf(userIds),
  [],
)
