import { DataKey } from '../db/data-key.entity'
import { AccessToken } from './access-token/access-token.entity'
import { AccessTokenResolver } from './access-token/access-token.resolver'
import { AuditEvent } from './audit/audit-event.entity'
import { AuditEventResolver } from './audit/audit-event.resolver'
import { ChallengeResolver } from './challenge/challenge.resolver'
import { AuthenticationResolver } from './authentication/authentication.resolver'
import { Challenge } from './challenge/challenge.entity'
import { Email } from './email/email.entity'
import { EmailResolver } from './email/email.resolver'
import { Factor } from './factor/factor.entity'
import { FactorResolver } from './factor/factor.resolver'
import { IdempotencyRecord } from './idempotency/idempotency-record.entity'
import { Import } from './import/import.entity'
import { Identity } from './identity/identity.entity'
import { IdentityResolver } from './identity/identity.resolver'
import { NodeResolver } from './node/node.resolver'
import { Passkey } from './passkey/passkey.entity'
import { Password } from './password/password.entity'
import { PeopleResolver } from './people/people.resolver'
import { Post } from './post/post.entity'
import { PostResolver, UserPostsResolver } from './post/post.resolver'
import { Preference } from './preference/preference.entity'
import { PreferenceResolver, UserPreferencesResolver } from './preference/preference.resolver'
import { RecoveryResolver } from './recovery/recovery.resolver'
import { RecoveryCode } from './recovery-code/recovery-code.entity'
import { Role, RoleGrant } from './role/role.entity'
import { RoleResolver, UserRolesResolver } from './role/role.resolver'
import { SecurityEventResolver } from './security/security-event.resolver'
import { SecurityResolver, UserSecurityResolver } from './security/security.resolver'
import { ServiceTokenResolver } from './service-token/service-token.resolver'
import { Session } from './session/session.entity'
import { SessionResolver, UserSessionsResolver } from './session/session.resolver'
import { SupersededToken } from './session/superseded-token.entity'
import { Throttle } from './throttle/throttle.entity'
import { User } from './user/user.entity'
import { UserSearch } from './user/user-search.entity'
import { AuditEventPeopleResolver, UserResolver } from './user/user.resolver'

/** Every table. */
export const entities = [
  AccessToken,
  AuditEvent,
  Challenge,
  DataKey,
  Email,
  Factor,
  IdempotencyRecord,
  Identity,
  Passkey,
  Import,
  Password,
  Post,
  Preference,
  RecoveryCode,
  Role,
  RoleGrant,
  Session,
  SupersededToken,
  Throttle,
  User,
  UserSearch,
]

/** Every resolver class. */
export const resolvers = [
  AccessTokenResolver,
  AuditEventPeopleResolver,
  AuditEventResolver,
  AuthenticationResolver,
  ChallengeResolver,
  EmailResolver,
  FactorResolver,
  IdentityResolver,
  NodeResolver,
  PeopleResolver,
  PostResolver,
  PreferenceResolver,
  RecoveryResolver,
  RoleResolver,
  SecurityEventResolver,
  SecurityResolver,
  ServiceTokenResolver,
  SessionResolver,
  UserPostsResolver,
  UserPreferencesResolver,
  UserResolver,
  UserRolesResolver,
  UserSecurityResolver,
  UserSessionsResolver,
] as const
