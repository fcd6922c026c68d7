import { getNamedType, isAbstractType, isObjectType, type GraphQLNamedType } from 'graphql'
import { expand, isNoted } from '../../src/graphql/guard'
import { permissions } from '../../src/graphql/permissions'
import { isInPerson, isThemselves, takesPart } from '../../src/graphql/rules'
import { declareSchema } from '../../src/graphql/schema'
import { classifications, SHOWN } from './columns'
import { MUTATIONS, OPENED_BY } from './expectations'

/*
 * The matrix proves of what is listed in DATA_OF that it is noted when others read it. Here the schema is walked for what
 * should be on that list: a field of somebody's data to which one comes without anything having been noted on the way.
 */

/** Mutations that answer with what is the viewer's own, whoever they are. */
const ANSWER_ONES_OWN = new Set([
  'cancelErasure',
  'createAccessToken',
  'requestDataExport',
  'requestErasure',
  'linkIdentity',
  'registerPasskey',
  'renamePasskey',
  'revokeAccessToken',
  'blockUser',
  'muteUser',
  'giveConsent',
  'withdrawConsent',
  // Whoever acts as somebody is shown nothing of them by it.
  'setNotificationSettings',
  'setPreferences',
  'resetPreferences',
  'restorePreference',
])

/** Subscriptions that tell whoever is signed in themselves of what is theirs. */
const TELL_ONES_OWN = new Set(['viewerPreferencesChanged'])

const schema = declareSchema()
const rules = expand(schema, permissions)

const objectsOf = (type: GraphQLNamedType): string[] =>
  isAbstractType(type)
    ? schema.getPossibleTypes(type).map(({ name }) => name)
    : isObjectType(type)
      ? [type.name]
      : []

const fieldsOf = (name: string) => {
  const type = schema.getType(name)
  return isObjectType(type) ? Object.values(type.getFields()) : []
}

/** No permission opens it: nobody comes by this way to what is not theirs as well. */
const isOwnAlone = (type: string, field: string): boolean =>
  rules[type]![field] === isInPerson || rules[type]![field] === takesPart

/** The types to which one comes with nothing noted, each with a way there. */
const ways = new Map<string, string>()
function walk(type: string, way: string): void {
  if (ways.has(type)) return
  ways.set(type, way)
  for (const field of fieldsOf(type)) {
    if (isNoted(rules[type]![field.name]!) || isOwnAlone(type, field.name)) continue
    if (type === 'Mutation' && ANSWER_ONES_OWN.has(field.name)) continue
    if (type === 'Subscription' && TELL_ONES_OWN.has(field.name)) continue
    for (const next of objectsOf(getNamedType(field.type))) walk(next, `${way}.${field.name}`)
  }
}
for (const root of ['Query', 'Mutation', 'Subscription']) walk(root, root)

const isOfSomebody = (column: string): boolean => {
  const classification = classifications.get(column)!
  return classification !== 'not-personal' && !classification.readers.includes('everyone')
}

test('whichever way one comes to what is personal of somebody else, it is noted in their access log', () => {
  const personal = SHOWN.filter(({ columns = [] }) => columns.some(isOfSomebody))
  expect(personal.length).toBeGreaterThan(50)
  const forgotten = personal
    .filter(({ type, field }) => ways.has(type) && !isNoted(rules[type]![field]!) && !isOwnAlone(type, field))
    .map(({ name, type }) => `${name}, by way of ${ways.get(type)}`)
  expect(forgotten).toEqual([])
  // A failure here asks for a `seenAs` in src/graphql/permissions.ts, and a line in DATA_OF.
})

test('what answers with one’s own acts on nobody else’s', () => {
  for (const name of TELL_ONES_OWN) expect(rules['Subscription']![name]).toBe(isThemselves)
  for (const name of ANSWER_ONES_OWN) {
    const { may, otherwise } = MUTATIONS[name]!
    expect([name, OPENED_BY[`Mutation.${name}`]]).toEqual([name, undefined])
    if (otherwise) expect([name, may]).toEqual([name, ['self']])
  }
})
