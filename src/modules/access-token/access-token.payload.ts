import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { AccessTokenType } from './access-token.type'

@Type('CreateAccessTokenPayload', 'The answer of `createAccessToken`.')
export class CreateAccessTokenPayload extends MutationPayload {
  @Shown(() => AccessTokenType, 'The new token, without its secret.', true)
  accessToken?: AccessTokenType

  @Shown(
    () => String,
    'The token itself, for the header `Authorization: Bearer <token>`. Shown only here.',
    true,
  )
  token?: string
}

@Type('RevokeAccessTokenPayload', 'The answer of `revokeAccessToken`.')
export class RevokeAccessTokenPayload extends MutationPayload {
  @Shown(() => AccessTokenType, 'The token that has ended.', true)
  accessToken?: AccessTokenType
}
