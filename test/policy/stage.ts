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
import { toGlobalId } from '../../src/core/id'
import { declareSchema } from '../../src/graphql/schema'
import type { InSession } from '../../src/core/viewer'
import { AuditService } from '../../src/modules/audit/audit.service'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { ChallengeService } from '../../src/modules/challenge/challenge.service'
import { startPasskeyRegistration, startTotp } from '../../src/modules/factor/enrolment'
import { FactorService } from '../../src/modules/factor/factor.service'
import { PasskeyService } from '../../src/modules/passkey/passkey.service'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { RoleService } from '../../src/modules/role/role.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { storedAccessToken } from '../support/access-token'
import { bulkJobOf, invited, newcomer, noteAbout, unverifiedEmail } from '../support/administration'
import { ALL_PERMISSIONS, type Permission } from '../../src/core/permission'
import { ApiClient, type ApiResponse } from '../support/api-client'
import { beginEmailChange, changeEmailOf, disownTokenOf } from '../support/recovery'
import { claimsOf, journeyOf, linkedIdentity, OWN_PAGE, withProvider } from '../support/known-provider'
import { newAuthenticator, storedPasskey, totpCode } from '../support/second-factor'
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
  /** What a subscription answers, one after the other, the errors that keep it from beginning included. */
  subscribe(query: string): AsyncIterableIterator<any>
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

interface Reached {
  query: string
  variables: Record<string, unknown>
  path: (string | number)[]
}

export const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (inner === null || inner === undefined ? inner : (inner as Record<string, unknown>)[key]),
    value,
  )

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
  posts: () => '{ posts(first: 1) { edges { node { id } } } }',
  auditEvents: () => '{ auditEvents(first: 1) { edges { node { id } } } }',
  bulkJob: ({ bulkJobId }) => `{ bulkJob(id: "${bulkJobId}") { id } }`,
  bulkJobs: () => '{ bulkJobs(first: 1) { edges { node { id } } } }',
  identityProviders: () => '{ identityProviders { id } }',
  'users by email': ({ subject }) =>
    `{ users(first: 1, filter: { email: "${subject.email}" }) { edges { node { id } } } }`,
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
    await world.post({ author: subject })
    const draft = await world.post({ author: subject, publish: false })
    const asAdmin = await world.asViewer(admin)
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
      noteId,
      bulkJobId: await bulkJobOf(world, subject),
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

  /** The API as each reader speaks to it. Suspension is undone by whoever asks next as self. */
  async function as(reader: Reader, scene: Scene): Promise<Speaker> {
    await (reader === 'suspended' ? world.suspend(scene.subject) : world.reinstate(scene.subject))
    return speakerOf(reader === 'anonymous' ? undefined : scene[reader].token)
  }

  /** How a row of each type, or case of one, that is the subject's is reached by somebody. */
  const reach: Record<string, (scene: Scene, asker: Person | null) => Reached | Promise<Reached>> = {
    User: ({ subject }) => throughNode('User', subject.globalId),
    Session: ({ subject }) => throughNode('Session', toGlobalId('session', subject.sessionId)),
    Post: ({ draft }) => throughNode('Post', draft.globalId),
    Role: ({ role }) => throughNode('Role', toGlobalId('role', role.id)),
    AuditEvent: ({ eventId }) => throughNode('AuditEvent', eventId),
    // The subject's own reads nobody while they can speak as the subject, so it is that of somebody else.
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
    BulkJob: ({ bulkJobId }) => throughNode('BulkJob', bulkJobId),
    BulkJobItem: ({ bulkJobId }) => ({
      query: `query ($id: ID!) { bulkJob(id: $id) { items(first: 1) { edges { node { ${selectAll('BulkJobItem')} } } } } }`,
      variables: { id: bulkJobId },
      path: ['bulkJob', 'items', 'edges', 0, 'node'],
    }),
    StaffNote: ({ noteId }) => throughNode('StaffNote', noteId),
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
    Preference: ({ subject }) => ({
      query: `query ($id: ID!) { user(id: $id) { preferences { ${selectAll('Preference')} } } }`,
      variables: { id: subject.globalId },
      path: ['user', 'preferences', 0],
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

  /** How a list is reached in which the subject and the other person are, and where in an item it says who; null for the item. */
  const lists: Record<
    string,
    (scene: Scene, asker: Person | null) => Promise<{ query: string; path: string[]; person: string | null }>
  > = {
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
    changeEmail: async () => ({ email: `${unique('new')}@example.com` }),
    confirmEmailChange: async () => ({ token: (await beginEmailChange(world, await world.person())).token }),
    undoEmailChange: async () => ({ token: await changeEmailOf(world, await world.person()) }),
    disownSecurityEvent: async () => ({ token: await disownTokenOf(world, await world.person()) }),
    signOut: async () => null,
    rotateSession: async () => null,
    reauthenticate: async () => ({ password: PASSWORD }),
    // The same again, so that those who come later find it as it was.
    changePassword: async () => ({ currentPassword: PASSWORD, newPassword: PASSWORD }),
    checkPassword: async () => ({ password: PASSWORD }),
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
    setPreferences: async () => ({ preferences: [{ key: 'theme', value: 'dark' }] }),
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
    deletePost: async ({ subject }) => ({
      postId: (await world.post({ author: subject, publish: false })).globalId,
    }),
    startImpersonation: async (scene) => ({
      userId: (await groupMate(scene)).globalId,
      reason: 'Ticket 4711',
    }),
    stopImpersonation: async () => null,
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
  }

  /** Somebody who acts as the subject. */
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
