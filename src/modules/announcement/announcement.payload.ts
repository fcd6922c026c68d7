import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { AnnouncementType } from './announcement.type'

@Type('CreateAnnouncementPayload', 'The answer of `createAnnouncement`.')
export class CreateAnnouncementPayload extends MutationPayload {
  @Shown(() => AnnouncementType, 'The announcement.', true)
  announcement?: AnnouncementType
}

@Type('CancelAnnouncementPayload', 'The answer of `cancelAnnouncement`.')
export class CancelAnnouncementPayload extends MutationPayload {
  @Shown(() => AnnouncementType, 'The announcement as it is now.', true)
  announcement?: AnnouncementType
}
