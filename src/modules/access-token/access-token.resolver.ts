import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { CreateAccessTokenInput, RevokeAccessTokenInput } from './access-token.input'
import { CreateAccessTokenPayload, RevokeAccessTokenPayload } from './access-token.payload'
import { AccessTokenService } from './access-token.service'

@Resolver()
export class AccessTokenResolver {
  @Action(() => CreateAccessTokenPayload, {
    description:
      'Makes an access token, with which a program acts for you. At most 50 work at a time; a mail tells you.',
  })
  async createAccessToken(
    @Ctx() context: Context,
    @InputArgument(() => CreateAccessTokenInput) input: CreateAccessTokenInput,
  ) {
    return done(await context.use(AccessTokenService).create(input))
  }

  @Action(() => RevokeAccessTokenPayload, {
    description: 'Ends an access token of yours. It is dead when this answers, on every process.',
  })
  async revokeAccessToken(
    @Ctx() context: Context,
    @InputArgument(() => RevokeAccessTokenInput) { accessTokenId }: RevokeAccessTokenInput,
  ) {
    return done({ accessToken: await context.use(AccessTokenService).revoke(accessTokenId) })
  }
}
