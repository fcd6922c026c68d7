import {
  getNamedType,
  isLeafType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from 'graphql'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { HOUR, later, MINUTE, SECOND } from '../../src/core/clock'
import { idOf, toGlobalId } from '../../src/core/id'
import { declareSchema } from '../../src/graphql/schema'
import type { InSession } from '../../src/core/viewer'
import { AuditService } from '../../src/modules/audit/audit.service'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { ChallengeService } from '../../src/modules/challenge/challenge.service'
import { PostStatus, PostVisibility } from '../../src/modules/post/post-status'
import { startPasskeyRegistration, startTotp } from '../../src/modules/factor/enrolment'
import { FactorService } from '../../src/modules/factor/factor.service'
import { GroupPreferenceService } from '../../src/modules/preference/group-preference.service'
import { PasskeyService } from '../../src/modules/passkey/passkey.service'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { RoleService } from '../../src/modules/role/role.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { UserService } from '../../src/modules/user/user.service'
import { avatarOf } from '../support/avatars'
import { storedAccessToken } from '../support/access-token'
import { bulkJobOf, invited, newcomer, noteAbout, unverifiedEmail } from '../support/administration'
import { ALL_PERMISSIONS, type Permission } from '../../src/core/permission'
import { ApiClient, type ApiResponse } from '../support/api-client'
import { newNumber, onlyPhoneOf, pendingPhone, phoneOf } from '../support/phones'
import {
  beginEmailChange,
  changeEmailOf,
  disownTokenOf,
  onlySecondEmailOf,
  pendingEmail,
  primaryEmailOf,
} from '../support/recovery'
import { claimsOf, journeyOf, linkedIdentity, OWN_PAGE, withProvider } from '../support/known-provider'
import { announced, announcementBy, announcementTo, toldAs } from '../support/announcements'
import { track, viewOf } from '../support/activity'
import { commentOn, reactionTo } from '../support/content'
import { appealOf, appealTokenOf, caseAbout, decisionAbout, reportOf } from '../support/moderation'
import { contentFilter, filterMatchIn, uniqueWord } from '../support/content-filter'
import { consentOf, legalHoldOn, privacyRequestOf } from '../support/privacy'
import { notificationOf } from '../support/notifications'
import { setPreference } from '../support/preferences'
import { blockBy, conversationOf, writeTo } from '../support/messages'
import { newAuthenticator, storedPasskey, totpCode } from '../support/second-factor'
import { dataExportOf, erasureOf } from '../support/privacy'
import { answerIn, forgetThrottles, noteIn, ticketOf } from '../support/tickets'
import { deadLetterTo } from '../support/deliveries'
import { deliveryTo, quietEndpoint } from '../support/webhooks'
import { unique, type Person, type World } from '../support/world'
import { WRAPPERS, type Reader } from './expectations'

/*
 * How the matrix reaches each type, query and mutation: the questions, without the answers. A new type needs a line in
 * `reach`, a new query one in `queries`, a new mutation one in `inputs`.
 */

const PASSWORD = 'a rather long sentence of mine'

const schema = declareSchema()

export const objectTypes = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => !type.name.startsWith('__'))

export const fieldsOf = (type: string): string[] => Object.keys(typeOf(type).getFields())

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by tests, whose assertions are the types */

/** Speaks to the API with one token, or none. */
export interface Speaker {
  send(query: string, variables?: Record<string, unknown>): Promise<ApiResponse<any>>
  /**
   * What a subscription answers, one after the other, the errors that keep it from beginning included; and, where the speaker can tell,
   * when none has kept it.
   */
  subscribe(query: string): AsyncIterableIterator<any> & { accepted?: Promise<void> }
}

export type SpeakerOf = (token?: string) => Speaker

const overTheNetwork =
  (world: World): SpeakerOf =>
  (token) => ({
    send: (query, variables) => new ApiClient(world.url, token).send(query, variables),
    async *subscribe(query) {
      const client = createClient({
        url: world.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: token ? { authorization: `Bearer ${token}` } : {},
        retryAttempts: 0,
      })
      try {
        yield* client.iterate({ query })
      } finally {
        await client.dispose()
      }
    },
  })

/** How somebody holds a permission: it alone over everybody, over one group, or everything but it. */
export type Holding = 'alone' | 'all but it' | 'over the group' | 'over another group'

/** When somebody was made, as their id says (RFC 9562 §5.7). */
const madeAtOf = (id: string): Date => new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16))

export type Scene = Awaited<ReturnType<ReturnType<typeof stage>['makeScene']>>

export const refusalOf = (reader: Reader): string =>
  reader === 'anonymous' || reader === 'suspended' ? 'UNAUTHENTICATED' : 'FORBIDDEN'

/** What a field needs to be told. */
const ARGUMENTS: Record<string, string> = {
  'User.preference': '(key: "theme")',
}

/** A field with enough below it to be answered: all of what is only a wrapper, and of anything else one value. */
function select(type: string, { name, args, type: answer }: GraphQLField<unknown, unknown>): string {
  const isList = args.some((argument) => argument.name === 'first')
  return `${name}${ARGUMENTS[`${type}.${name}`] ?? (isList ? '(first: 1)' : '')} ${selectOn(getNamedType(answer))}`
}

export function selectOn(type: GraphQLNamedType): string {
  if (isLeafType(type)) return ''
  const fields = Object.values((type as GraphQLObjectType).getFields())
  const one =
    fields.find(({ name }) => name === 'id') ?? fields.find((field) => isLeafType(getNamedType(field.type)))!
  const shown = WRAPPERS.test(type.name) ? fields : [one]
  return `{ ${shown.map((field) => select(type.name, field)).join(' ')} }`
}

export const typeOf = (name: string): GraphQLObjectType => schema.getType(name) as GraphQLObjectType

export const selectAll = (type: string): string =>
  Object.values(typeOf(type).getFields())
    .map((field) => select(type, field))
    .join('\n')

const throughNode = (type: string, id: string) => ({
  query: `query ($id: ID!) { found: node(id: $id) { ... on ${type} { ${selectAll(type)} } } }`,
  variables: { id },
  path: ['found'],
})

/** What a filter looks for, which is a type of its own. */
const partOfFilter = (id: string, field: string, type: string) => ({
  query: `query ($id: ID!) { found: node(id: $id) { ... on ContentFilter { ${field} { ${selectAll(type)} } } } }`,
  variables: { id },
  path: ['found', field],
})

/** Every post of a test that is given no title has one that begins so. */
const triedFilter = (selection: string, path: (string | number)[]) => ({
  query: `mutation { testContentFilter(input: { filter: { draft: { covers: [POST], terms: { words: { words: ["Title*"] } } } }, newest: 50 }) { samples { ${selection} } } }`,
  variables: {},
  path: ['testContentFilter', 'samples', 0, ...path],
})

interface Reached {
  query: string
  variables: Record<string, unknown>
  path: (string | number)[]
}

interface ReachedList {
  query: string
  path: string[]
  /** The field of a node that leads to the person; null where the node is one. */
  person: string | null
  /** Whether a node shows what is asked about; where nothing is said it does. */
  counts?: (node: Record<string, unknown>) => boolean
}

export const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (inner === null || inner === undefined ? inner : (inner as Record<string, unknown>)[key]),
    value,
  )

/** Of which figures are told. */
const A_DAY = 'from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z"'

export const queries: Record<string, (scene: Scene) => string> = {
  viewer: () => '{ viewer { id } }',
  node: ({ subject }) => `{ node(id: "${subject.globalId}") { id } }`,
  nodes: ({ subject }) => `{ nodes(ids: ["${subject.globalId}"]) { id } }`,
  user: ({ subject }) => `{ user(id: "${subject.globalId}") { id } }`,
  userByUsername: ({ subject }) => `{ userByUsername(username: "${subject.username}") { id } }`,
  users: () => '{ users(first: 1) { edges { node { id } } } }',
  groups: () => '{ groups(first: 1) { edges { node { id } } } }',
  roles: () => '{ roles { id } }',
  permissions: () => '{ permissions { name } }',
  post: ({ draft }) => `{ post(id: "${draft.globalId}") { id } }`,
  postBySlug: ({ draft }) => `{ postBySlug(slug: "${draft.slug}") { id } }`,
  searchPosts: ({ published }) =>
    `{ searchPosts(query: ${JSON.stringify(published.title)}, first: 1) { edges { cursor node { score } } } }`,
  trashedPosts: () => '{ trashedPosts(first: 1) { edges { node { id } } } }',
  posts: () => '{ posts(first: 1) { edges { node { id } } } }',
  comment: ({ commentId }) => `{ comment(id: "${commentId}") { id } }`,
  reactionKinds: () => '{ reactionKinds }',
  attributeDefinitions: () => '{ attributeDefinitions { key } }',
  activityDefinitions: () => '{ activityDefinitions { key } }',
  auditEvents: () => '{ auditEvents(first: 1) { edges { node { id } } } }',
  bulkJob: ({ bulkJobId }) => `{ bulkJob(id: "${bulkJobId}") { id } }`,
  consentPurposes: () => '{ consentPurposes { id } }',
  contentFilters: () => '{ contentFilters(first: 1) { edges { node { id } } } }',
  moderationCases: () => '{ moderationCases(first: 1) { edges { node { id } } } }',
  moderationAppeals: () => '{ moderationAppeals(first: 1) { edges { node { id } } } }',
  moderationStatistics: () => '{ moderationStatistics { openCases } }',
  privacyRequests: () => '{ privacyRequests(first: 1) { edges { node { id } } } }',
  bulkJobs: () => '{ bulkJobs(first: 1) { edges { node { id } } } }',
  identityProviders: () => '{ identityProviders { id } }',
  ticket: ({ ticketId }) => `{ ticket(id: "${ticketId}") { id } }`,
  tickets: () => '{ tickets(first: 1) { edges { node { id } } } }',
  ticketStatistics: () => '{ ticketStatistics { openCount } }',
  announcements: () => '{ announcements(first: 1) { edges { node { id } } } }',
  webhookEndpoints: () => '{ webhookEndpoints(first: 1) { edges { node { id } } } }',
  deliveries: () => '{ deliveries(first: 1) { edges { node { id } } } }',
  metrics: () => '{ metrics { name } }',
  metric: () => `{ metric(name: SIGN_UPS, interval: DAY, ${A_DAY}) { value } }`,
  retention: () => `{ retention(interval: DAY, ${A_DAY}) { size } }`,
  funnel: () => `{ funnel(steps: ["page.viewed", "page.viewed"], ${A_DAY}) { people } }`,
  'users by email': ({ subject }) =>
    `{ users(first: 1, filter: { email: "${subject.email}" }) { edges { node { id } } } }`,
  'users by phone': () => '{ users(first: 1, filter: { phone: "+436601234567" }) { edges { node { id } } } }',
  'users by role': ({ role }) =>
    `{ users(first: 1, filter: { roleId: "${toGlobalId('role', role.id)}" }) { edges { node { id } } } }`,
  'users by group': ({ groupId }) =>
    `{ users(first: 1, filter: { groupId: "${toGlobalId('group', groupId)}" }) { edges { node { id } } } }`,
  explainAccess: ({ subject }) =>
    `{ explainAccess(viewerId: "${subject.globalId}", field: "Query.users") { field } }`,
}

/** A stage in a world: it makes scenes, and knows how each reader acts in them. */
export function stage(world: World, speakerOf: SpeakerOf = overTheNetwork(world)) {
  /** A subject with one of everything, and everybody who might look. */
  async function makeScene() {
    const [subject, other, custom, manager, admin, expired, owner] = await Promise.all([
      world.person({ password: PASSWORD, permissions: ['audit:read'] }),
      world.person({ password: PASSWORD }),
      world.person({ password: PASSWORD, permissions: ['users:read'] }),
      world.person({ role: 'manager', password: PASSWORD }),
      world.person({ role: 'admin', password: PASSWORD }),
      world.person({ role: 'admin', password: PASSWORD }),
      world.person({ role: 'admin', password: PASSWORD }),
    ])
    const [groupId, otherGroupId] = [await world.group(subject), await world.group(other)]
    const [managerOfGroup, managerOfOther] = await Promise.all([
      world.person({ role: 'manager', password: PASSWORD, over: groupId }),
      world.person({ role: 'manager', password: PASSWORD, over: otherGroupId }),
    ])
    await world.db.query(
      `UPDATE role_grants SET expires_at = $2 WHERE user_id = $1 AND role_id = (SELECT id FROM roles WHERE name = 'admin')`,
      [expired.id, later(world.clock.now(), -HOUR)],
    )
    const support = await world.person({ permissions: ['users:impersonate', 'users:read'] })
    const { token, api } = await storedAccessToken(world, owner.id)
    const program = { ...owner, token, api }
    // The subject's own role must not open anything, so it goes as soon as it has served to be looked at.
    await world.db.query(
      `UPDATE roles SET permissions = '{}' WHERE id IN (SELECT role_id FROM role_grants WHERE user_id = $1) AND NOT is_built_in`,
      [subject.id],
    )
    const roleIds = (await new RoleGrantService(world.db).ofUsers([subject.id])).map(({ roleId }) => roleId)
    const roles = await new RoleService(await world.asViewer(admin)).lookup(roleIds)
    const role = roles.find(({ isBuiltIn }) => !isBuiltIn)!
    await storedPasskey(world, subject.id)
    await linkedIdentity(world, subject.id)
    await storedAccessToken(world, subject.id)
    const waiting = await invited(world)
    const outcast = await world.person()
    await world.suspend(outcast)
    await world.join(groupId, waiting, outcast)
    const noteId = await noteAbout(world, subject, manager)
    await consentOf(subject)
    const holdId = await legalHoldOn(world, subject)
    await blockBy(subject, waiting)
    const friend = await world.person()
    const group = await conversationOf(subject, [friend], { title: 'Engine' })
    const editable = await conversationOf(subject, [friend])
    const deletable = await conversationOf(subject, [friend])
    const requestId = await privacyRequestOf(world, subject)
    const ticketId = await ticketOf(world, subject)
    const ticketMessageId = await answerIn(world, ticketId, manager)
    const ticketNoteId = await noteIn(world, ticketId, manager)
    const published = await world.post({ author: subject })
    const draft = await world.editedPost({ author: subject, publish: false })
    const commentId = await commentOn(world, published, subject)
    await reactionTo(world, commentId, subject)
    await commentOn(world, draft, subject)
    const edited = await world.editedPost({ author: subject })
    const hidden = await world.post({ author: subject, visibility: PostVisibility.ONLY_ME })
    const caseId = await caseAbout(world, published.globalId, other)
    await filterMatchIn(world, caseId)
    const filters = {
      words: await contentFilter(world, { words: [uniqueWord()], isEnabled: false }),
      links: await contentFilter(world, {
        links: {},
        newcomersOnly: { youngerThanDays: 1 },
        isEnabled: false,
      }),
      rate: await contentFilter(world, { rate: {}, isEnabled: false }),
    }
    const { decisionId } = await decisionAbout(world, commentId)
    const announcementId = await announcementTo(world, admin, groupId)
    // Of this one those are told who ask for it.
    const toldId = await announcementBy(world, admin)
    const notificationId = await notificationOf(world, subject, published)
    const appealId = await appealOf(world, subject, decisionId)
    await world.formerUsername(subject)
    await avatarOf(world, subject)
    await phoneOf(world, subject)
    await track(subject.api, [viewOf(world)])
    await subject.api.data(
      `mutation { setAttributes(input: { attributes: [{ key: "birthday", value: "1990-02-03" }] }) { userErrors { code } }
        setProfileVisibility(input: { lastSeen: PUBLIC, attributes: [{ key: "pronouns", audience: ONLY_ME }] }) { userErrors { code } } }`,
    )
    await world.db.query('UPDATE users SET last_seen_at = $2 WHERE id = $1', [subject.id, world.clock.now()])
    const asAdmin = await world.asViewer(admin)
    await setPreference(world, subject)
    await new GroupPreferenceService(asAdmin).set({
      groupId,
      preferences: [{ key: 'pageSize', value: 50 }],
    })
    await new AuditService(asAdmin).record('profile.updated', {
      subjectId: subject.id,
      details: { fields: [] },
    })
    // Somebody has looked at the subject.
    await admin.api.data(`{ user(id: "${subject.globalId}") { status } }`)
    const eventBy = async (actor: Person) => {
      const [event] = await world.db.query<{ id: string }>(
        `SELECT id FROM audit_events WHERE subject_id = $1 AND actor_id = $2 ORDER BY id DESC LIMIT 1`,
        [subject.id, actor.id],
      )
      return toGlobalId('event', event!.id)
    }
    return {
      subject,
      self: subject,
      suspended: subject,
      other,
      managerOfGroup,
      managerOfOther,
      custom,
      manager,
      admin,
      expired,
      program,
      impersonator: await impersonating(support, subject),
      support,
      writingSupport: null as Person | null,
      groupId,
      role,
      draft,
      published,
      commentId,
      edited,
      hidden,
      caseId,
      filters,
      decisionId,
      announcementId,
      toldId,
      notificationId,
      appealId,
      noteId,
      requestId,
      ticketId,
      ticketMessageId,
      ticketNoteId,
      holdId,
      friend,
      group,
      editable,
      deletable,
      bulkJobId: await bulkJobOf(world, subject),
      ...(await webhooksOf(admin)),
      messageSentId: await deadLetterTo(world, subject),
      dataExportId: await dataExportOf(world, subject),
      erasureId: await erasureOf(world, subject),
      waiting,
      outcast,
      eventId: await eventBy(admin),
      ownEventId: await eventBy(subject),
      groups: { 'over the group': groupId, 'over another group': otherGroupId },
      holders: new Map<string, Person>(),
    }
  }

  /** Somebody who holds a permission in this way, and no other role of note. */
  async function holderOf(
    permission: Permission,
    holding: Holding,
    { groups, holders }: Scene,
  ): Promise<Person> {
    const key = `${permission} ${holding}`
    const person =
      holders.get(key) ??
      (await world.person({
        password: PASSWORD,
        permissions:
          holding === 'all but it' ? ALL_PERMISSIONS.filter((each) => each !== permission) : [permission],
        over: holding === 'over the group' || holding === 'over another group' ? groups[holding] : undefined,
      }))
    holders.set(key, person)
    return person
  }

  /**
   * The API as each reader speaks to it. Suspension is undone by whoever asks next as self, a restriction and a deactivation by
   * whoever asks next.
   */
  async function as(reader: Reader, scene: Scene): Promise<Speaker> {
    await new UserService(world.db).liftRestriction(scene.subject.id)
    await world.db.transaction((tx) => new UserService(tx).noteSignIn(scene.subject.id))
    await (reader === 'suspended' ? world.suspend(scene.subject) : world.reinstate(scene.subject))
    return speakerOf(reader === 'anonymous' ? undefined : scene[reader].token)
  }

  /** How a row of each type, or case of one, that is the subject's is reached by somebody. */
  const reach: Record<string, (scene: Scene, asker: Person | null) => Reached | Promise<Reached>> = {
    User: ({ subject }) => throughNode('User', subject.globalId),
    Session: ({ subject }) => throughNode('Session', toGlobalId('session', subject.sessionId)),
    Post: ({ draft }) => throughNode('Post', draft.globalId),
    Comment: ({ commentId }) => throughNode('Comment', commentId),
    ReactionGroup: ({ commentId }) => ({
      query: `query ($id: ID!) { comment(id: $id) { reactions { ${selectAll('ReactionGroup')} } } }`,
      variables: { id: commentId },
      path: ['comment', 'reactions', 0],
    }),
    PostRevision: ({ edited }) => ({
      query: `query ($id: ID!) { post(id: $id) { revisions(first: 1) { edges { node { ${selectAll('PostRevision')} } } } } }`,
      variables: { id: edited.globalId },
      path: ['post', 'revisions', 'edges', 0, 'node'],
    }),
    TextChange: ({ edited }) => ({
      query: `query ($id: ID!) { post(id: $id) { revisions(first: 1) { edges { node { diff { ${selectAll('TextChange')} } } } } } }`,
      variables: { id: edited.globalId },
      path: ['post', 'revisions', 'edges', 0, 'node', 'diff', 0],
    }),
    FoundPost: ({ hidden }) => ({
      query: `query ($query: String!) { searchPosts(query: $query, first: 1) { edges { node { ${selectAll('FoundPost')} } } } }`,
      // In a row, for nothing similar is found then.
      variables: { query: `"${hidden.title}"` },
      path: ['searchPosts', 'edges', 0, 'node'],
    }),
    TextSegment: ({ hidden }) => ({
      query: `query ($query: String!) { searchPosts(query: $query, first: 1) { edges { node { titleHighlight { ${selectAll('TextSegment')} } } } } }`,
      // In a row, for nothing similar is found then.
      variables: { query: `"${hidden.title}"` },
      path: ['searchPosts', 'edges', 0, 'node', 'titleHighlight', 0],
    }),
    Role: ({ role }) => throughNode('Role', toGlobalId('role', role.id)),
    AuditEvent: ({ eventId }) => throughNode('AuditEvent', eventId),
    // The subject's own reads nobody while they can speak as the subject, so it is that of somebody else.
    Attribute: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { attributes { ${selectAll('Attribute')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'attributes', 0],
    }),
    ActivityDefinition: () => ({
      query: `{ activityDefinitions { ${selectAll('ActivityDefinition')} } }`,
      variables: {},
      path: ['activityDefinitions', 0],
    }),
    ActivityEvent: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { activity(first: 1) { edges { node { ${selectAll('ActivityEvent')} } } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'activity', 'edges', 0, 'node'],
    }),
    RefusedActivity: () => ({
      query: `mutation ($input: TrackActivityInput!) { trackActivity(input: $input) { refused { ${selectAll('RefusedActivity')} } } }`,
      variables: { input: { events: [viewOf(world, '/', { name: 'nothing.known' })] } },
      path: ['trackActivity', 'refused', 0],
    }),
    AttributeDefinition: () => ({
      query: `{ attributeDefinitions { ${selectAll('AttributeDefinition')} } }`,
      variables: {},
      path: ['attributeDefinitions', 0],
    }),
    AttributeVisibility: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { profileVisibility { attributes { ${selectAll('AttributeVisibility')} } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'profileVisibility', 'attributes', 0],
    }),
    ProfileVisibility: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { profileVisibility { ${selectAll('ProfileVisibility')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'profileVisibility'],
    }),
    FormerUsername: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { formerUsernames { ${selectAll('FormerUsername')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'formerUsernames', 0],
    }),
    Suspension: ({ outcast }) => ({
      query: `query ($id: ID!) { user(id: $id) { suspension { ${selectAll('Suspension')} } } }`,
      variables: { id: outcast.globalId },
      path: ['user', 'suspension'],
    }),
    Invitation: ({ waiting }) => ({
      query: `query ($id: ID!) { user(id: $id) { invitation { ${selectAll('Invitation')} } } }`,
      variables: { id: waiting.globalId },
      path: ['user', 'invitation'],
    }),
    Block: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { blockedUsers(first: 1) { edges { node { ${selectAll('Block')} } } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'blockedUsers', 'edges', 0, 'node'],
    }),
    Notification: ({ notificationId }) => throughNode('Notification', notificationId),
    NotificationSetting: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { notificationSettings { ${selectAll('NotificationSetting')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'notificationSettings', 0],
    }),
    NotificationChannelSetting: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { notificationSettings { channels { ${selectAll('NotificationChannelSetting')} } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'notificationSettings', 0, 'channels', 0],
    }),
    Conversation: ({ group }) => throughNode('Conversation', group.conversationId),
    Message: ({ group }) => throughNode('Message', group.messageId),
    ConversationParticipant: ({ group }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on Conversation { participants { ${selectAll('ConversationParticipant')} } } } }`,
      variables: { id: group.conversationId },
      path: ['node', 'participants', 0],
    }),
    BulkJob: ({ bulkJobId }) => throughNode('BulkJob', bulkJobId),
    Announcement: ({ announcementId }) => throughNode('Announcement', announcementId),
    AnnouncementText: ({ announcementId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on Announcement { texts { ${selectAll('AnnouncementText')} } } } }`,
      variables: { id: announcementId },
      path: ['node', 'texts', 0],
    }),
    WebhookEndpoint: ({ endpointId }) => throughNode('WebhookEndpoint', endpointId),
    Delivery: ({ messageSentId }) => throughNode('Delivery', messageSentId),
    WebhookDelivery: ({ deliveryId }) => throughNode('WebhookDelivery', deliveryId),
    Ticket: ({ ticketId }) => throughNode('Ticket', ticketId),
    TicketMessage: ({ ticketMessageId }) => throughNode('TicketMessage', ticketMessageId),
    TicketNote: ({ ticketNoteId }) => throughNode('TicketNote', ticketNoteId),
    TicketChange: ({ ticketId }) => ({
      query: `query ($id: ID!) { ticket(id: $id) { history(first: 1) { edges { node { ${selectAll('TicketChange')} } } } } }`,
      variables: { id: ticketId },
      path: ['ticket', 'history', 'edges', 0, 'node'],
    }),
    Metric: () => ({
      query: `{ metrics { ${selectAll('Metric')} } }`,
      variables: {},
      path: ['metrics', 0],
    }),
    MetricPoint: () => ({
      query: `{ metric(name: SIGN_UPS, interval: DAY, ${A_DAY}) { ${selectAll('MetricPoint')} } }`,
      variables: {},
      path: ['metric', 0],
    }),
    Cohort: () => ({
      query: `{ retention(interval: DAY, ${A_DAY}) { ${selectAll('Cohort')} } }`,
      variables: {},
      path: ['retention', 0],
    }),
    CohortPeriod: () => ({
      query: `{ retention(interval: DAY, ${A_DAY}) { periods { ${selectAll('CohortPeriod')} } } }`,
      variables: {},
      path: ['retention', 0, 'periods', 0],
    }),
    FunnelStep: () => ({
      query: `{ funnel(steps: ["page.viewed", "page.viewed"], ${A_DAY}) { ${selectAll('FunnelStep')} } }`,
      variables: {},
      path: ['funnel', 0],
    }),
    TicketStatistics: () => ({
      query: `{ ticketStatistics { ${selectAll('TicketStatistics')} } }`,
      variables: {},
      path: ['ticketStatistics'],
    }),
    WebhookAttempt: ({ deliveryId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on WebhookDelivery { attempts { ${selectAll('WebhookAttempt')} } } } }`,
      variables: { id: deliveryId },
      path: ['node', 'attempts', 0],
    }),
    BulkJobItem: ({ bulkJobId }) => ({
      query: `query ($id: ID!) { bulkJob(id: $id) { items(first: 1) { edges { node { ${selectAll('BulkJobItem')} } } } } }`,
      variables: { id: bulkJobId },
      path: ['bulkJob', 'items', 'edges', 0, 'node'],
    }),
    Consent: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { consents { ${selectAll('Consent')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'consents', 0],
    }),
    ConsentPurpose: () => ({
      query: `{ consentPurposes { ${selectAll('ConsentPurpose')} } }`,
      variables: {},
      path: ['consentPurposes', 0],
    }),
    LegalHold: ({ holdId }) => throughNode('LegalHold', holdId),
    ModerationCase: ({ caseId }) => throughNode('ModerationCase', caseId),
    Report: ({ caseId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on ModerationCase { reports(first: 1) { edges { node { ${selectAll('Report')} } } } } } }`,
      variables: { id: caseId },
      path: ['node', 'reports', 'edges', 0, 'node'],
    }),
    ContentFilterMatch: ({ caseId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on ModerationCase { filterMatches { ${selectAll('ContentFilterMatch')} } } } }`,
      variables: { id: caseId },
      path: ['node', 'filterMatches', 0],
    }),
    ContentFilter: ({ filters }) => throughNode('ContentFilter', filters.words),
    WordTerms: ({ filters }) => partOfFilter(filters.words, 'words', 'WordTerms'),
    LinkTerms: ({ filters }) => partOfFilter(filters.links, 'links', 'LinkTerms'),
    RateTerms: ({ filters }) => partOfFilter(filters.rate, 'rate', 'RateTerms'),
    Newcomers: ({ filters }) => partOfFilter(filters.links, 'newcomersOnly', 'Newcomers'),
    ContentFilterSample: () => triedFilter(selectAll('ContentFilterSample'), []),
    ModerationDecision: ({ decisionId }) => throughNode('ModerationDecision', decisionId),
    Appeal: ({ appealId }) => throughNode('Appeal', appealId),
    ModerationStatistics: () => ({
      query: `{ moderationStatistics { ${selectAll('ModerationStatistics')} } }`,
      variables: {},
      path: ['moderationStatistics'],
    }),
    PrivacyRequest: ({ requestId }) => throughNode('PrivacyRequest', requestId),
    StaffNote: ({ noteId }) => throughNode('StaffNote', noteId),
    DataExport: ({ dataExportId }) => throughNode('DataExport', dataExportId),
    Erasure: ({ erasureId }) => throughNode('Erasure', erasureId),
    ErasureEntry: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { erasurePlan { ${selectAll('ErasureEntry')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'erasurePlan', 0],
    }),
    'Report of the subject': async ({ subject, other }) => {
      await reportOf(world, (await world.post({ author: other })).globalId, { by: subject })
      return {
        query: `query ($id: ID!) { user(id: $id) { reports(first: 1) { edges { node { ${selectAll('Report')} } } } } }`,
        variables: { id: subject.globalId },
        path: ['user', 'reports', 'edges', 0, 'node'],
      }
    },
    'Session in a list': ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { sessions(first: 1) { edges { node { ${selectAll('Session')} } } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'sessions', 'edges', 0, 'node'],
    }),
    'User without a note': async (scene) => ({
      query: `query ($id: ID!) { user(id: $id) { staffNotes(first: 1) { totalCount } } }`,
      variables: { id: (await groupMate(scene)).globalId },
      path: ['user'],
    }),
    'User without a hold': async (scene) => ({
      query: `query ($id: ID!) { user(id: $id) { legalHolds(first: 1) { totalCount } } }`,
      variables: { id: (await groupMate(scene)).globalId },
      path: ['user'],
    }),
    'Ticket of whoever asks': async ({ subject }, asker) =>
      throughNode('Ticket', await ticketOf(world, asker ?? subject)),
    'Announcement that whoever asks was told': async ({ toldId, subject }, asker) => {
      await toldAs(world, toldId, asker ?? subject)
      return throughNode('Announcement', toldId)
    },
    'User who asks': ({ subject }, asker) => throughNode('User', (asker ?? subject).globalId),
    'AuditEvent that the subject caused': ({ ownEventId }) => throughNode('AuditEvent', ownEventId),
    'AuditEvent about whoever asks': async ({ admin, subject }, asker) => {
      const subjectId = (asker ?? subject).id
      const audit = new AuditService(await world.asViewer(admin))
      const id = await audit.record('profile.updated', { subjectId, details: { fields: [] } })
      return throughNode('AuditEvent', toGlobalId('event', id))
    },
    AccessExplanation: ({ subject }) => ({
      query: `query ($id: ID!) { explainAccess(viewerId: $id, field: "User.email", subjectId: $id) { ${selectAll('AccessExplanation')} } }`,
      variables: { id: subject.globalId },
      path: ['explainAccess'],
    }),
    UserError: () => ({
      query: `mutation { signUp(input: { username: "-", email: "-", password: "${PASSWORD}" }) { userErrors { ${selectAll('UserError')} } } }`,
      variables: {},
      path: ['signUp', 'userErrors', 0],
    }),
    Email: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { emails { ${selectAll('Email')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'emails', 0],
    }),
    Phone: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { phones { ${selectAll('Phone')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'phones', 0],
    }),
    Preference: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { preferences { ${selectAll('Preference')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'preferences', 0],
    }),
    PreferenceChange: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { preferenceHistory(first: 1) { edges { node { ${selectAll('PreferenceChange')} } } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'preferenceHistory', 'edges', 0, 'node'],
    }),
    GroupPreference: ({ groupId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on Group { preferences { ${selectAll('GroupPreference')} } } } }`,
      variables: { id: toGlobalId('group', groupId) },
      path: ['node', 'preferences', 0],
    }),
    GroupPreferenceChange: ({ groupId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on Group { preferenceHistory(first: 1) { edges { node { ${selectAll('GroupPreferenceChange')} } } } } } }`,
      variables: { id: toGlobalId('group', groupId) },
      path: ['node', 'preferenceHistory', 'edges', 0, 'node'],
    }),
    Security: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { security { ${selectAll('Security')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'security'],
    }),
    SecurityEvent: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { security { events(first: 1) { edges { node { ${selectAll('SecurityEvent')} } } } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'security', 'events', 'edges', 0, 'node'],
    }),
    Passkey: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { security { passkeys { ${selectAll('Passkey')} } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'security', 'passkeys', 0],
    }),
    Identity: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { security { identities { ${selectAll('Identity')} } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'security', 'identities', 0],
    }),
    IdentityProvider: () => ({
      query: `{ identityProviders { ${selectAll('IdentityProvider')} } }`,
      variables: {},
      path: ['identityProviders', 0],
    }),
    AccessToken: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { security { accessTokens { ${selectAll('AccessToken')} } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'security', 'accessTokens', 0],
    }),
    TotpEnrolment: () => ({
      query: `mutation { startTotp { enrolment { ${selectAll('TotpEnrolment')} } } }`,
      variables: {},
      path: ['startTotp', 'enrolment'],
    }),
    Group: ({ groupId }) => throughNode('Group', toGlobalId('group', groupId)),
    GroupMember: ({ groupId }) => ({
      query: `query ($id: ID!) { node(id: $id) { ... on Group { members(first: 1) { edges { node { ${selectAll('GroupMember')} } } } } } }`,
      variables: { id: toGlobalId('group', groupId) },
      path: ['node', 'members', 'edges', 0, 'node'],
    }),
    RoleGrant: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { roleGrants { ${selectAll('RoleGrant')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'roleGrants', 0],
    }),
    AccessRecord: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { accessLog(first: 1) { edges { node { ${selectAll('AccessRecord')} } } } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'accessLog', 'edges', 0, 'node'],
    }),
    Permission: () => ({
      query: `{ permissions { ${selectAll('Permission')} } }`,
      variables: {},
      path: ['permissions', 0],
    }),
    PasswordStrength: async () => {
      await world.adviceIsReady()
      return {
        query: `mutation { checkPassword(input: { password: "${PASSWORD}" }) { passwordStrength { ${selectAll('PasswordStrength')} } } }`,
        variables: {},
        path: ['checkPassword', 'passwordStrength'],
      }
    },
    Challenge: () => ({
      query: `mutation ($input: SignUpInput!) { signUp(input: $input) { challenge { ${selectAll('Challenge')} } userErrors { message } } }`,
      variables: {
        input: { username: unique('new'), email: `${unique('new')}@example.com`, password: PASSWORD },
      },
      path: ['signUp', 'challenge'],
    }),
  }

  const reported = async (author: Person) => caseAbout(world, (await world.post({ author })).globalId)
  const decided = async (author: Person) =>
    (await decisionAbout(world, (await world.post({ author })).globalId)).decisionId
  const appealed = async (author: Person) => appealOf(world, author, await decided(author))

  /** How a list is reached in which the subject and the other person are, and where in an item it says who; null for the item. */
  const lists: Record<string, (scene: Scene, asker: Person | null) => Promise<ReachedList>> = {
    'Role.members': async ({ subject, other }) => {
      const roleId = await customRole()
      await grantLastRole(subject)
      await grantLastRole(other)
      return {
        query: `{ node(id: "${roleId}") { ... on Role { members(first: 100) { edges { node { user { id } } } } } } }`,
        path: ['node', 'members'],
        person: 'user',
      }
    },
    'Group.members': async ({ subject, other }, asker) => {
      const members = new Map(
        [subject, other, ...(asker ? [asker] : [])].map((person) => [person.id, person]),
      )
      const id = toGlobalId('group', await world.group(...members.values()))
      return {
        query: `{ node(id: "${id}") { ... on Group { members(first: 100) { edges { node { user { id } } } } } } }`,
        path: ['node', 'members'],
        person: 'user',
      }
    },
    'Query.users': async ({ subject, other }) => {
      const madeAt = [subject, other].map(({ id }) => madeAtOf(id).getTime())
      const filter = {
        createdSince: new Date(Math.min(...madeAt)).toISOString(),
        createdBefore: new Date(Math.max(...madeAt) + 5 * SECOND).toISOString(),
      }
      return {
        query: `{ users(filter: { createdSince: "${filter.createdSince}", createdBefore: "${filter.createdBefore}" }, first: 100) { edges { node { id } } } }`,
        path: ['users'],
        person: null,
      }
    },
    'Query.privacyRequests': async ({ subject, other }) => {
      await privacyRequestOf(world, subject)
      await privacyRequestOf(world, other)
      return {
        query: '{ privacyRequests(last: 100) { edges { node { user { id } } } } }',
        path: ['privacyRequests'],
        person: 'user',
      }
    },
    // Whose words moderators have removed, as far as they are shown.
    'Post.comments': async ({ subject, other }) => {
      const post = await world.post()
      for (const author of [subject, other]) {
        const commentId = await commentOn(world, post, author)
        await decisionAbout(world, commentId, { action: ModerationAction.REMOVE })
      }
      return {
        query: `{ post(id: "${post.globalId}") { comments(first: 10) { edges { node { body author { id } } } } } }`,
        path: ['post', 'comments'],
        person: 'author',
        counts: ({ body }) => body !== '',
      }
    },
    'Query.moderationCases': async ({ subject, other }) => {
      for (const author of [subject, other]) await reported(author)
      return {
        query: '{ moderationCases(last: 100) { edges { node { author { id } } } } }',
        path: ['moderationCases'],
        person: 'author',
      }
    },
    'Query.moderationAppeals': async ({ subject, other }) => {
      for (const author of [subject, other]) await appealed(author)
      return {
        query: '{ moderationAppeals(last: 100) { edges { node { user { id } } } } }',
        path: ['moderationAppeals'],
        person: 'user',
      }
    },
    'Query.tickets': async ({ subject, other }) => {
      for (const person of [subject, other]) await ticketOf(world, person)
      return {
        query: '{ tickets(orderBy: NEWEST, first: 100) { edges { node { person { id } } } } }',
        path: ['tickets'],
        person: 'person',
      }
    },
    'Query.posts': async ({ subject, other }) => {
      await world.post({ author: subject, publish: false })
      await world.post({ author: other, publish: false })
      return {
        query: '{ posts(filter: { status: DRAFT }, first: 100) { edges { node { author { id } } } } }',
        path: ['posts'],
        person: 'author',
      }
    },
  }

  /** Something of the subject's to act on, made anew for every try. */
  const inputs: Record<string, (scene: Scene, reader: Reader) => Promise<object | null>> = {
    signUp: async () => ({
      username: unique('new'),
      email: `${unique('new')}@example.com`,
      password: PASSWORD,
    }),
    completeSignUp: async () => {
      const email = `${unique('new')}@example.com`
      const { signUp } = await world.anonymous.data(
        `mutation ($input: SignUpInput!) { signUp(input: $input) { challenge { id } } }`,
        { input: { username: unique('new'), email, password: PASSWORD } },
      )
      return { challengeId: signUp.challenge.id, code: world.portico.mailbox!.read(email)[0]!.code }
    },
    signIn: async ({ other }) => ({ login: other.username, password: PASSWORD }),
    completeSignIn: async () => {
      const { email } = await world.person()
      await world.anonymous.data(
        `mutation { requestSignInLink(input: { login: "${email}" }) { challenge { id } } }`,
      )
      const { link } = world.portico.mailbox!.read(email)[0]!
      return { method: 'EMAIL_LINK', token: link!.split('#token=')[1] }
    },
    requestSignInLink: async () => ({ login: unique('nobody') }),
    startPasskeySignIn: async () => null,
    startProviderSignIn: async () => ({ providerId: withProvider(world) }),
    startProviderLink: async () => ({ providerId: withProvider(world), redirectUrl: OWN_PAGE }),
    linkIdentity: async (scene, reader) => {
      const { id, email } = actor(scene, reader)
      return journeyOf(world, claimsOf({ email }), id)
    },
    unlinkIdentity: async ({ subject }) => ({ identityId: await linkedIdentity(world, subject.id) }),
    sendCode: async () => {
      const { id } = await world.person()
      const { challenge } = await new ChallengeService(world.db).begin({
        kind: ChallengeKind.SIGN_IN,
        subjectId: id,
        methods: [AuthenticationMethod.EMAIL_CODE],
        proven: [AuthenticationMethod.PASSWORD],
      })
      return { challengeId: toGlobalId('challenge', challenge.id) }
    },
    startReauthentication: async () => null,
    startTotp: async () => null,
    confirmTotp: async (scene, reader) => {
      const { challenge, enrolment } = await startTotp(await world.asViewer(actor(scene, reader)))
      return {
        challengeId: toGlobalId('challenge', challenge.id),
        code: totpCode(world, enrolment.key),
      }
    },
    removeTotp: async (scene, reader) => {
      const { id } = actor(scene, reader)
      await new FactorService(world.db).put(id, AuthenticationMethod.TOTP, null, null)
      return {}
    },
    addEmailCode: async () => null,
    removeEmailCode: async (scene, reader) => {
      const { id } = actor(scene, reader)
      await new FactorService(world.db).put(id, AuthenticationMethod.EMAIL_CODE, null, null)
      return {}
    },
    startPasskeyRegistration: async () => null,
    registerPasskey: async (scene, reader) => {
      const person = actor(scene, reader)
      const { id } = await startPasskeyRegistration(await world.asViewer(person))
      const options = await new PasskeyService(world.db).creationOptions(id, {
        ...person,
        displayName: 'Somebody',
      })
      return { challengeId: toGlobalId('challenge', id), passkey: newAuthenticator().create(options) }
    },
    createAccessToken: async () => ({ name: 'Backup', scopes: [] }),
    revokeAccessToken: async ({ subject }) => {
      const { id } = await storedAccessToken(world, subject.id)
      return { accessTokenId: toGlobalId('access_token', id) }
    },
    issueServiceToken: async () => ({ audience: 'https://orders.example' }),
    renamePasskey: async ({ subject }) => ({
      passkeyId: await storedPasskey(world, subject.id),
      name: 'Laptop',
    }),
    removePasskey: async ({ subject }) => ({ passkeyId: await storedPasskey(world, subject.id) }),
    replaceRecoveryCodes: async (scene, reader) => {
      await storedPasskey(world, actor(scene, reader).id)
      return null
    },
    requestDataExport: async () => null,
    createDataExportLink: async (scene, reader) => ({
      dataExportId: await dataExportOf(world, actor(scene, reader)),
    }),
    requestErasure: async () => null,
    cancelErasure: async (scene, reader) => {
      await erasureOf(world, actor(scene, reader))
      return null
    },
    changeEmail: async () => ({ email: `${unique('new')}@example.com` }),
    addEmail: async () => ({ email: `${unique('new')}@example.com` }),
    confirmEmail: async (scene, reader) => {
      const person = actor(scene, reader)
      // Of ten that one may have, one is left.
      await onlySecondEmailOf(world, person)
      return pendingEmail(world, person)
    },
    // The one that is it already: others sign in and link by the address that they had.
    makeEmailPrimary: async (scene, reader) => ({
      emailId: await primaryEmailOf(world, actor(scene, reader)),
    }),
    removeEmail: async (scene, reader) => ({ emailId: await onlySecondEmailOf(world, actor(scene, reader)) }),
    addPhone: async () => ({ number: newNumber() }),
    confirmPhone: async (scene, reader) => pendingPhone(world, actor(scene, reader)),
    makePhonePrimary: async (scene, reader) => ({ phoneId: await onlyPhoneOf(world, actor(scene, reader)) }),
    removePhone: async (scene, reader) => ({ phoneId: await onlyPhoneOf(world, actor(scene, reader)) }),
    confirmEmailChange: async () => ({ token: (await beginEmailChange(world, await world.person())).token }),
    undoEmailChange: async () => ({ token: await changeEmailOf(world, await world.person()) }),
    disownSecurityEvent: async () => ({ token: await disownTokenOf(world, await world.person()) }),
    signOut: async () => null,
    rotateSession: async () => null,
    reauthenticate: async () => ({ password: PASSWORD }),
    // The same again, so that those who come later find it as it was.
    changePassword: async () => ({ currentPassword: PASSWORD, newPassword: PASSWORD }),
    checkPassword: async () => ({ password: PASSWORD }),
    trackActivity: async () => ({ events: [viewOf(world)] }),
    changeUsername: async () => ({ username: unique('n') }),
    deactivateAccount: async () => null,
    removeAvatar: async () => null,
    // Somebody else, so that the scene goes on.
    requirePasswordReset: async (scene) => ({
      userId: (await groupMate(scene)).globalId,
      reason: 'Found on a list',
    }),
    suspendUser: async (scene) => ({ userId: (await groupMate(scene)).globalId, reason: 'Spam' }),
    reinstateUser: async (scene) => {
      const person = await groupMate(scene)
      await world.suspend(person)
      return { userId: person.globalId }
    },
    createUser: async () => newcomer(),
    resendInvitation: async () => ({ userId: (await invited(world)).globalId }),
    removeUserAvatar: async (scene) => ({
      userId: (await groupMate(scene)).globalId,
      reason: 'It shows somebody else.',
    }),
    updateUser: async ({ subject }) => ({ userId: subject.globalId, bio: unique('bio ') }),
    endUserSessions: async (scene) => ({ userId: (await groupMate(scene)).globalId }),
    verifyEmail: async (scene) => ({ emailId: await unverifiedEmail(world, await groupMate(scene)) }),
    suspendUsers: async (scene) => ({
      people: { userIds: [(await groupMate(scene)).globalId] },
      reason: 'Spam',
    }),
    reinstateUsers: async (scene) => ({ people: { userIds: [(await groupMate(scene)).globalId] } }),
    requirePasswordResets: async (scene) => ({
      people: { userIds: [(await groupMate(scene)).globalId] },
      reason: 'Found on a list',
    }),
    endSessionsOfUsers: async (scene) => ({ people: { userIds: [(await groupMate(scene)).globalId] } }),
    resendInvitations: async (scene) => ({ people: { userIds: [(await groupMate(scene)).globalId] } }),
    grantRoleToUsers: async (scene) => ({
      people: { userIds: [(await groupMate(scene)).globalId] },
      roleId: await customRole(),
    }),
    revokeRoleFromUsers: async (scene) => ({
      people: { userIds: [(await groupMate(scene)).globalId] },
      roleId: await customRole(),
    }),
    addGroupMembers: async (scene) => ({
      people: { userIds: [(await groupMate(scene)).globalId] },
      groupId: toGlobalId('group', await world.group()),
    }),
    removeGroupMembers: async (scene) => ({
      people: { userIds: [(await groupMate(scene)).globalId] },
      groupId: toGlobalId('group', await world.group()),
    }),
    cancelBulkJob: async ({ subject }) => ({ bulkJobId: await bulkJobOf(world, subject) }),
    addStaffNote: async (scene) => ({ userId: (await groupMate(scene)).globalId, body: 'Called twice.' }),
    updateStaffNote: async (scene, reader) => ({
      staffNoteId: await noteAbout(world, scene.subject, authorFor(scene, reader)),
      body: 'Called three times.',
    }),
    deleteStaffNote: async (scene, reader) => ({
      staffNoteId: await noteAbout(world, scene.subject, authorFor(scene, reader)),
    }),
    blockUser: async () => ({ userId: (await world.person()).globalId }),
    unblockUser: async () => ({ userId: (await world.person()).globalId }),
    muteUser: async () => ({ userId: (await world.person()).globalId }),
    unmuteUser: async () => ({ userId: (await world.person()).globalId }),
    startConversation: async () => ({ userIds: [(await world.person()).globalId], body: 'Hello.' }),
    sendMessage: async ({ subject }) => ({ ...(await requestTo(subject)), body: 'Hello.' }),
    editMessage: async ({ editable }) => ({ messageId: editable.messageId, body: unique('Body ') }),
    deleteMessage: async ({ deletable }) => ({ messageId: deletable.messageId }),
    acceptConversation: ({ subject }) => requestTo(subject),
    declineConversation: ({ subject }) => requestTo(subject),
    markConversationRead: async ({ subject }) => ({ ...(await requestTo(subject)), number: 1 }),
    muteConversation: ({ subject }) => requestTo(subject),
    markNotificationsRead: async ({ notificationId }) => ({ notificationIds: [notificationId] }),
    markNotificationsUnread: async ({ notificationId }) => ({ notificationIds: [notificationId] }),
    markAllNotificationsRead: async () => ({}),
    setNotificationSettings: async () => ({
      settings: [{ topic: 'REPLIES', channel: 'EMAIL', isOn: false }],
    }),
    muteThread: async ({ published }) => ({ postId: published.globalId }),
    unmuteThread: async ({ published }) => ({ postId: published.globalId }),
    leaveConversation: ({ subject }) => requestTo(subject),
    addConversationParticipant: async ({ group, friend }) => ({
      conversationId: group.conversationId,
      userId: friend.globalId,
    }),
    removeConversationParticipant: async ({ group, friend }) => ({
      conversationId: group.conversationId,
      userId: friend.globalId,
    }),
    renameConversation: async ({ group }) => ({
      conversationId: group.conversationId,
      title: unique('Title '),
    }),
    placeLegalHold: async (scene) => ({ userId: (await groupMate(scene)).globalId, reason: 'A lawsuit.' }),
    releaseLegalHold: async ({ subject }) => ({ legalHoldId: await legalHoldOn(world, subject) }),
    giveConsent: async () => ({ purposeId: 'newsletter', version: '1' }),
    withdrawConsent: async () => ({ purposeId: 'newsletter' }),
    objectToProcessing: async () => ({ purposeId: 'analytics' }),
    restrictProcessing: async () => ({}),
    liftRestriction: async () => ({}),
    requestRectification: async () => ({ message: 'My name is spelled wrong.' }),
    withdrawPrivacyRequest: async ({ subject }) => ({
      privacyRequestId: await privacyRequestOf(world, subject),
    }),
    extendPrivacyRequest: async ({ subject }) => ({
      privacyRequestId: await privacyRequestOf(world, subject),
      reason: 'Much to look at.',
    }),
    resolvePrivacyRequest: async ({ subject }) => ({
      privacyRequestId: await privacyRequestOf(world, subject),
    }),
    refusePrivacyRequest: async ({ subject }) => ({
      privacyRequestId: await privacyRequestOf(world, subject),
      reason: 'It is right.',
    }),
    requestPasswordReset: async () => ({ login: unique('nobody') }),
    resetPassword: async () => {
      const { username, email } = await world.person({ password: PASSWORD })
      await world.anonymous.data(
        `mutation { requestPasswordReset(input: { login: "${username}" }) { challenge { id } } }`,
      )
      const { link } = world.portico.mailbox!.read(email)[0]!
      return { token: link!.split('#token=')[1], newPassword: PASSWORD }
    },
    revokeOtherSessions: async () => null,
    updateProfile: async () => ({ bio: unique('bio ') }),
    setAttributes: async () => ({ attributes: [{ key: 'pronouns', value: unique('p') }] }),
    setProfileVisibility: async () => ({ attributes: [{ key: 'city', audience: 'ONLY_ME' }] }),
    setPreferences: async () => ({ preferences: [{ key: 'theme', value: 'dark' }] }),
    resetPreferences: async () => ({ preferences: { keys: ['theme'] } }),
    restorePreference: async (scene, reader) => ({
      changeId: await setPreference(world, actor(scene, reader)),
    }),
    setGroupPreferences: async () => ({
      groupId: toGlobalId('group', await world.group()),
      preferences: [{ key: 'theme', value: 'dark' }],
    }),
    resetGroupPreferences: async () => ({
      groupId: toGlobalId('group', await world.group()),
      preferences: { all: true },
    }),
    createPost: async () => ({ title: unique('Title '), body: 'Body' }),
    revokeSession: async ({ subject }) => ({
      sessionId: toGlobalId('session', (await anotherSession(subject)).sessionId),
    }),
    updatePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, publish: false })).globalId,
      title: 'New',
    }),
    publishPost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, publish: false })).globalId,
    }),
    schedulePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, publish: false })).globalId,
      publishAt: later(world.clock.now(), HOUR),
    }),
    unschedulePost: async ({ subject }) => ({
      postId: (await world.scheduledPost({ author: subject })).globalId,
    }),
    archivePost: async ({ subject }) => ({ postId: (await world.post({ author: subject })).globalId }),
    unarchivePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, status: PostStatus.ARCHIVED })).globalId,
    }),
    deletePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, status: PostStatus.REMOVED })).globalId,
    }),
    addComment: async ({ published }) => ({ postId: published.globalId, body: unique('Words ') }),
    editComment: async ({ subject, published }) => ({
      commentId: await commentOn(world, published, subject),
      body: unique('Words '),
    }),
    deleteComment: async ({ subject, published }) => ({
      commentId: await commentOn(world, published, subject),
    }),
    closeThread: async ({ subject }) => ({
      postId: (await world.post({ author: subject })).globalId,
    }),
    reopenThread: async ({ subject }) => ({
      postId: (await world.post({ author: subject })).globalId,
    }),
    reportContent: async () => ({ subjectId: (await world.post()).globalId, reason: 'SPAM' }),
    claimModerationCase: async ({ subject }) => ({ caseId: await reported(subject) }),
    releaseModerationCase: async ({ subject }) => ({ caseId: await reported(subject) }),
    resolveModerationCase: async ({ subject }) => ({
      caseId: await reported(subject),
      action: 'REMOVE',
      rule: 'No advertising.',
      messageToAuthor: 'It sells shoes.',
    }),
    moderateContent: async ({ subject }) => ({
      subjectId: (await world.post({ author: subject })).globalId,
      action: 'REMOVE',
      rule: 'No advertising.',
      messageToAuthor: 'It sells shoes.',
    }),
    reverseModerationAction: async ({ subject }) => ({ decisionId: await decided(subject) }),
    appealByMail: async () => ({
      token: await appealTokenOf(world, await world.post()),
      text: 'It was a joke.',
    }),
    appealModerationDecision: async ({ subject }) => ({
      decisionId: await decided(subject),
      text: 'It was a joke.',
    }),
    decideAppeal: async ({ subject }) => ({
      appealId: await appealed(subject),
      uphold: true,
      note: 'It was none.',
    }),
    addReaction: async ({ published }) => ({ subjectId: published.globalId, kind: 'like' }),
    removeReaction: async ({ published }) => ({ subjectId: published.globalId }),
    restorePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, status: PostStatus.REMOVED, isTrashed: true })).globalId,
    }),
    restorePostRevision: async ({ subject }) => ({
      postId: (await world.editedPost({ author: subject })).globalId,
      number: 1,
    }),
    purgePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, isTrashed: true })).globalId,
    }),
    startImpersonation: async (scene) => ({
      userId: (await groupMate(scene)).globalId,
      reason: 'Ticket 4711',
    }),
    stopImpersonation: async () => null,
    createContentFilter: async () => ({
      name: unique('Filter '),
      covers: ['POST'],
      action: 'FLAG',
      terms: { words: { words: [uniqueWord()] } },
    }),
    updateContentFilter: async ({ filters }) => ({ contentFilterId: filters.words, name: unique('Filter ') }),
    deleteContentFilter: async () => ({
      contentFilterId: await contentFilter(world, { words: [uniqueWord()], isEnabled: false }),
    }),
    testContentFilter: async ({ filters }) => ({ filter: { contentFilterId: filters.words }, newest: 1 }),
    createGroup: async () => ({ name: unique('Group '), description: '' }),
    updateGroup: async () => ({ groupId: toGlobalId('group', await world.group()), description: 'New' }),
    deleteGroup: async () => ({ groupId: toGlobalId('group', await world.group()) }),
    addGroupMember: async ({ subject }) => ({
      groupId: toGlobalId('group', await world.group()),
      userId: subject.globalId,
    }),
    removeGroupMember: async ({ subject }) => ({
      groupId: toGlobalId('group', await world.group(subject)),
      userId: subject.globalId,
    }),
    createRole: async () => ({ name: unique('role '), description: '', permissions: [] }),
    updateRole: async () => ({ roleId: await customRole(), description: 'New' }),
    deleteRole: async () => ({ roleId: await customRole() }),
    grantRole: async ({ subject }) => ({ userId: subject.globalId, roleId: await customRole() }),
    revokeRole: async ({ subject }) => {
      const roleId = await customRole()
      await grantLastRole(subject)
      return { userId: subject.globalId, roleId }
    },
    openTicket: async (scene, reader) => {
      await forgetThrottles(world, actor(scene, reader))
      return { subject: unique('Subject '), body: 'It does not work.' }
    },
    replyToTicket: async ({ subject }) => ({ ticketId: await ticketOf(world, subject), body: 'Still not.' }),
    solveTicket: async ({ subject }) => ({ ticketId: await ticketOf(world, subject) }),
    openTicketFor: async ({ subject }) => ({
      userId: subject.globalId,
      subject: 'Your call',
      body: 'You have called.',
    }),
    answerTicket: async ({ subject }) => ({ ticketId: await ticketOf(world, subject), body: 'Try this.' }),
    addTicketNote: async ({ subject }) => ({ ticketId: await ticketOf(world, subject), body: 'Called.' }),
    updateTicket: async ({ subject }) => ({ ticketId: await ticketOf(world, subject), priority: 'HIGH' }),
    claimTicket: async ({ subject }) => ({ ticketId: await ticketOf(world, subject) }),
    mergeTickets: async ({ subject }) => ({
      ticketId: await ticketOf(world, subject),
      intoTicketId: await ticketOf(world, subject),
    }),
    createAnnouncement: async () => announced(),
    cancelAnnouncement: async ({ admin }) => ({ announcementId: await announcementBy(world, admin) }),
    createWebhookEndpoint: async () => ({
      url: 'https://example.com/hooks',
      description: '',
      events: ['account.erased'],
    }),
    updateWebhookEndpoint: async ({ endpointId }) => ({
      webhookEndpointId: endpointId,
      description: unique('For '),
    }),
    deleteWebhookEndpoint: async () => ({ webhookEndpointId: await endpointToDelete() }),
    rotateWebhookSecret: async ({ endpointId }) => ({ webhookEndpointId: endpointId }),
    sendTestWebhook: async ({ endpointId }) => ({ webhookEndpointId: endpointId }),
    replayWebhookDelivery: async ({ deliveryId }) => ({ webhookDeliveryId: deliveryId }),
    replayDeliveries: async () => ({ since: world.clock.now() }),
    replayDelivery: async ({ subject }) => ({ deliveryId: await deadLetterTo(world, subject) }),
    replayWebhookDeliveries: async ({ endpointId }) => ({
      webhookEndpointId: endpointId,
      since: world.clock.now(),
    }),
  }

  /** An endpoint of somebody's, and something that it was told. */
  async function webhooksOf(admin: Person): Promise<{ endpointId: string; deliveryId: string }> {
    const { id: endpointId } = await quietEndpoint(world, admin)
    const deliveryId = await deliveryTo(world, endpointId, admin)
    await world.db.query(
      `INSERT INTO webhook_attempts (delivery_id, number, started_at, duration_ms, status_code) VALUES ($1, 1, now(), 1, 204)`,
      [idOf('webhook_delivery', deliveryId)],
    )
    return { endpointId, deliveryId }
  }

  let deletable: string | undefined
  /** There can be a hundred, so one that nobody was able to delete is offered again. */
  async function endpointToDelete(): Promise<string> {
    const [left] = await world.db.query(
      'SELECT FROM webhook_endpoints WHERE id = $1 AND deleted_at IS NULL',
      [deletable && idOf('webhook_endpoint', deletable)],
    )
    if (!left) deletable = (await quietEndpoint(world)).id
    return deletable!
  }

  /** Somebody who acts as the subject. */
  /** A group to which somebody has asked a person. */
  async function requestTo(person: Person): Promise<{ conversationId: string }> {
    const { conversationId } = await writeTo(await world.person(), [person], { title: 'Engine' })
    return { conversationId }
  }

  async function impersonating(support: Person, subject: Person): Promise<Person> {
    const { session, token } = await world.db.transaction(async (tx) =>
      new SessionService(tx).impersonate(
        subject.id,
        (await world.asViewer(support)).caller.viewer as InSession,
        HOUR,
      ),
    )
    return { ...subject, sessionId: session.id, token, api: new ApiClient(world.url, token) }
  }

  /** Who writes the notes that a reader changes: those who may write any do it themselves. */
  const authorFor = (scene: Scene, reader: Reader): Person =>
    reader === 'admin' || reader === 'managerOfGroup' ? scene[reader] : scene.manager

  /** Somebody in the group in which the subject is. */
  async function groupMate({ groupId }: Scene): Promise<Person> {
    const person = await world.person({ password: PASSWORD })
    await world.join(groupId, person)
    return person
  }

  let lastRoleName = ''
  async function customRole(): Promise<string> {
    lastRoleName = unique('role ')
    const [row] = await world.db.query<{ id: string }>(
      `INSERT INTO roles (id, name, description, permissions, is_built_in, version, created_at) VALUES (gen_random_uuid(), $1, '', '{}', false, 1, now()) RETURNING id`,
      [lastRoleName],
    )
    return toGlobalId('role', row!.id)
  }

  async function grantLastRole({ id }: Person): Promise<void> {
    await world.db.query(
      `INSERT INTO role_grants (id, user_id, role_id, created_at) SELECT gen_random_uuid(), $1, id, now() FROM roles WHERE name = $2`,
      [id, lastRoleName],
    )
  }

  async function anotherSession(person: Person): Promise<{ sessionId: string; api: Speaker }> {
    const { session, token } = await new SessionService(world.db).start(person.id, Transport.BEARER, 'Other')
    return { sessionId: session.id, api: speakerOf(token) }
  }

  /** Whose own things a reader acts on. */
  function actor(scene: Scene, reader: Reader): Person {
    return reader === 'anonymous' ? scene.subject : scene[reader]
  }

  /** As each reader, on a session of its own, so that signing out leaves the scene as it was. */
  async function onOwnSession(reader: Reader, scene: Scene): Promise<Speaker> {
    if (reader === 'anonymous' || reader === 'program') return as(reader, scene)
    if (reader === 'impersonator') {
      const { token } = await impersonating(scene.support, scene.subject)
      return speakerOf(token)
    }
    await as('self', scene)
    const { api } = await anotherSession(actor(scene, reader))
    await as(reader, scene)
    return api
  }

  /** The same on a session whose holder proved who they are more than ten minutes ago. */
  async function onStaleSession(reader: 'self' | 'admin', scene: Scene): Promise<Speaker> {
    await as('self', scene)
    const { api, sessionId } = await anotherSession(actor(scene, reader))
    await world.db.query('UPDATE sessions SET authenticated_at = $2 WHERE id = $1', [
      sessionId,
      later(world.clock.now(), -11 * MINUTE),
    ])
    return api
  }

  /** As the subject, by somebody who may also change things so. */
  async function onImpersonation(scene: Scene): Promise<Speaker> {
    await as('self', scene)
    scene.writingSupport ??= await world.person({
      permissions: ['users:impersonate', 'users:impersonate-write', 'users:read'],
    })
    return speakerOf((await impersonating(scene.writingSupport, scene.subject)).token)
  }

  return {
    makeScene,
    as,
    onOwnSession,
    onImpersonation,
    onStaleSession,
    anotherSession,
    actor,
    holderOf,
    speakerOf,
    reach,
    lists,
    inputs,
  }
}

export type Stage = ReturnType<typeof stage>
