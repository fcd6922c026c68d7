import { GraphQLJSONObject } from 'graphql-scalars'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Context } from '../../context/context'
import { PasskeyService } from '../passkey/passkey.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { userById } from '../user/user.loader'
import { ChallengeKind } from './challenge-kind'
import type { Challenge } from './challenge.entity'
import { passkeyOwner } from './challenge.service'
import { ChallengeType } from './challenge.type'

@Resolver(() => ChallengeType)
export class ChallengeResolver {
  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'What the browser is asked where a passkey serves: for `PublicKeyCredential.parseCreationOptionsFromJSON` when one is registered, else for `parseRequestOptionsFromJSON`.',
  })
  async passkeyOptions(@Ctx() context: Context, @Root() challenge: Challenge): Promise<object | null> {
    const { id, kind, methods, subjectId } = challenge
    if (!methods.includes(AuthenticationMethod.PASSKEY)) return null
    const passkeys = context.use(PasskeyService)
    if (kind === ChallengeKind.PASSKEY_REGISTRATION) {
      const owner = await context.load(userById, subjectId)
      return owner && passkeys.creationOptions(id, owner)
    }
    return passkeys.requestOptions(id, passkeyOwner(challenge))
  }
}
