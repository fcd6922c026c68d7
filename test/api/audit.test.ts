import { Client } from 'pg'
import { later, MINUTE } from '../../src/core/clock'
import { idOf, toGlobalId, type Id } from '../../src/core/id'
import { declareSchema } from '../../src/graphql/schema'
import type { AuditAction } from '../../src/modules/audit/audit-event'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { AuditService } from '../../src/modules/audit/audit.service'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { ChallengeService } from '../../src/modules/challenge/challenge.service'
import { startPasskeyRegistration, startTotp } from '../../src/modules/factor/enrolment'
import { FactorService } from '../../src/modules/factor/factor.service'
import { PasskeyService } from '../../src/modules/passkey/passkey.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { storedAccessToken } from '../support/access-token'
import { applicant, beginSignUp, codeSentTo, completeSignUp, passwordResetOf } from '../support/account'
import { ApiClient, type ApiResponse } from '../support/api-client'
import { bulkJobOf, invited, newcomer, noteAbout, unverifiedEmail } from '../support/administration'
import { beginEmailChange, changeEmailOf, disownTokenOf, newAddress } from '../support/recovery'
import { claimsOf, journeyOf, linkedIdentity } from '../support/known-provider'
import { newAuthenticator, storedPasskey, totpCode } from '../support/second-factor'
import type { BulkAction } from '../../src/modules/bulk-job/bulk-form'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

/** An event as a test expects it; who acted is also the subject, and the outcome success, where nothing else is said. */
interface Expected {
  action: AuditAction
  actorId: Id | null
  subjectId?: Id | null
  sessionId?: Id | null
  target?: string | null
  details?: Record<string, unknown>
}

interface Scene {
  api: ApiClient
  input?: Record<string, unknown>
  /** What is selected on the payload. */
  select?: string
  /** What the trail must show, in any order. */
  events: (payload: Record<string, { id: string }>) => Expected[] | Promise<Expected[]>
}

const PASSWORD = 'harbour lantern at dusk'

const as = (person: Person) => ({ actorId: person.id, sessionId: person.sessionId })

async function role(admin: Person, permissions: string[] = []): Promise<{ id: string; name: string }> {
  const input = { name: unique('role '), description: '', permissions }
  const document = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id name } } }'
  return (await admin.api.data(document, { input })).createRole.role
}

async function ownSession(person: Person): Promise<{ id: string; token: string }> {
  const document = 'mutation ($input: SignInInput!) { signIn(input: $input) { session { id } token } }'
  const { signIn } = await world.anonymous.data(document, {
    input: { login: person.username, password: PASSWORD },
  })
  return { id: signIn.session.id, token: signIn.token }
}

/** The mutations that record nothing, and why. */
const WITHOUT_EVENT: Record<string, string> = {
  startPasskeySignIn: 'Nobody has done anything yet; what comes of it is recorded.',
  startProviderSignIn: 'Nobody has done anything yet; what comes of it is recorded.',
  startProviderLink: 'Nothing is linked before `linkIdentity`, which is recorded.',
  startReauthentication: 'Only a question is asked; its answer is recorded.',
  startTotp: 'Nothing is on before `confirmTotp`, which is recorded.',
  startPasskeyRegistration: 'Nothing is kept before `registerPasskey`, which is recorded.',
}

async function signInLinkOf({ email, username }: Person): Promise<{ token: string }> {
  await world.anonymous.data(
    `mutation { requestSignInLink(input: { login: "${username}" }) { challenge { id } } }`,
  )
  return { token: world.portico.mailbox!.read(email)[0]!.link!.split('#token=')[1]! }
}

/** Staff ask for something to be done to many; what is done to each is recorded when their turn has come. */
async function bulkScene(action: BulkAction, terms: Record<string, unknown> = {}): Promise<Scene> {
  const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
  return {
    api: admin.api,
    input: { people: { userIds: [person.globalId] }, ...terms },
    select: 'bulkJob { id }',
    events: ({ bulkJob }) => [
      { action: 'bulk-job.started', ...as(admin), target: bulkJob!.id, details: { action, named: 1 } },
    ],
  }
}

/** For every mutation, how it is carried out and what the trail then shows. */
const SCENES: Record<string, () => Promise<Scene>> = {
  signUp: async () => ({
    api: world.anonymous,
    input: { ...applicant() },
    select: 'challenge { id }',
    events: ({ challenge }) => [
      { action: 'account.sign-up-requested', actorId: null, target: challenge!.id },
    ],
  }),
  completeSignUp: async () => {
    const input = applicant()
    const challengeId = await beginSignUp(world, input)
    return {
      api: world.anonymous,
      input: { challengeId, code: codeSentTo(world, input.email) },
      select: 'user { id } session { id }',
      events: async ({ user, session }) => {
        const [{ id } = { id: '' }] = await world.db.query<{ id: Id }>(
          'SELECT id FROM users WHERE username = $1',
          [input.username],
        )
        const sessionId = await idOfSession(session!.id)
        return [
          { action: 'account.created', actorId: id, target: user!.id },
          {
            action: 'role.granted',
            actorId: null,
            subjectId: id,
            target: await builtIn('user'),
            details: { role: 'user', group: null, reason: null, expiresAt: null },
          },
          {
            action: 'session.started',
            actorId: id,
            sessionId,
            target: session!.id,
            details: { transport: 'bearer', methods: ['password', 'email-code'] },
          },
        ]
      },
    }
  },
  signIn: async () => {
    const person = await world.person({ password: PASSWORD })
    return {
      api: world.anonymous,
      input: { login: person.username, password: PASSWORD },
      select: 'session { id }',
      events: async ({ session }) => {
        const target = session!.id
        return [
          {
            action: 'session.started',
            actorId: person.id,
            sessionId: await idOfSession(target),
            target,
            details: { transport: 'bearer', methods: ['password'] },
          },
        ]
      },
    }
  },
  completeSignIn: async () => {
    const person = await world.person()
    const { token } = await signInLinkOf(person)
    return {
      api: world.anonymous,
      input: { method: 'EMAIL_LINK', token },
      select: 'session { id }',
      events: async ({ session }) => [
        {
          action: 'session.started',
          actorId: person.id,
          sessionId: await idOfSession(session!.id),
          target: session!.id,
          details: { transport: 'bearer', methods: ['email-link'] },
        },
      ],
    }
  },
  requestSignInLink: async () => {
    const person = await world.person()
    return {
      api: world.anonymous,
      input: { login: person.username },
      select: 'challenge { id }',
      events: ({ challenge }) => [
        { action: 'session.link-requested', actorId: null, subjectId: person.id, target: challenge!.id },
      ],
    }
  },
  sendCode: async () => {
    const person = await world.person()
    const { challenge } = await new ChallengeService(world.db).begin({
      kind: ChallengeKind.SIGN_IN,
      subjectId: person.id,
      methods: [AuthenticationMethod.EMAIL_CODE],
      proven: [AuthenticationMethod.PASSWORD],
    })
    const target = toGlobalId('challenge', challenge.id)
    return {
      api: world.anonymous,
      input: { challengeId: target },
      events: () => [{ action: 'session.code-requested', actorId: null, subjectId: person.id, target }],
    }
  },
  confirmTotp: async () => {
    const person = await world.person()
    const { challenge, enrolment } = await startTotp(await world.asViewer(person))
    return {
      api: person.api,
      input: {
        challengeId: toGlobalId('challenge', challenge.id),
        code: totpCode(world, enrolment.key),
      },
      events: () => [
        { action: 'factor.added', ...as(person), target: person.globalId, details: { method: 'totp' } },
      ],
    }
  },
  removeTotp: async () => {
    const person = await world.person()
    await new FactorService(world.db).put(person.id, AuthenticationMethod.TOTP, null, null)
    return {
      api: person.api,
      input: {},
      events: () => [
        { action: 'factor.removed', ...as(person), target: person.globalId, details: { method: 'totp' } },
      ],
    }
  },
  addEmailCode: async () => {
    const person = await world.person()
    return {
      api: person.api,
      events: () => [
        { action: 'factor.added', ...as(person), target: person.globalId, details: { method: 'email-code' } },
      ],
    }
  },
  removeEmailCode: async () => {
    const person = await world.person()
    await new FactorService(world.db).put(person.id, AuthenticationMethod.EMAIL_CODE, null, null)
    return {
      api: person.api,
      input: {},
      events: () => [
        {
          action: 'factor.removed',
          ...as(person),
          target: person.globalId,
          details: { method: 'email-code' },
        },
      ],
    }
  },
  registerPasskey: async () => {
    const person = await world.person()
    const { id } = await startPasskeyRegistration(await world.asViewer(person))
    const owner = { ...person, displayName: 'Somebody' }
    const options = await new PasskeyService(world.db).creationOptions(id, owner)
    return {
      api: person.api,
      input: { challengeId: toGlobalId('challenge', id), passkey: newAuthenticator().create(options) },
      events: () => [
        { action: 'factor.added', ...as(person), target: person.globalId, details: { method: 'passkey' } },
      ],
    }
  },
  renamePasskey: async () => {
    const person = await world.person()
    const passkeyId = await storedPasskey(world, person.id)
    return {
      api: person.api,
      input: { passkeyId, name: 'Laptop' },
      events: () => [{ action: 'passkey.renamed', ...as(person), target: passkeyId }],
    }
  },
  removePasskey: async () => {
    const person = await world.person()
    const passkeyId = await storedPasskey(world, person.id)
    return {
      api: person.api,
      input: { passkeyId },
      events: () => [
        { action: 'factor.removed', ...as(person), target: person.globalId, details: { method: 'passkey' } },
      ],
    }
  },
  linkIdentity: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: await journeyOf(world, claimsOf({ email: person.email }), person.id),
      select: 'identity { id }',
      events: ({ identity }) => [
        { action: 'identity.linked', ...as(person), target: identity!.id, details: { provider: 'acme' } },
      ],
    }
  },
  unlinkIdentity: async () => {
    const person = await world.person({ password: PASSWORD })
    const identityId = await linkedIdentity(world, person.id)
    return {
      api: person.api,
      input: { identityId },
      events: () => [
        { action: 'identity.unlinked', ...as(person), target: identityId, details: { provider: 'acme' } },
      ],
    }
  },
  replaceRecoveryCodes: async () => {
    const person = await world.person()
    await storedPasskey(world, person.id)
    return {
      api: person.api,
      events: () => [{ action: 'recovery-codes.replaced', ...as(person), target: person.globalId }],
    }
  },
  signOut: async () => {
    const person = await world.person()
    const target = toGlobalId('session', person.sessionId)
    return {
      api: person.api,
      events: () => [{ action: 'session.ended', ...as(person), target, details: { reason: 'signed-out' } }],
    }
  },
  rotateSession: async () => {
    const person = await world.person()
    const target = toGlobalId('session', person.sessionId)
    return {
      api: person.api,
      events: () => [{ action: 'session.rotated', ...as(person), target }],
    }
  },
  reauthenticate: async () => {
    const person = await world.person({ password: PASSWORD })
    const target = toGlobalId('session', person.sessionId)
    return {
      api: person.api,
      input: { password: PASSWORD },
      events: () => [
        { action: 'session.reauthenticated', ...as(person), target, details: { methods: ['password'] } },
      ],
    }
  },
  changePassword: async () => {
    const person = await world.person({ password: PASSWORD })
    const other = await ownSession(person)
    return {
      api: person.api,
      input: { currentPassword: PASSWORD, newPassword: 'lantern harbour at dawn' },
      events: () => [
        { action: 'password.changed', ...as(person) },
        {
          action: 'session.ended',
          ...as(person),
          target: other.id,
          details: { reason: 'password-changed' },
        },
      ],
    }
  },
  // Nothing happens: somebody thinks of a password.
  checkPassword: async () => ({
    api: world.anonymous,
    input: { password: PASSWORD },
    events: () => [],
  }),
  suspendUser: async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    const until = later(world.clock.now(), MINUTE).toISOString()
    const about = { ...as(manager), subjectId: person.id }
    return {
      api: manager.api,
      input: { userId: person.globalId, reason: 'Sent spam', until },
      events: () => [
        {
          action: 'account.suspended',
          ...about,
          target: person.globalId,
          details: { reason: 'Sent spam', until },
        },
        {
          action: 'session.ended',
          ...about,
          target: toGlobalId('session', person.sessionId),
          details: { reason: 'suspended' },
        },
      ],
    }
  },
  reinstateUser: async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    await world.suspend(person)
    return {
      api: manager.api,
      input: { userId: person.globalId },
      events: () => [
        { action: 'account.reinstated', ...as(manager), subjectId: person.id, target: person.globalId },
      ],
    }
  },
  createUser: async () => {
    const admin = await world.person({ role: 'admin' })
    const manager = await builtIn('manager')
    return {
      api: admin.api,
      input: newcomer({ roleIds: [manager] }),
      select: 'user { id }',
      events: async ({ user }) => {
        const about = { ...as(admin), subjectId: idOf('user', user!.id) }
        const granted = { action: 'role.granted', ...about } as const
        return [
          { action: 'account.created', ...about, target: user!.id },
          {
            ...granted,
            actorId: null,
            target: await builtIn('user'),
            details: { role: 'user', group: null, reason: null, expiresAt: null },
          },
          {
            ...granted,
            target: manager,
            details: { role: 'manager', group: null, reason: null, expiresAt: null },
          },
          { action: 'account.invited', ...about, target: user!.id },
        ]
      },
    }
  },
  resendInvitation: async () => {
    const [admin, { id, globalId }] = [await world.person({ role: 'admin' }), await invited(world)]
    return {
      api: admin.api,
      input: { userId: globalId },
      events: () => [{ action: 'account.invited', ...as(admin), subjectId: id, target: globalId }],
    }
  },
  updateUser: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const about = { ...as(admin), subjectId: person.id, target: person.globalId }
    return {
      api: admin.api,
      input: { userId: person.globalId, bio: 'New.', username: unique('u') },
      events: () => [
        { action: 'profile.updated', ...about, details: { fields: ['bio', 'username'] } },
        { action: 'username.changed', ...about },
      ],
    }
  },
  endUserSessions: async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    const about = { ...as(manager), subjectId: person.id }
    return {
      api: manager.api,
      input: { userId: person.globalId, reason: 'Lost phone' },
      events: () => [
        {
          action: 'sessions.ended-by-staff',
          ...about,
          target: person.globalId,
          details: { reason: 'Lost phone' },
        },
        {
          action: 'session.ended',
          ...about,
          target: toGlobalId('session', person.sessionId),
          details: { reason: 'revoked-by-staff' },
        },
      ],
    }
  },
  verifyEmail: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const emailId = await unverifiedEmail(world, person)
    return {
      api: admin.api,
      input: { emailId },
      events: () => [{ action: 'email.verified', ...as(admin), subjectId: person.id, target: emailId }],
    }
  },
  // An event of whoever has written it: the person whom it is about does not find it.
  addStaffNote: async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    return {
      api: manager.api,
      input: { userId: person.globalId, body: 'Called twice.' },
      select: 'staffNote { id }',
      events: ({ staffNote }) => [
        {
          action: 'staff-note.added',
          ...as(manager),
          target: staffNote!.id,
          details: { about: person.globalId },
        },
      ],
    }
  },
  updateStaffNote: async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    const target = await noteAbout(world, person, manager)
    return {
      api: manager.api,
      input: { staffNoteId: target, body: 'Called three times.' },
      events: () => [
        { action: 'staff-note.updated', ...as(manager), target, details: { about: person.globalId } },
      ],
    }
  },
  deleteStaffNote: async () => {
    const [manager, person] = [await world.person({ role: 'manager' }), await world.person()]
    const target = await noteAbout(world, person, manager)
    return {
      api: manager.api,
      input: { staffNoteId: target },
      events: () => [
        { action: 'staff-note.deleted', ...as(manager), target, details: { about: person.globalId } },
      ],
    }
  },
  requirePasswordReset: async () => {
    const [manager, person] = [
      await world.person({ role: 'manager' }),
      await world.person({ password: PASSWORD }),
    ]
    return {
      api: manager.api,
      input: { userId: person.globalId, reason: 'Found on a list' },
      events: () => [
        {
          action: 'password.reset-required',
          ...as(manager),
          subjectId: person.id,
          details: { reason: 'Found on a list' },
        },
        {
          action: 'session.ended',
          ...as(manager),
          subjectId: person.id,
          target: toGlobalId('session', person.sessionId),
          details: { reason: 'password-reset-required' },
        },
      ],
    }
  },
  changeEmail: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { email: newAddress() },
      select: 'challenge { id }',
      events: ({ challenge }) => [{ action: 'email.change-requested', ...as(person), target: challenge!.id }],
    }
  },
  confirmEmailChange: async () => {
    const person = await world.person({ password: PASSWORD })
    const other = await ownSession(person)
    const { token } = await beginEmailChange(world, person)
    return {
      api: world.anonymous,
      input: { token },
      events: () => [
        { action: 'email.changed', ...as(person), target: person.globalId },
        {
          action: 'session.ended',
          actorId: null,
          subjectId: person.id,
          target: other.id,
          details: { reason: 'email-changed' },
        },
      ],
    }
  },
  undoEmailChange: async () => {
    const person = await world.person()
    const token = await changeEmailOf(world, person)
    return {
      api: world.anonymous,
      input: { token },
      events: async () => disowned(person, 'email.changed'),
    }
  },
  disownSecurityEvent: async () => {
    const person = await world.person()
    const token = await disownTokenOf(world, person)
    return {
      api: world.anonymous,
      input: { token },
      events: async () => disowned(person, 'factor.added'),
    }
  },
  requestPasswordReset: async () => {
    const person = await world.person()
    return {
      api: world.anonymous,
      input: { login: person.username },
      select: 'challenge { id }',
      events: ({ challenge }) => [
        {
          action: 'password.reset-requested',
          actorId: null,
          subjectId: person.id,
          target: challenge!.id,
        },
      ],
    }
  },
  resetPassword: async () => {
    const person = await world.person()
    const { token } = await passwordResetOf(world, person)
    return {
      api: world.anonymous,
      input: { token, newPassword: 'lantern harbour at dawn' },
      events: () => [
        { action: 'password.reset', actorId: person.id },
        {
          action: 'session.ended',
          actorId: null,
          subjectId: person.id,
          target: toGlobalId('session', person.sessionId),
          details: { reason: 'password-reset' },
        },
      ],
    }
  },
  revokeSession: async () => {
    const manager = await world.person({ role: 'manager' })
    const person = await world.person()
    const target = toGlobalId('session', person.sessionId)
    return {
      api: manager.api,
      input: { sessionId: target },
      events: () => [
        {
          action: 'session.ended',
          ...as(manager),
          subjectId: person.id,
          target,
          details: { reason: 'revoked-by-staff' },
        },
      ],
    }
  },
  revokeOtherSessions: async () => {
    const person = await world.person({ password: PASSWORD })
    const others = [await ownSession(person), await ownSession(person)]
    return {
      api: person.api,
      events: () =>
        others.map(({ id }) => ({
          action: 'session.ended',
          ...as(person),
          target: id,
          details: { reason: 'revoked' },
        })),
    }
  },
  updateProfile: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { displayName: 'Somebody else', bio: 'New.' },
      events: () => [
        {
          action: 'profile.updated',
          ...as(person),
          target: person.globalId,
          details: { fields: ['displayName', 'bio'] },
        },
      ],
    }
  },
  setPreferences: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: {
        preferences: [
          { key: 'theme', value: 'dark' },
          { key: 'pageSize', value: 50 },
        ],
      },
      events: () => [
        {
          action: 'preferences.updated',
          ...as(person),
          target: person.globalId,
          details: { keys: ['theme', 'pageSize'] },
        },
      ],
    }
  },
  createAccessToken: async () => {
    const person = await world.person({ permissions: ['users:read'] })
    const expiresAt = later(world.clock.now(), MINUTE).toISOString()
    return {
      api: person.api,
      input: { name: 'Backup', scopes: ['users:read'], expiresAt },
      select: 'accessToken { id }',
      events: ({ accessToken }) => [
        {
          action: 'access-token.created',
          ...as(person),
          target: accessToken!.id,
          details: { scopes: ['users:read'], expiresAt },
        },
      ],
    }
  },
  revokeAccessToken: async () => {
    const person = await world.person()
    const target = toGlobalId('access_token', (await storedAccessToken(world, person.id)).id)
    return {
      api: person.api,
      input: { accessTokenId: target },
      events: () => [
        { action: 'access-token.revoked', ...as(person), target, details: { reason: 'revoked' } },
      ],
    }
  },
  issueServiceToken: async () => {
    const person = await world.person()
    const audience = 'https://orders.example'
    return {
      api: person.api,
      input: { audience },
      events: () => [{ action: 'service-token.issued', ...as(person), details: { audience } }],
    }
  },
  createPost: async () => {
    const author = await world.person()
    return {
      api: author.api,
      input: { title: 'Title', body: 'Body', publish: true },
      select: 'post { id }',
      events: ({ post }) =>
        (['post.created', 'post.published'] as const).map((action) => ({
          action,
          ...as(author),
          target: post!.id,
        })),
    }
  },
  updatePost: async () => {
    const { globalId: target, author } = await world.post()
    const manager = await world.person({ role: 'manager' })
    return {
      api: manager.api,
      input: { postId: target, title: 'Changed', tags: ['new'] },
      events: () => [
        {
          action: 'post.updated',
          ...as(manager),
          subjectId: author.id,
          target,
          details: { fields: ['title', 'tags'] },
        },
      ],
    }
  },
  publishPost: async () => {
    const { globalId: target, author } = await world.post({ publish: false })
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'post.published', ...as(author), target }],
    }
  },
  deletePost: async () => {
    const { globalId: target, author } = await world.post()
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'post.deleted', ...as(author), target }],
    }
  },
  createRole: async () => {
    const admin = await world.person({ role: 'admin' })
    const name = unique('role ')
    return {
      api: admin.api,
      input: { name, description: '', permissions: ['users:read'] },
      select: 'role { id }',
      events: ({ role: made }) => [
        {
          action: 'role.created',
          ...as(admin),
          target: made!.id,
          details: { role: name, permissions: ['users:read'], requiresReason: false },
        },
      ],
    }
  },
  updateRole: async () => {
    const admin = await world.person({ role: 'admin' })
    const made = await role(admin, ['users:read'])
    const details = { role: made.name, before: ['users:read'], after: ['audit:read'], requiresReason: false }
    return {
      api: admin.api,
      input: { roleId: made.id, permissions: ['audit:read'] },
      events: () => [{ action: 'role.updated', ...as(admin), target: made.id, details }],
    }
  },
  deleteRole: async () => {
    const admin = await world.person({ role: 'admin' })
    const made = await role(admin, ['users:read'])
    const details = { role: made.name, permissions: ['users:read'], requiresReason: false }
    return {
      api: admin.api,
      input: { roleId: made.id },
      events: () => [{ action: 'role.deleted', ...as(admin), target: made.id, details }],
    }
  },
  startImpersonation: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    return {
      api: admin.api,
      input: { userId: person.globalId, reason: 'Ticket 4711' },
      events: () => [
        {
          action: 'impersonation.started',
          ...as(admin),
          subjectId: person.id,
          details: { reason: 'Ticket 4711' },
        },
      ],
    }
  },
  stopImpersonation: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const { startImpersonation } = await admin.api.data(
      `mutation { startImpersonation(input: { userId: "${person.globalId}", reason: "Ticket 4711" }) { token session { id } } }`,
    )
    const { token, session } = startImpersonation
    const sessionId = idOf('session', session.id)!
    const both = { actorId: person.id, impersonatorId: admin.id, subjectId: person.id, sessionId }
    return {
      api: new ApiClient(world.url, token),
      events: () => [
        { action: 'impersonation.ended', ...both },
        { action: 'session.ended', ...both, target: session.id, details: { reason: 'signed-out' } },
      ],
    }
  },
  createGroup: async () => {
    const admin = await world.person({ role: 'admin' })
    const name = unique('Group ')
    return {
      api: admin.api,
      input: { name, description: '' },
      events: async () => [
        { action: 'group.created', ...as(admin), target: await groupNamed(name), details: { name } },
      ],
    }
  },
  updateGroup: async () => {
    const admin = await world.person({ role: 'admin' })
    const groupId = await world.group()
    const [before, after] = [await nameOfGroup(groupId), unique('Group ')]
    const target = toGlobalId('group', groupId)
    return {
      api: admin.api,
      input: { groupId: target, name: after },
      events: () => [{ action: 'group.updated', ...as(admin), target, details: { before, after } }],
    }
  },
  deleteGroup: async () => {
    const admin = await world.person({ role: 'admin' })
    const groupId = await world.group()
    const [name, target] = [await nameOfGroup(groupId), toGlobalId('group', groupId)]
    return {
      api: admin.api,
      input: { groupId: target },
      events: () => [{ action: 'group.deleted', ...as(admin), target, details: { name } }],
    }
  },
  suspendUsers: async () => bulkScene('suspendUsers', { reason: 'Spam' }),
  reinstateUsers: async () => bulkScene('reinstateUsers'),
  requirePasswordResets: async () => bulkScene('requirePasswordResets', { reason: 'Found on a list' }),
  endSessionsOfUsers: async () => bulkScene('endSessionsOfUsers'),
  resendInvitations: async () => bulkScene('resendInvitations'),
  grantRoleToUsers: async () => bulkScene('grantRoleToUsers', { roleId: await builtIn('manager') }),
  revokeRoleFromUsers: async () => bulkScene('revokeRoleFromUsers', { roleId: await builtIn('manager') }),
  addGroupMembers: async () =>
    bulkScene('addGroupMembers', { groupId: toGlobalId('group', await world.group()) }),
  removeGroupMembers: async () =>
    bulkScene('removeGroupMembers', { groupId: toGlobalId('group', await world.group()) }),
  cancelBulkJob: async () => {
    const admin = await world.person({ role: 'admin' })
    const target = await bulkJobOf(world, admin)
    return {
      api: admin.api,
      input: { bulkJobId: target },
      events: () => [
        { action: 'bulk-job.cancelled', ...as(admin), target, details: { done: 0, failed: 0, left: 1 } },
      ],
    }
  },
  addGroupMember: async () => memberScene('group.member-added', (person) => [person, []]),
  removeGroupMember: async () => memberScene('group.member-removed', (person) => [person, [person]]),
  grantRole: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const made = await role(admin)
    const expiresAt = later(world.clock.now(), MINUTE).toISOString()
    return {
      api: admin.api,
      input: { userId: person.globalId, roleId: made.id, expiresAt, reason: 'Joined the team' },
      events: () => [
        {
          action: 'role.granted',
          ...as(admin),
          subjectId: person.id,
          target: made.id,
          details: { role: made.name, group: null, reason: 'Joined the team', expiresAt },
        },
      ],
    }
  },
  revokeRole: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person({ role: 'manager' })]
    const target = await builtIn('manager')
    return {
      api: admin.api,
      input: { userId: person.globalId, roleId: target, reason: 'Left the team' },
      events: () => [
        {
          action: 'role.revoked',
          ...as(admin),
          subjectId: person.id,
          target,
          details: { role: 'manager', group: null, reason: 'Left the team' },
        },
      ],
    }
  },
}

const nameOfGroup = async (id: Id) =>
  (await world.db.query<{ name: string }>('SELECT name FROM groups WHERE id = $1', [id]))[0]!.name

const groupNamed = async (name: string) =>
  toGlobalId(
    'group',
    (await world.db.query<{ id: Id }>('SELECT id FROM groups WHERE name = $1', [name]))[0]!.id,
  )

/** Somebody is put into a group, or taken out of it. */
async function memberScene(action: AuditAction, who: (person: Person) => [Person, Person[]]) {
  const [admin, someone] = [await world.person({ role: 'admin' }), await world.person()]
  const [person, members] = who(someone)
  const groupId = await world.group(...members)
  const [group, target] = [await nameOfGroup(groupId), toGlobalId('group', groupId)]
  return {
    api: admin.api,
    input: { groupId: target, userId: person.globalId },
    events: () => [{ action, ...as(admin), subjectId: person.id, target, details: { group } }],
  }
}

/** What the trail shows when somebody says that their latest event of a kind was not them. */
async function disowned(person: Person, action: AuditAction): Promise<Expected[]> {
  const event = await world.db.repo(AuditEvent).findOneByOrFail({ action, subjectId: person.id })
  return [
    {
      action: 'account.disowned',
      actorId: person.id,
      target: toGlobalId('event', event.id),
      details: { action },
    },
    {
      action: 'session.ended',
      actorId: null,
      subjectId: person.id,
      target: toGlobalId('session', person.sessionId),
      details: { reason: 'disowned' },
    },
  ]
}

const mutations = declareSchema().getMutationType()!.getFields()

function documentOf(name: string, { select = '' }: Scene): string {
  const hasInput = mutations[name]!.args.length > 0
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`
  return `mutation ${hasInput ? `($input: ${type})` : ''} { ${name}${hasInput ? '(input: $input)' : ''} { ${select} userErrors { code message } } }`
}

async function builtIn(name: string): Promise<string> {
  const [row] = await world.db.query<{ id: Id }>('SELECT id FROM roles WHERE name = $1', [name])
  return toGlobalId('role', row!.id)
}

async function idOfSession(globalId: string): Promise<Id> {
  const rows = await world.db.query<{ id: Id }>('SELECT id FROM sessions')
  return rows.find(({ id }) => toGlobalId('session', id) === globalId)!.id
}

/** The events of a request; with `atLeast`, as soon as there are so many, for some are written after the answer. */
/** An event with its details as they are shown, and what of them stands in clear. */
type Recorded = AuditEvent & { clear: Record<string, unknown> }

async function eventsOf({ headers }: ApiResponse<unknown>, atLeast = 0): Promise<Recorded[]> {
  const requestId = headers.get('x-request-id')!
  let events: AuditEvent[] = []
  await until(async () => {
    events = await world.db.repo(AuditEvent).findBy({ requestId })
    return events.length >= atLeast
  })
  const details = await new AuditService(world.db).details(events)
  return events.map((event, index) => ({ ...event, details: details[index]!, clear: event.details }))
}

/** What somebody has written, and not chosen; the names of roles and groups are about nobody. */
const wordsOf = ({ name: _name, ...input }: Record<string, unknown>) =>
  Object.values(input).filter((value): value is string => typeof value === 'string' && /\s/.test(value))

const addressOf = async (event: AuditEvent) =>
  (await world.db.codec.open(AuditEvent, 'address', [event], ({ address }) => address))[0]

/** Thinking of a password changes nothing, so it leaves nothing. */
const EVENTFUL = Object.keys(SCENES).filter((name) => name !== 'checkPassword')

const byAction = (
  a: { action: string; target?: string | null },
  b: { action: string; target?: string | null },
) => `${a.action}${a.target}`.localeCompare(`${b.action}${b.target}`)

describe('R80 the trail of a mutation', () => {
  test('every mutation of the schema has its scene here', () => {
    const missing = Object.keys(mutations).filter((name) => !SCENES[name] && !WITHOUT_EVENT[name])
    if (missing.length > 0) {
      throw new Error(
        `The mutation ${missing.join(', ')} has no scene in test/api/audit.test.ts: say there how it is carried out, and which ` +
          'events it leaves. Each mutation records what it did, in the transaction that did it (AuditService.record).',
      )
    }
    const known = [...Object.keys(SCENES), ...Object.keys(WITHOUT_EVENT)]
    expect(known.sort()).toEqual(Object.keys(mutations).sort())
  })

  test.each(Object.keys(SCENES))(
    '%s records who did what to whom, when, from where and in which request',
    async (name) => {
      const scene = await SCENES[name]!()
      const before = world.clock.now()
      const response = await scene.api.send(documentOf(name, scene), { input: scene.input })
      const after = world.clock.now()
      expect(response.data?.[name]).toMatchObject({ userErrors: [] })
      const events = await eventsOf(response)
      const expected = await scene.events(response.data[name])

      const facts = ({ action, actorId, subjectId, sessionId, target, details }: Expected) => ({
        action,
        outcome: 'success',
        actorId,
        subjectId: subjectId === undefined ? actorId : subjectId,
        sessionId: sessionId ?? null,
        target: target ?? null,
        details: details ?? {},
      })
      expect(events.sort(byAction)).toEqual(
        expected
          .map(facts)
          .sort(byAction)
          .map((event) => expect.objectContaining(event)),
      )
      for (const event of events) {
        expect(event.occurredAt.getTime()).toBeGreaterThanOrEqual(before.getTime())
        expect(event.occurredAt.getTime()).toBeLessThanOrEqual(after.getTime())
        expect(event.address!.includes('127.0.0.1')).toBe(false)
        expect(await addressOf(event)).toMatch(/^(::ffff:)?127\.0\.0\.1$|^::1$/)
        for (const words of wordsOf(scene.input ?? {}))
          expect([name, JSON.stringify(event.clear)]).not.toEqual([name, expect.stringContaining(words)])
      }
    },
  )

  test('what failed is recorded as a failure, of nobody where nobody is known', async () => {
    const person = await world.person({ password: PASSWORD })
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }'
    const wrong = await world.anonymous.send(signIn, {
      input: { login: person.username, password: 'not this one, I fear' },
    })
    expect(await eventsOf(wrong)).toMatchObject([
      {
        action: 'session.sign-in-failed',
        outcome: 'failure',
        actorId: null,
        subjectId: person.id,
        sessionId: null,
      },
    ])
    const unknown = await world.anonymous.send(signIn, {
      input: { login: unique('nobody'), password: 'not this one, I fear' },
    })
    expect(await eventsOf(unknown)).toMatchObject([
      { action: 'session.sign-in-failed', outcome: 'failure', actorId: null, subjectId: null },
    ])
    const again =
      'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { userErrors { code } } }'
    const doubtful = await person.api.send(again, { input: { password: 'not this one, I fear' } })
    expect(await eventsOf(doubtful)).toMatchObject([
      { action: 'session.reauthentication-failed', outcome: 'failure', actorId: person.id },
    ])
    const challengeId = await beginSignUp(world, applicant())
    const complete =
      'mutation ($input: CompleteSignUpInput!) { completeSignUp(input: $input) { userErrors { code } } }'
    const guessed = await world.anonymous.send(complete, { input: { challengeId, code: 'AAAA-AAAA' } })
    expect(await eventsOf(guessed)).toMatchObject([
      { action: 'account.sign-up-failed', outcome: 'failure', target: challengeId },
    ])
  })

  test('R27 a failed sign-in tells whoever tried it with a session of their own nothing of whose login it was', async () => {
    const [curious, other] = [await world.person(), await world.person()]
    const attempt = (login: string) =>
      curious.api.data(
        `mutation { signIn(input: { login: "${login}", password: "wrong" }) { userErrors { code } } }`,
      )
    await attempt(other.email)
    await attempt(unique() + '@example.com')
    const TRAIL = '{ viewer { auditEvents { edges { node { action actor { id } subject { id } } } } } }'
    expect(JSON.stringify(await curious.api.data(TRAIL))).not.toMatch(/sign-in-failed|SIGN_IN_FAILED/)
    expect(JSON.stringify(await other.api.data(TRAIL))).not.toContain(curious.globalId)
  })

  test('an account that is made by somebody with a session is not tied to theirs', async () => {
    const first = await world.person()
    const input = applicant()
    const challengeId = await beginSignUp(world, input, first.api)
    const { data } = await completeSignUp(first.api, challengeId, codeSentTo(world, input.email))
    const { id } = data.completeSignUp.user
    const events = await world.db.query<{ id: string }>(
      'SELECT action FROM audit_events WHERE subject_id = $1 AND (actor_id = $2 OR session_id = $3)',
      [idOf('user', id), first.id, first.sessionId],
    )
    expect(events).toEqual([])
  })

  test('what changes nothing leaves nothing', async () => {
    const { globalId, author } = await world.post()
    const publish = await author.api.send(
      'mutation ($id: ID!) { publishPost(input: { postId: $id }) { post { version } } }',
      { id: globalId },
    )
    expect(publish.data).toEqual({ publishPost: { post: { version: 1 } } })
    const rejected = await author.api.send(
      'mutation { createPost(input: { title: "", body: "" }) { userErrors { code } } }',
    )
    for (const response of [publish, rejected]) expect(await eventsOf(response)).toEqual([])
  })
})

describe('R81 a change and its event', () => {
  let owner: Client
  beforeAll(async () => {
    owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    await owner.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'The trail is full.'; END $$`,
    )
  })
  afterAll(() => owner.end())

  /** Runs `work` while no transaction that has written an event can commit. */
  async function withoutTrail<Result>(work: () => Promise<Result>): Promise<Result> {
    await owner.query(`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit_events
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
    try {
      return await work()
    } finally {
      await owner.query('DROP TRIGGER refuse ON audit_events')
    }
  }

  /** A fingerprint of every table. */
  async function fingerprints(): Promise<Record<string, string>> {
    const { rows: tables } = await owner.query<{ name: string }>(
      // A try counts whatever becomes of it.
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'throttles'`,
    )
    const prints: Record<string, string> = {}
    for (const { name } of tables) {
      const { rows } = await owner.query<{ print: string }>(
        `SELECT md5(string_agg(t::text, '' ORDER BY t::text)) AS print FROM "${name}" t`,
      )
      prints[name] = rows[0]!.print
    }
    return prints
  }

  test.each(EVENTFUL)('%s: where the event cannot be kept, nothing is', async (name) => {
    const scene = await SCENES[name]!()
    const mails = world.portico.mailbox!.read().length
    const before = await fingerprints()
    const response = await withoutTrail(() => scene.api.send(documentOf(name, scene), { input: scene.input }))
    expect(response.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }])
    expect(JSON.stringify(response)).not.toContain('trail')
    expect(await fingerprints()).toEqual(before)
    expect(world.portico.mailbox!.read()).toHaveLength(mails)
  })

  test('where the change cannot be kept, its event is not', async () => {
    const admin = await world.person({ role: 'admin' })
    const made = await role(admin)
    const before = await fingerprints()
    const twin = await admin.api.data(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { userErrors { code } } }',
      {
        input: { name: made.name, description: '', permissions: [] },
      },
    )
    expect(twin.createRole.userErrors).toEqual([{ code: 'TAKEN' }])
    expect(await fingerprints()).toEqual(before)
  })
})

describe('R80 a refusal', () => {
  test('of fields is recorded once for the whole request, with every field that was refused', async () => {
    const [person, other] = [await world.person(), await world.person()]
    const query = `query ($ids: [ID!]!) {
      users { edges { node { id } } }
      again: users { edges { node { id } } }
      nodes(ids: $ids) { ... on User { email status } }
      roles { name }
    }`
    const response = await person.api.send(query, { ids: [other.globalId, other.globalId] })
    const fields = ['Query.roles', 'Query.users', 'User.email', 'User.status']
    expect(await eventsOf(response, 1)).toMatchObject([
      {
        action: 'access.refused',
        outcome: 'refused',
        ...as(person),
        subjectId: person.id,
        details: { fields },
      },
    ])
  })

  test('of a stranger is recorded with the address alone', async () => {
    const response = await world.anonymous.send('mutation { signOut { userErrors { code } } }')
    const [event] = await eventsOf(response, 1)
    expect(event).toMatchObject({
      action: 'access.refused',
      actorId: null,
      subjectId: null,
      sessionId: null,
      details: { fields: ['Mutation.signOut'] },
    })
    expect(await addressOf(event!)).toMatch(/127\.0\.0\.1|::1/)
  })

  test('of a change to what is somebody else’s, or not there, is recorded as well', async () => {
    const [stranger, post] = [await world.person(), await world.post()]
    await stranger.api.send(
      `mutation { deletePost(input: { postId: "${post.globalId}" }) { userErrors { code } } }`,
    )
    await until(async () => {
      const refused = await world.db.query<{ details: { fields: string[] } }>(
        `SELECT details FROM audit_events WHERE actor_id = $1 AND action = 'access.refused'`,
        [stranger.id],
      )
      return refused.length === 1 && refused[0]!.details.fields[0] === 'Mutation.deletePost'
    })
  })

  test('by the rules of a use case is recorded as well, though the use case was taken back', async () => {
    const granter = await world.person({ permissions: ['roles:grant', 'roles:write'] })
    const grant = 'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { userErrors { code } } }'
    const input = { userId: granter.globalId, roleId: await builtIn('admin') }
    const response = await granter.api.send(grant, { input })
    expect(response.data.grantRole.userErrors).toEqual([{ code: 'NOT_PERMITTED' }])
    expect(await eventsOf(response, 1)).toMatchObject([
      {
        action: 'access.refused',
        outcome: 'refused',
        actorId: granter.id,
        details: { fields: ['Mutation.grantRole'] },
      },
    ])
  })
})
