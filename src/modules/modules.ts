import { DataKey } from '../db/data-key.entity'
import { AccessRecord } from './access-log/access-record.entity'
import { AccessRecordResolver, UserAccessLogResolver } from './access-log/access-record.resolver'
import { JobWorker } from '../db/job-worker.entity'
import { AccessToken } from './access-token/access-token.entity'
import { AccessTokenResolver } from './access-token/access-token.resolver'
import {
  AdministrationResolver,
  SuspensionResolver,
  UserAdministrationResolver,
} from './administration/administration.resolver'
import { AuditEvent } from './audit/audit-event.entity'
import { AuditEventResolver } from './audit/audit-event.resolver'
import { BulkJob } from './bulk-job/bulk-job.entity'
import { BulkJobItem } from './bulk-job/bulk-job-item.entity'
import { BulkFormResolver, BulkJobItemResolver, BulkJobResolver } from './bulk-job/bulk-job.resolver'
import { ChallengeResolver } from './challenge/challenge.resolver'
import { AuthenticationResolver } from './authentication/authentication.resolver'
import { BackupDrill } from './backup/backup-drill.entity'
import { Installation } from './backup/installation.entity'
import { Challenge } from './challenge/challenge.entity'
import { Email } from './email/email.entity'
import { EmailResolver } from './email/email.resolver'
import { Factor } from './factor/factor.entity'
import { FactorResolver } from './factor/factor.resolver'
import { Group } from './group/group.entity'
import { GroupMember } from './group/group-member.entity'
import {
  GroupMemberResolver,
  GroupResolver,
  RoleGrantGroupResolver,
  UserGroupsResolver,
} from './group/group.resolver'
import { IdempotencyRecord } from './idempotency/idempotency-record.entity'
import {
  AuditEventImpersonatorResolver,
  ImpersonationResolver,
  SessionImpersonatorResolver,
} from './impersonation/impersonation.resolver'
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
import { Role } from './role/role.entity'
import { RoleGrant } from './role/role-grant.entity'
import { RoleGrantResolver, RoleMembersResolver, UserGrantsResolver } from './role/role-grant.resolver'
import { RoleResolver } from './role/role.resolver'
import { SecurityEventResolver } from './security/security-event.resolver'
import { SecurityResolver, UserSecurityResolver } from './security/security.resolver'
import { ServiceTokenResolver } from './service-token/service-token.resolver'
import { Session } from './session/session.entity'
import { SessionResolver, UserSessionsResolver } from './session/session.resolver'
import { StaffNote } from './staff-note/staff-note.entity'
import { StaffNoteResolver, UserStaffNotesResolver } from './staff-note/staff-note.resolver'
import { SupersededToken } from './session/superseded-token.entity'
import { Throttle } from './throttle/throttle.entity'
import { User } from './user/user.entity'
import { UserSearch } from './user/user-search.entity'
import { AuditEventPeopleResolver, UserResolver } from './user/user.resolver'

/** Every table. */
export const entities = [
  AccessRecord,
  AccessToken,
  AuditEvent,
  BulkJob,
  BulkJobItem,
  BackupDrill,
  Challenge,
  DataKey,
  Email,
  Factor,
  Group,
  GroupMember,
  IdempotencyRecord,
  Identity,
  Passkey,
  Import,
  Installation,
  JobWorker,
  Password,
  Post,
  Preference,
  RecoveryCode,
  Role,
  RoleGrant,
  Session,
  StaffNote,
  SupersededToken,
  Throttle,
  User,
  UserSearch,
]

/** Every resolver class. */
export const resolvers = [
  AccessRecordResolver,
  AccessTokenResolver,
  AuditEventImpersonatorResolver,
  AdministrationResolver,
  AuditEventPeopleResolver,
  AuditEventResolver,
  AuthenticationResolver,
  BulkFormResolver,
  BulkJobItemResolver,
  BulkJobResolver,
  ChallengeResolver,
  EmailResolver,
  FactorResolver,
  GroupMemberResolver,
  GroupResolver,
  IdentityResolver,
  ImpersonationResolver,
  NodeResolver,
  PeopleResolver,
  PostResolver,
  PreferenceResolver,
  RecoveryResolver,
  RoleGrantGroupResolver,
  RoleGrantResolver,
  RoleMembersResolver,
  RoleResolver,
  SecurityEventResolver,
  SecurityResolver,
  ServiceTokenResolver,
  SessionImpersonatorResolver,
  SessionResolver,
  UserAccessLogResolver,
  UserGrantsResolver,
  UserGroupsResolver,
  StaffNoteResolver,
  SuspensionResolver,
  UserAdministrationResolver,
  UserPostsResolver,
  UserPreferencesResolver,
  UserResolver,
  UserSecurityResolver,
  UserSessionsResolver,
  UserStaffNotesResolver,
] as const
