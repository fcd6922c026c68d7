import { declareSchema } from '../../src/graphql/schema'
import { exportedTables } from '../../src/modules/data-export/subject-rows'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const CHANGE =
  'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { displayName bio locale timeZone } userErrors { code } } }'
const events = async (person: Person, action: string) =>
  (
    await person.api.data(
      `{ viewer { auditEvents(filter: { actions: ["${action}"] }) { edges { node { action details actor { id } } } } } }`,
    )
  ).viewer.auditEvents.edges.map(({ node }: { node: object }) => node)

test('R92 people put right every field of their own, and each change is on their trail', async () => {
  const person = await world.person()
  const input = {
    displayName: unique('Renamed '),
    bio: 'Rewritten.',
    locale: 'de',
    timeZone: 'Europe/Berlin',
  }
  for (const [field, value] of Object.entries(input)) {
    const { updateProfile } = await person.api.data(CHANGE, { input: { [field]: value } })
    expect(updateProfile).toMatchObject({ user: { [field]: value }, userErrors: [] })
    expect((await events(person, 'profile.updated'))[0]).toEqual({
      action: 'profile.updated',
      details: { fields: [field] },
      actor: { id: person.globalId },
    })
    world.clock.advance(1_000)
  }
  const preference =
    'mutation { setPreferences(input: { preferences: [{ key: "theme", value: "dark" }] }) { userErrors { code } } }'
  expect((await person.api.data(preference)).setPreferences.userErrors).toEqual([])
  expect(await events(person, 'preferences.updated')).toEqual([
    {
      action: 'preferences.updated',
      details: { keys: ['theme'], isOnDevice: false },
      actor: { id: person.globalId },
    },
  ])
})

test('R92 what people cannot put right themselves they ask for, and that is on their trail with its answer', async () => {
  const [person, staff] = [await world.person(), await world.person({ permissions: ['privacy:manage'] })]
  const { requestRectification } = await person.api.data(
    'mutation { requestRectification(input: { message: "My username has a typo." }) { privacyRequest { id } } }',
  )
  const { id } = requestRectification.privacyRequest
  await staff.api.data(
    `mutation { resolvePrivacyRequest(input: { privacyRequestId: "${id}", note: "Renamed." }) { userErrors { code } } }`,
  )
  expect(await events(person, 'privacy-request.received')).toHaveLength(1)
  expect(await events(person, 'privacy-request.done')).toMatchObject([{ details: { kind: 'rectification' } }])
})

/** By which mutation people put right what they have said, or is said, about themselves. */
const PUT_RIGHT: Record<string, string> = {
  'users.username': 'changeUsername',
  'users.displayName': 'updateProfile',
  'users.bio': 'updateProfile',
  'users.bioAudience': 'setProfileVisibility',
  'users.avatarAudience': 'setProfileVisibility',
  'users.lastSeenAudience': 'setProfileVisibility',
  'users.locale': 'updateProfile',
  'users.timeZone': 'updateProfile',
  'access_tokens.name': 'createAccessToken',
  'attributes.sealedValue': 'setAttributes',
  'attributes.audience': 'setProfileVisibility',
  'avatars.fileKey': 'removeAvatar',
  'blocks.*': 'unblockUser',
  'comments.authorId': 'deleteComment',
  'comments.body': 'editComment',
  'comments.bodyHtml': 'editComment',
  'consents.*': 'giveConsent',
  'conversation_participants.muteEndsAt': 'muteConversation',
  'conversations.creatorId': 'leaveConversation',
  'conversations.*': 'renameConversation',
  'device_preferences.*': 'setPreferences',
  'emails.address': 'changeEmail',
  'identities.subjectIdentifier': 'unlinkIdentity',
  'messages.*': 'editMessage',
  'passkeys.name': 'renamePasskey',
  'phones.phoneNumber': 'addPhone',
  'posts.*': 'updatePost',
  'preferences.value': 'setPreferences',
  'reports.remark': 'reportContent',
  'tickets.subjectLine': 'replyToTicket',
  'ticket_messages.*': 'replyToTicket',
  'unsubscriptions.*': 'setPreferences',
}

/** What was said, shown or decided at a time, which a correction stands beside (`requestRectification`). */
const AS_IT_WAS = [
  'activity_events',
  'appeals',
  'audit_events',
  'former_usernames',
  'moderation_decisions',
  'post_revisions',
  'preference_changes',
  'privacy_requests',
  'sessions',
]

test('R92 whatever is kept of people besides what has happened, they can put right by a mutation', () => {
  const own = exportedTables()
    .filter(({ name }) => !AS_IT_WAS.includes(name))
    .flatMap(({ name, exported }) =>
      exported
        .filter(({ category }) => category !== 'activity')
        .map(({ property }) => [name, property] as const),
    )
  const ways = own.map(([table, property]) => [
    `${table}.${property}`,
    PUT_RIGHT[`${table}.${property}`] ?? PUT_RIGHT[`${table}.*`],
  ])
  expect(ways.filter(([, mutation]) => mutation === undefined)).toEqual([])
  const mutations = declareSchema().getMutationType()!.getFields()
  expect(Object.values(PUT_RIGHT).filter((mutation) => !mutations[mutation])).toEqual([])
})
