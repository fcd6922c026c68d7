import { ID } from 'type-graphql'
import { GlobalId, Shown, Type } from '../../api/type'
import type { Identity, NamedProvider } from './identity.service'

@Type('IdentityProvider', 'A service at which people can sign in, such as Google (OpenID Connect).')
export class IdentityProviderType implements NamedProvider {
  @Shown(() => ID, 'What the configuration calls it; `startProviderSignIn` takes it.')
  id!: string

  @Shown(() => String, 'What people call it.')
  name!: string
}

@Type('Identity', 'That a person can sign in at an identity provider.')
export class IdentityType implements Pick<Identity, 'id' | 'createdAt' | 'lastUsedAt'> {
  @GlobalId('identity', 'The global id.')
  id!: string

  @Shown(() => Date, 'When it was linked.')
  createdAt!: Date

  @Shown(() => Date, 'When somebody last signed in with it.', true)
  lastUsedAt!: Date | null
}
