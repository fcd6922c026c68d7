import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'

@Type('IssueServiceTokenPayload', 'The answer of `issueServiceToken`.')
export class IssueServiceTokenPayload extends MutationPayload {
  @Shown(
    () => String,
    'A JWT (RFC 9068), signed with ES256. The keys are at `/.well-known/jwks.json`. Portico itself does not take it.',
    true,
  )
  token?: string

  @Shown(() => Date, 'When it ends, five minutes from now. It cannot be revoked.', true)
  expiresAt?: Date
}
