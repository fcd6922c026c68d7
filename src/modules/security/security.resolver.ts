import { Arg, Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import type { Context } from '../../context/context'
import { AccessTokenService, type AccessTokenRow } from '../access-token/access-token.service'
import { AccessTokenType } from '../access-token/access-token.type'
import { AuditService, type SecurityEventRow } from '../audit/audit.service'
import { FactorService } from '../factor/factor.service'
import { IdentityService, type Identity } from '../identity/identity.service'
import { IdentityType } from '../identity/identity.type'
import { PasskeyService, type Passkey } from '../passkey/passkey.service'
import { PasskeyType } from '../passkey/passkey.type'
import { PasswordService } from '../password/password.service'
import { RecoveryCodeService } from '../recovery-code/recovery-code.service'
import { RoleService } from '../role/role.service'
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
    return (await context.use(PasswordService).state(id))?.changedAt ?? null
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the password turned up in a breach somewhere, and should be changed.',
  })
  async isPasswordBreached(@Ctx() context: Context, @Root() { id }: UserRow): Promise<boolean> {
    return (await context.use(PasswordService).state(id))?.compromisedAt != null
  }

  @FieldResolver(() => [AuthenticationMethod], {
    description:
      'What is asked for after the password, any one of these; empty where no second factor is on.',
  })
  secondFactors(@Ctx() context: Context, @Root() { id }: UserRow): Promise<AuthenticationMethod[]> {
    return context.use(FactorService).methodsOf(id)
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether the permissions of this person rest until they have signed in with a second factor: the installation asks it of staff.',
  })
  async isSecondFactorRequired(@Ctx() context: Context, @Root() { id }: UserRow): Promise<boolean> {
    return context.db.tools.staffNeedSecondFactor && (await context.use(RoleService).isStaff(id))
  }

  @FieldResolver(() => [PasskeyType], { description: 'The passkeys and security keys, oldest first.' })
  passkeys(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Passkey[]> {
    return context.use(PasskeyService).ofUser(id)
  }

  @FieldResolver(() => [IdentityType], {
    description: 'Where else this person can sign in: identities at providers, oldest first.',
  })
  identities(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Identity[]> {
    return context.use(IdentityService).ofUser(id)
  }

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
    return context.use(RecoveryCodeService).left(id)
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      'Until when nothing can be changed about how the person signs in, because something was not them; null where everything can. A new password, chosen with the link of the mail, ends it.',
  })
  freezeEndsAt(@Ctx() context: Context, @Root() { id }: UserRow): Promise<Date | null> {
    return context.use(UserService).credentialsFrozenUntil(id)
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
