import { getNamedType, isLeafType } from 'graphql'
import { getMetadataArgsStorage } from 'typeorm'
import { classificationOf, type PersonalData } from '../../src/core/personal-data'
import { entities } from '../../src/modules/modules'
import { CASES, OPENED_BY, readersOf, TYPES, WRAPPERS } from './expectations'
import { objectTypes, typeOf } from './stage'

/*
 * Who reads what is personal is said of its column, as the record of processing prints it, and of each field that shows it,
 * as the matrix proves it. Here the two have to agree.
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
const COLUMNS_BEHIND: Record<string, string[]> = {
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

/** Fields that lead to such rows and are opened by something else than what opens the rows otherwise. */
const REACHED_THROUGH: Record<string, string> = { RoleGrant: 'AccessExplanation.grants' }

/** Types whose rows can be everybody's, as a published post is. */
const PUBLISHED = new Set(['Post'])

const classifications = new Map(
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

/** Who reads a field, in the words of a column. */
function expectedReaders(type: string, field: string): string[] {
  const subjects = [type, ...Object.keys(CASES).filter((name) => CASES[name]!.type === type)]
  // What they see of their own rows is not what others see of them.
  const readers = subjects
    .filter((subject) => !subject.endsWith(' who asks') && !subject.endsWith(' about whoever asks'))
    .flatMap((subject) => readersOf(subject, field))
  if (PUBLISHED.has(type) || readers.includes('anonymous')) return ['everyone']
  const through = REACHED_THROUGH[type]
  const openings = [
    OPENED_BY[`${type}.${field}`] ?? OPENED_BY[type],
    through && (OPENED_BY[through] ?? OPENED_BY[through.split('.')[0]!]),
  ]
  return [
    ...(readers.includes('self') ? ['self'] : []),
    ...openings.flatMap((opening) => (opening ? [opening.permission] : [])),
  ]
}

const shown = objectTypes
  .filter(({ name }) => name in TYPES && !WRAPPERS.test(name) && !WITHOUT_ENTITY.has(name))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({
      name: `${type.name}.${field.name}`,
      isLeaf: isLeafType(getNamedType(field.type)),
      columns: columnsBehind(type.name, field.name),
      readers: expectedReaders(type.name, field.name),
    })),
  )

const sorted = (words: Iterable<string>) => [...new Set(words)].sort()

test('of every field that shows something it is known which columns it shows', () => {
  expect(
    shown.filter(({ isLeaf, columns }) => isLeaf && columns === undefined).map(({ name }) => name),
  ).toEqual([])
  // A failure here asks for a line in COLUMNS_BEHIND: which column does the field read?
  const behind = shown.flatMap(({ columns = [] }) => columns)
  expect(behind.filter((column) => !classifications.has(column))).toEqual([])
  const known = new Set(shown.map(({ name }) => name))
  expect(Object.keys(COLUMNS_BEHIND).filter((name) => !known.has(name))).toEqual([])
})

test('the fields that lead to rows by another way are those of the schema', () => {
  for (const [type, through] of Object.entries(REACHED_THROUGH)) {
    const [from, field] = through.split('.') as [string, string]
    expect(getNamedType(typeOf(from).getFields()[field]!.type).name).toBe(type)
  }
})

const personal = [...classifications].flatMap(([column, classification]) =>
  classification === 'not-personal' ? [] : [{ column, ...classification }],
)

test.each(personal.map(({ column, ...data }) => [column, data] as const))(
  '%s is read by those to whom its fields are open, and by nobody else',
  (column, { readers, exported }) => {
    const fields = shown.filter(({ columns }) => columns?.includes(column))
    // What no field shows, the person gets with their data, if anybody does.
    const unshown = exported ? ['self'] : ['nobody']
    const open = fields.length === 0 ? unshown : fields.flatMap((field) => field.readers)
    const expected = open.includes('everyone') ? ['everyone'] : sorted(open)
    expect({ readers: sorted(readers), fields: fields.map(({ name }) => name) }).toEqual({
      readers: expected,
      fields: fields.map(({ name }) => name),
    })
  },
)
