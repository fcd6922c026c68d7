import { Arg, Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { OwnStatements } from '../../api/type'
import type { Context } from '../../context/context'
import { AccessTokenService, type AccessTokenRow } from '../access-token/access-token.service'
import { AccessTokenType } from '../access-token/access-token.type'
import { AuditService, type SecurityEventRow } from '../audit/audit.service'
import { secondFactorsByUser } from '../factor/factor.loader'
import { identitiesByUser } from '../identity/identity.loader'
import type { Identity } from '../identity/identity.service'
import { IdentityType } from '../identity/identity.type'
import { passkeysByUser } from '../passkey/passkey.loader'
import type { Passkey } from '../passkey/passkey.service'
import { PasskeyType } from '../passkey/passkey.type'
import { passwordStateByUser } from '../password/password.loader'
import { recoveryCodesLeftByUser } from '../recovery-code/recovery-code.loader'
import { isStaffById } from '../role/role-grant.loader'
import { AuthenticationMethod } from '../session/authentication-method'
import type { UserRow } from '../user/user.loader'
import { UserService } from '../user/user.service'
import { UserType } from '../user/user.type'
import { SecurityEventConnection, SecurityType } from './security.type'

@Resolver(() => UserType)
export class UserSecurityResolver {
  @FieldResolver(() => SecurityType, {
    nullable: true,
    description: 'How this person signs in, and what guards the account. Self, or `security:read`.',
  })
  security(@Root() user: UserRow): UserRow {
    return user
  }
}

@Resolver(() => SecurityType)
export class SecurityResolver {
  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the password was set; null for somebody who has none.',
  })
  async passwordChangedAt(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Date | null> {
    return (await context.load(passwordStateByUser, id))?.changedAt ?? null
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the password turned up in a breach somewhere, and should be changed.',
  })
  async isPasswordBreached(@Ctx() context: Context, @Root() { id }: UserRow): Promise<boolean> {
    return (await context.load(passwordStateByUser, id))?.compromisedAt != null
  }

  @FieldResolver(() => [AuthenticationMethod], {
    description:
      'What is asked for after the password, any one of these; empty where no second factor is on.',
  })
  secondFactors(@Ctx() context: Context, @Root() { id }: UserRow): Promise<AuthenticationMethod[]> {
    return context.load(secondFactorsByUser, id)
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether the permissions of this person rest until they have signed in with a second factor: the installation asks it of staff.',
  })
  async isSecondFactorRequired(@Ctx() context: Context, @Root() { id }: UserRow): Promise<boolean> {
    if (!context.db.tools.staffNeedSecondFactor) return false
    return context.load(isStaffById, id)
  }

  @FieldResolver(() => [PasskeyType], { description: 'The passkeys and security keys, oldest first.' })
  passkeys(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Passkey[]> {
    return context.load(passkeysByUser, id)
  }

  @FieldResolver(() => [IdentityType], {
    description: 'Where else this person can sign in: identities at providers, oldest first.',
  })
  identities(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Identity[]> {
    return context.load(identitiesByUser, id)
  }

  @OwnStatements()
  @FieldResolver(() => [AccessTokenType], {
    description: 'The access tokens, newest first; of those that have ended the last ones, where asked for.',
  })
  accessTokens(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Arg('includeEnded', () => Boolean, {
      defaultValue: false,
      description: 'Whether tokens that have ended are listed too.',
    })
    includeEnded: boolean,
  ): Promise<AccessTokenRow[]> {
    return context.use(AccessTokenService).ofUser(id, includeEnded)
  }

  @FieldResolver(() => Int, { description: 'How many recovery codes are left.' })
  recoveryCodesLeft(@Ctx() context: Context, @Root() { id }: UserRow): Promise<number> {
    return context.load(recoveryCodesLeftByUser, id)
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      'Until when nothing can be changed about how the person signs in, because something was not them; null where everything can. A new password, chosen with the link of the mail, ends it.',
  })
  freezeEndsAt(@Ctx() context: Context, @Root() user: UserRow): Date | null {
    return context.use(UserService).freezeEndsAt(user)
  }

  @FieldResolver(() => SecurityEventConnection, {
    description: 'The security inbox: sign-ins, and what has changed about them, newest first.',
  })
  async events(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<SecurityEventRow>> {
    const audit = context.use(AuditService)
    return toConnection(await audit.listSecurity(id, page), () => audit.countSecurity(id))
  }
}
