import { registerEnumType } from 'type-graphql'
import { GlobalId, Shown, Type } from '../../api/type'
import { ChallengeKind, type Challenge } from './challenge.entity'

export enum ChallengeMethod {
  EMAIL_CODE = 'email-code',
  EMAIL_LINK = 'email-link',
}

registerEnumType(ChallengeKind, {
  name: 'ChallengeKind',
  description: 'What waits for a proof.',
  valuesConfig: {
    SIGN_UP: { description: 'A sign-up; `completeSignUp` finishes it.' },
    PASSWORD_RESET: { description: 'A forgotten password; `resetPassword` replaces it.' },
  },
})

registerEnumType(ChallengeMethod, {
  name: 'ChallengeMethod',
  description: 'A way to give the proof.',
  valuesConfig: {
    EMAIL_CODE: { description: 'With the code that was sent by mail.' },
    EMAIL_LINK: { description: 'With the link that was sent by mail; its `token` is the proof.' },
  },
})

@Type('Challenge', 'Something begun that waits for a proof.')
export class ChallengeType implements Pick<Challenge, 'id' | 'kind' | 'expiresAt'> {
  @GlobalId('challenge', 'The global id, for giving the proof.')
  id!: string

  @Shown(() => ChallengeKind, 'What waits.')
  kind!: ChallengeKind

  @Shown(() => [ChallengeMethod], 'The ways to give the proof.')
  methods!: ChallengeMethod[]

  @Shown(() => Date, 'Until when the proof counts.')
  expiresAt!: Date
}
