import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { SessionType } from '../session/session.type'
import { UserType } from '../user/user.type'

@Type('StartImpersonationPayload', 'The answer of `startImpersonation`.')
export class StartImpersonationPayload extends MutationPayload {
  @Shown(() => UserType, 'The person as whom the session acts.', true)
  user?: UserType

  @Shown(() => SessionType, 'The session that acts as the person; your own goes on beside it.', true)
  session?: SessionType

  @Shown(
    () => String,
    'The bearer token to send to act as the person; it counts before the cookie of your own session. It is shown only here.',
    true,
  )
  token?: string
}

@Type('StopImpersonationPayload', 'The answer of `stopImpersonation`.')
export class StopImpersonationPayload extends MutationPayload {}
