import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { SessionType } from './session.type'

@Type('SignOutPayload', 'The answer of `signOut`.')
export class SignOutPayload extends MutationPayload {}

@Type('RotateSessionPayload', 'The answer of `rotateSession`.')
export class RotateSessionPayload extends MutationPayload {
  @Shown(() => SessionType, 'The session, the same as before.', true)
  session?: SessionType

  @Shown(
    () => String,
    'The token to send from now on; null where a cookie carries it. It is shown only here.',
    true,
  )
  token?: string | null
}

@Type('RevokeSessionPayload', 'The answer of `revokeSession`.')
export class RevokeSessionPayload extends MutationPayload {
  @Shown(() => SessionType, 'The session, ended; null where you may end it and not see it.', true)
  session?: SessionType
}

@Type('RevokeOtherSessionsPayload', 'The answer of `revokeOtherSessions`.')
export class RevokeOtherSessionsPayload extends MutationPayload {
  @Shown(() => Int, 'How many sessions were ended.', true)
  endedCount?: number
}
