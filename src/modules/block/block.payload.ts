import { ID } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { BlockType } from './block.type'

@Type('BlockUserPayload', 'The answer of `blockUser`.')
export class BlockUserPayload extends MutationPayload {
  @Shown(() => BlockType, 'The block.', true)
  block?: BlockType
}

@Type('UnblockUserPayload', 'The answer of `unblockUser`.')
export class UnblockUserPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the person who is not blocked any more.', true)
  unblockedUserId?: string
}

@Type('MuteUserPayload', 'The answer of `muteUser`.')
export class MuteUserPayload extends MutationPayload {
  @Shown(() => BlockType, 'What keeps the person away.', true)
  block?: BlockType
}

@Type('UnmuteUserPayload', 'The answer of `unmuteUser`.')
export class UnmuteUserPayload extends MutationPayload {
  @Shown(() => ID, 'The id of the person who is not muted any more.', true)
  unmutedUserId?: string
}
