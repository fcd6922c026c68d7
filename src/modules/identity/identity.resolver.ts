import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { requireSignedIn } from '../../core/viewer'
import { userById } from '../user/user.loader'
import { LinkIdentityInput, StartProviderLinkInput, UnlinkIdentityInput } from './identity.input'
import { LinkIdentityPayload, StartProviderLinkPayload, UnlinkIdentityPayload } from './identity.payload'
import { IdentityService, type Identity, type NamedProvider } from './identity.service'
import { IdentityProviderType, IdentityType } from './identity.type'
import { linkIdentity, startProviderLink, unlinkIdentity } from './linking'

@Resolver(() => IdentityType)
export class IdentityResolver {
  @Query(() => [IdentityProviderType], {
    description: 'The services at which people can sign in, besides here. Everybody.',
  })
  identityProviders(@Ctx() context: Context): NamedProvider[] {
    return context.use(IdentityService).providers()
  }

  @FieldResolver(() => IdentityProviderType, { description: 'Where the person can sign in.' })
  provider(@Ctx() context: Context, @Root() { provider }: Identity): NamedProvider {
    return context.use(IdentityService).providerOf(provider)
  }

  @Action(() => StartProviderLinkPayload, {
    description:
      'Begins a journey to an identity provider, to be able to sign in there from then on; `linkIdentity` ends it.',
  })
  async startProviderLink(
    @Ctx() context: Context,
    @InputArgument(() => StartProviderLinkInput) input: StartProviderLinkInput,
  ) {
    return done(await startProviderLink(context.db, input))
  }

  @Action(() => LinkIdentityPayload, {
    credential: true,
    description:
      'Lets you sign in at an identity provider, if it vouches for one of your verified e-mail addresses. All other sessions end, and a mail tells you.',
  })
  async linkIdentity(
    @Ctx() context: Context,
    @InputArgument(() => LinkIdentityInput) input: LinkIdentityInput,
  ) {
    return this.changed(context, { identity: await linkIdentity(context.db, input) })
  }

  @Action(() => UnlinkIdentityPayload, {
    description:
      'You cannot sign in there any more. Refused for the last way in. All other sessions end, and a mail tells you.',
  })
  async unlinkIdentity(
    @Ctx() context: Context,
    @InputArgument(() => UnlinkIdentityInput) { identityId }: UnlinkIdentityInput,
  ) {
    await unlinkIdentity(context.db, identityId)
    return this.changed(context, {})
  }

  private async changed<Result extends object>(context: Context, result: Result) {
    const { userId } = requireSignedIn(context.viewer)
    return done({ ...result, user: await context.load(userById, userId) })
  }
}
