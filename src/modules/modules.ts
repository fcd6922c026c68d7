import { DataKey } from '../db/data-key.entity'
import { AuditEvent } from './audit/audit-event.entity'
import { AuditEventResolver } from './audit/audit-event.resolver'
import { AuthenticationResolver } from './authentication/authentication.resolver'
import { Challenge } from './authentication/challenge.entity'
import { Email } from './email/email.entity'
import { EmailResolver } from './email/email.resolver'
import { IdempotencyRecord } from './idempotency/idempotency-record.entity'
import { Import } from './import/import.entity'
import { NodeResolver } from './node/node.resolver'
import { Password } from './password/password.entity'
import { Post } from './post/post.entity'
import { PostResolver, UserPostsResolver } from './post/post.resolver'
import { Preference } from './preference/preference.entity'
import { PreferenceResolver, UserPreferencesResolver } from './preference/preference.resolver'
import { Role, RoleGrant } from './role/role.entity'
import { RoleResolver, UserRolesResolver } from './role/role.resolver'
import { Session } from './session/session.entity'
import { SessionResolver, UserSessionsResolver } from './session/session.resolver'
import { Throttle } from './throttle/throttle.entity'
import { User } from './user/user.entity'
import { AuditEventPeopleResolver, UserResolver } from './user/user.resolver'

/** Every table. */
export const entities = [
  AuditEvent,
  Challenge,
  DataKey,
  Email,
  IdempotencyRecord,
  Import,
  Password,
  Post,
  Preference,
  Role,
  RoleGrant,
  Session,
  Throttle,
  User,
]

/** Every resolver class. */
export const resolvers = [
  AuditEventPeopleResolver,
  AuditEventResolver,
  AuthenticationResolver,
  EmailResolver,
  NodeResolver,
  PostResolver,
  PreferenceResolver,
  RoleResolver,
  SessionResolver,
  UserPostsResolver,
  UserPreferencesResolver,
  UserResolver,
  UserRolesResolver,
  UserSessionsResolver,
] as const
