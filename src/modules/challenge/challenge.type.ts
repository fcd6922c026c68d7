import { registerEnumType } from 'type-graphql'
import { GlobalId, Shown, Type } from '../../api/type'
import { AuthenticationMethod } from '../session/authentication-method'
import { ChallengeKind } from './challenge-kind'
import type { Challenge } from './challenge.entity'

registerEnumType(ChallengeKind, {
  name: 'ChallengeKind',
  description: 'What waits for a proof.',
  valuesConfig: {
    SIGN_UP: { description: 'A sign-up; `completeSignUp` finishes it.' },
    SIGN_IN: { description: 'A sign-in; `completeSignIn` finishes it.' },
    SIGN_IN_LINK: { description: 'A sign-in by mail; `completeSignIn` finishes it.' },
    REAUTHENTICATION: { description: 'A fresh proof of identity; `reauthenticate` takes it.' },
    PASSWORD_RESET: { description: 'A forgotten password; `resetPassword` replaces it.' },
    INVITATION: { description: 'An account that staff have made; `resetPassword` sets its first password.' },
    TOTP_ENROLMENT: { description: 'An authenticator app; `confirmTotp` sets it up.' },
    PASSKEY_REGISTRATION: { description: 'A passkey; `registerPasskey` keeps it.' },
    EMAIL_CHANGE: { description: 'Another e-mail address; `confirmEmailChange` makes it yours.' },
    EMAIL_ADDITION: { description: 'A further e-mail address; `confirmEmail` makes it yours.' },
    PHONE_VERIFICATION: { description: 'A phone number; `confirmPhone` makes it yours.' },
    PROVIDER_SIGN_IN: { description: 'A sign-in at an identity provider; `completeSignIn` finishes it.' },
    PROVIDER_LINK: { description: 'A link to an identity provider; `linkIdentity` makes it.' },
  },
})

@Type('Challenge', 'Something begun that waits for a proof.')
export class ChallengeType implements Pick<Challenge, 'id' | 'kind' | 'methods' | 'expiresAt'> {
  @GlobalId('challenge', 'The global id, for giving the proof.')
  id!: string

  @Shown(() => ChallengeKind, 'What waits.')
  kind!: ChallengeKind

  @Shown(() => [AuthenticationMethod], 'The ways to give the proof; any one of them serves.')
  methods!: AuthenticationMethod[]

  @Shown(() => Date, 'Until when the proof counts.')
  expiresAt!: Date
}
