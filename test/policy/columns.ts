import { getNamedType, isLeafType } from 'graphql'
import { getMetadataArgsStorage } from 'typeorm'
import { classificationOf, type PersonalData } from '../../src/core/personal-data'
import { entities } from '../../src/modules/modules'
import { TYPES, WRAPPERS } from './expectations'
import { objectTypes } from './stage'

/*
 * Which columns each field of the schema shows. A field bears the name of its column, which is one of the entity that its
 * type is named after; what does otherwise stands here.
 */

/** The types that show a row of an entity of another name. */
const ENTITY_OF: Record<string, string> = {
  Invitation: 'User',
  SecurityEvent: 'AuditEvent',
  Suspension: 'User',
}

/** The types that show no row: what they say is made for whoever asks, or leads to what has a type of its own. */
const WITHOUT_ENTITY = new Set([
  'AccessExplanation',
  'IdentityProvider',
  'PasswordStrength',
  'Permission',
  'SessionChange',
  'TotpEnrolment',
  'UserError',
])

/** The columns behind fields that do not bear their name; none for those that say nothing that a column holds of a person. */
export const COLUMNS_BEHIND: Record<string, string[]> = {
  'User.email': ['Email.address'],
  'User.accessLog': ['AccessRecord.subjectId'],
  'User.groups': ['GroupMember.groupId'],
  'User.permissions': ['RoleGrant.roleId'],
  // Said to whoever acts as the person, of themselves.
  'User.impersonator': [],
  'Suspension.reason': ['User.suspensionReason'],
  'Suspension.endsAt': ['User.suspendedUntil'],
  'Suspension.by': ['User.suspendedById'],
  'Invitation.sentAt': ['User.invitedAt'],
  'Invitation.expiresAt': ['User.invitedAt'],
  'Session.isCurrent': [],
  'Preference.defaultValue': [],
  'Preference.description': [],
  'Preference.schema': [],
  'AuditEvent.details': ['AuditEvent.personalDetails'],
  'BulkJob.status': ['BulkJob.endedAt'],
  'BulkJobItem.error': ['BulkJobItem.code'],
  'Challenge.passkeyOptions': [],
  'Security.passwordChangedAt': ['Password.changedAt'],
  'Security.isPasswordBreached': ['Password.compromisedAt'],
  'Security.secondFactors': ['Factor.kind'],
  // Whether they are staff, where the installation asks something of staff.
  'Security.isSecondFactorRequired': [],
  'Security.recoveryCodesLeft': ['RecoveryCode.usedAt'],
  'Security.freezeEndsAt': ['User.credentialsFrozenUntil'],
  // The session's device is there for those alone who may see the session.
  'SecurityEvent.message': [],
  'SecurityEvent.deviceName': [],
  'SecurityEvent.network': ['AuditEvent.address'],
  'SecurityEvent.canBeDisowned': [],
  'SecurityEvent.disownedAt': [],
}

/** What each column says of a person, by `Entity.property`. */
export const classifications = new Map(
  entities.flatMap((entity) =>
    getMetadataArgsStorage()
      .filterColumns(entity)
      .map(({ propertyName }) => [`${entity.name}.${propertyName}`, classificationOf(entity, propertyName)]),
  ) as [string, PersonalData | 'not-personal'][],
)

/** The columns that a field shows; undefined where nobody has said so. */
function columnsBehind(type: string, field: string): string[] | undefined {
  const entity = ENTITY_OF[type] ?? type
  const named = [`${entity}.${field}`, `${entity}.${field}Id`].filter((column) => classifications.has(column))
  return COLUMNS_BEHIND[`${type}.${field}`] ?? (named.length > 0 ? named : undefined)
}

/** A field of a type that shows rows. */
export interface ShownField {
  /** `Type.field` */
  name: string
  type: string
  field: string
  /** Whether it shows a value itself, and does not only lead to something. */
  isLeaf: boolean
  columns: string[] | undefined
}

export const SHOWN: readonly ShownField[] = objectTypes
  .filter(({ name }) => name in TYPES && !WRAPPERS.test(name) && !WITHOUT_ENTITY.has(name))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({
      name: `${type.name}.${field.name}`,
      type: type.name,
      field: field.name,
      isLeaf: isLeafType(getNamedType(field.type)),
      columns: columnsBehind(type.name, field.name),
    })),
  )
