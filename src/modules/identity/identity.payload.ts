import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'
import { ChallengeType } from '../challenge/challenge.type'
import { UserType } from '../user/user.type'
import { IdentityType } from './identity.type'

/** What every journey to a provider begins with. */
@Type('JourneyPayload', 'The beginning of a journey to an identity provider.')
abstract class JourneyPayload extends MutationPayload {
  @Shown(() => String, 'Where to lead the browser to.', true)
  url?: string

  @Shown(() => ChallengeType, 'What waits for the return.', true)
  challenge?: ChallengeType

  @Shown(
    () => String,
    'A secret. Keep it where only your own pages or app can read it: the return is worth nothing without it. It is shown only here.',
    true,
  )
  verifier?: string
}

@Type('StartProviderSignInPayload', 'The answer of `startProviderSignIn`.')
export class StartProviderSignInPayload extends JourneyPayload {}

@Type('StartProviderLinkPayload', 'The answer of `startProviderLink`.')
export class StartProviderLinkPayload extends JourneyPayload {}

@Type('LinkIdentityPayload', 'The answer of `linkIdentity`.')
export class LinkIdentityPayload extends MutationPayload {
  @Shown(() => IdentityType, 'The new identity.', true)
  identity?: IdentityType

  @Shown(() => UserType, 'The person, whose `security` shows what is linked now.', true)
  user?: UserType
}

@Type('UnlinkIdentityPayload', 'The answer of `unlinkIdentity`.')
export class UnlinkIdentityPayload extends MutationPayload {
  @Shown(() => UserType, 'The person, whose `security` shows what is linked now.', true)
  user?: UserType
}
