import { Client } from 'pg'
import { HOUR, later, MINUTE } from '../../src/core/clock'
import { idInMailedToken } from '../../src/modules/mail/mailed-token'
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
import { PostStatus } from '../../src/modules/post/post-status'
import { GroupPreferenceService } from '../../src/modules/preference/group-preference.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { avatarOf } from '../support/avatars'
import { storedAccessToken } from '../support/access-token'
import { applicant, beginSignUp, codeSentTo, completeSignUp, passwordResetOf } from '../support/account'
import { ApiClient, type ApiResponse } from '../support/api-client'
import { announced, announcementBy } from '../support/announcements'
import { bulkJobOf, invited, newcomer, noteAbout, unverifiedEmail } from '../support/administration'
import { newNumber, pendingPhone, phoneOf } from '../support/phones'
import {
  beginEmailChange,
  changeEmailOf,
  disownTokenOf,
  newAddress,
  pendingEmail,
  secondEmailOf,
} from '../support/recovery'
import { claimsOf, journeyOf, linkedIdentity } from '../support/known-provider'
import { writeTo } from '../support/messages'
import { ModerationCaseService } from '../../src/modules/moderation-case/moderation-case.service'
import { FilteredKind } from '../../src/modules/content-filter/filter-terms'
import { contentFilter, uniqueWord } from '../support/content-filter'
import { appealTokenOf, appealOf, caseAbout, decisionAbout } from '../support/moderation'
import { legalHoldOn, privacyRequestOf, restricted } from '../support/privacy'
import { setPreference } from '../support/preferences'
import { newAuthenticator, storedPasskey, totpCode } from '../support/second-factor'
import type { BulkAction } from '../../src/modules/bulk-job/bulk-form'
import { until } from '../support/until'
import { dataExportOf, erasureOf } from '../support/privacy'
import { CommentService } from '../../src/modules/comment/comment.service'
import { commentOn, reactionTo } from '../support/content'
import { noteIn, ticketOf } from '../support/tickets'
import { deadLetterTo } from '../support/deliveries'
import { deliveryTo, quietEndpoint } from '../support/webhooks'
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

/** A step of a request that Portico answers by itself. */
async function undertaken(
  person: Person,
  step: 'received' | 'begun' | 'withdrawn',
  kind: string,
): Promise<Expected> {
  const [request] = await world.db.query<{ id: Id }>(
    'SELECT id FROM privacy_requests WHERE user_id = $1 AND kind = $2',
    [person.id, kind],
  )
  const target = toGlobalId('privacy_request', request!.id)
  return { action: `privacy-request.${step}`, ...as(person), target, details: { kind } }
}

async function role(admin: Person, permissions: string[] = []): Promise<{ id: string; name: string }> {
  const input = { name: unique('role '), description: '', permissions }
  const document = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id name } } }'
  return (await admin.api.data(document, { input })).createRole.role
}

/** A case that an admin has, with which they do something. */
async function moderated(what: 'claimed' | 'released' | 'dismissed', input: object): Promise<Scene> {
  const admin = await world.person({ role: 'admin' })
  const target = await caseAbout(world, (await world.post()).globalId)
  if (what !== 'claimed')
    await new ModerationCaseService(await world.asViewer(admin)).claim(idOf('moderation_case', target)!)
  return {
    api: admin.api,
    input: { caseId: target, ...input },
    events: () => [{ action: `moderation-case.${what}`, ...as(admin), target }],
  }
}

/** The only decision against somebody. */
async function decisionAgainst(person: Person): Promise<string> {
  const [decision] = await world.db.query<{ id: Id }>(
    'SELECT id FROM moderation_decisions WHERE user_id = $1',
    [person.id],
  )
  return toGlobalId('moderation_decision', decision!.id)
}

/** A request of somebody's which an admin answers. */
async function answered(action: AuditAction, input: object): Promise<Scene> {
  const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
  const target = await privacyRequestOf(world, person)
  return {
    api: admin.api,
    input: { privacyRequestId: target, ...input },
    events: () => [
      { action, ...as(admin), subjectId: person.id, target, details: { kind: 'rectification' } },
    ],
  }
}

/** A ticket comes to stand otherwise. */
const stands = (by: Person, person: Person, target: string, status: string): Expected => ({
  action: 'ticket.status-changed',
  ...as(by),
  subjectId: person.id,
  target,
  details: { status },
})

/** Staff do something with a ticket of somebody's. */
async function ofTicket(
  input: object,
  events: (told: { agent: Person; person: Person; target: string }) => Expected[],
) {
  const [agent, person] = [await world.person({ role: 'manager' }), await world.person()]
  const target = await ticketOf(world, person)
  return {
    api: agent.api,
    input: { ticketId: target, ...input },
    agent,
    person,
    events: () => events({ agent, person, target }),
  }
}

/** Somebody blocks or mutes somebody, or no longer does after what came before. */
async function keptAway(action: AuditAction, before?: string): Promise<Scene> {
  const [person, other] = [await world.person(), await world.person()]
  const target = other.globalId
  if (before)
    await person.api.data(`mutation { ${before}(input: { userId: "${target}" }) { userErrors { code } } }`)
  return { api: person.api, input: { userId: target }, events: () => [{ action, ...as(person), target }] }
}

/** Staff do something with a webhook endpoint. */
async function ofEndpoint(
  what: 'updated' | 'deleted' | 'secret-rotated' | 'tested',
  input: object = {},
  details?: Record<string, unknown>,
): Promise<Scene> {
  const { id: target, by } = await quietEndpoint(world)
  return {
    api: by.api,
    input: { webhookEndpointId: target, ...input },
    events: () => [{ action: `webhook-endpoint.${what}`, ...as(by), target, ...(details && { details }) }],
  }
}

/** Somebody changes a message of their own. */
async function ofMessage(action: AuditAction, input: object = {}): Promise<Scene> {
  const person = await world.person()
  const target = (await writeTo(person, [await world.person()])).messageId
  return {
    api: person.api,
    input: { messageId: target, ...input },
    events: () => [{ action, ...as(person), target }],
  }
}

/** Somebody answers when they are asked to a group. */
async function ofRequest(action: AuditAction): Promise<Scene> {
  const person = await world.person()
  const target = (await writeTo(await world.person(), [person], { title: 'Engine' })).conversationId
  return {
    api: person.api,
    input: { conversationId: target },
    events: () => [{ action, ...as(person), target }],
  }
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
  trackActivity: 'It is told thousands of times a second, and is a record of its own.',
  sendMessage: 'Who writes to whom how often is nobody’s to look up.',
  markConversationRead: 'Who reads what when is nobody’s to look up.',
  muteConversation: 'It concerns nobody else.',
  muteThread: 'It concerns nobody else.',
  unmuteThread: 'It concerns nobody else.',
  markNotificationsRead: 'Who reads what when is nobody’s to look up.',
  markNotificationsUnread: 'Who reads what when is nobody’s to look up.',
  markAllNotificationsRead: 'Who reads what when is nobody’s to look up.',
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
            details: { transport: 'bearer', methods: ['password', 'email-code'], isNewDevice: false },
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
            details: { transport: 'bearer', methods: ['password'], isNewDevice: true },
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
          details: { transport: 'bearer', methods: ['email-link'], isNewDevice: true },
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
  changeUsername: async () => {
    const person = await world.person()
    const target = person.globalId
    return {
      api: person.api,
      input: { username: unique('n') },
      events: () => [
        { action: 'profile.updated', ...as(person), target, details: { fields: ['username'] } },
        { action: 'username.chosen', ...as(person), target },
      ],
    }
  },
  removeAvatar: async () => {
    const person = await world.person()
    await avatarOf(world, person)
    return {
      api: person.api,
      events: () => [
        {
          action: 'profile.avatar-removed',
          ...as(person),
          target: person.globalId,
          details: { reason: null },
        },
      ],
    }
  },
  removeUserAvatar: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    await avatarOf(world, person)
    return {
      api: admin.api,
      input: { userId: person.globalId, reason: 'It shows somebody else.' },
      events: () => [
        {
          action: 'profile.avatar-removed',
          ...as(admin),
          subjectId: person.id,
          target: person.globalId,
          details: { reason: 'It shows somebody else.' },
        },
      ],
    }
  },
  deactivateAccount: async () => {
    const person = await world.person()
    const target = toGlobalId('session', person.sessionId)
    return {
      api: person.api,
      events: () => [
        { action: 'account.deactivated', ...as(person), target: person.globalId },
        { action: 'session.ended', ...as(person), target, details: { reason: 'deactivated' } },
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
  giveConsent: async () => {
    const person = await world.person()
    const details = { purpose: 'newsletter', version: '1' }
    return {
      api: person.api,
      input: { purposeId: 'newsletter', version: '1' },
      events: () => [{ action: 'consent.given', ...as(person), details }],
    }
  },
  withdrawConsent: async () => {
    const person = await world.person()
    const details = { purpose: 'newsletter', version: '1' }
    return {
      api: person.api,
      input: { purposeId: 'newsletter' },
      events: () => [{ action: 'consent.withdrawn', ...as(person), details }],
    }
  },
  objectToProcessing: async () => {
    const person = await world.person()
    const target = expect.stringMatching(/^privacy_request_/) as unknown as string
    const details = { kind: 'objection' }
    return {
      api: person.api,
      input: { purposeId: 'analytics' },
      events: () => [
        { action: 'consent.withdrawn', ...as(person), details: { purpose: 'analytics', version: '1' } },
        { action: 'privacy-request.received', ...as(person), target, details },
        { action: 'privacy-request.done', ...as(person), target, details },
      ],
    }
  },
  restrictProcessing: async () => {
    const person = await world.person()
    const target = person.globalId
    const details = { kind: 'restriction' }
    const request = expect.stringMatching(/^privacy_request_/) as unknown as string
    return {
      api: person.api,
      input: {},
      events: () => [
        { action: 'processing.restricted', ...as(person), target, details: { request: null } },
        { action: 'privacy-request.received', ...as(person), target: request, details },
        { action: 'privacy-request.done', ...as(person), target: request, details },
      ],
    }
  },
  liftRestriction: async () => {
    const person = await world.person()
    await restricted(world, person)
    return {
      api: person.api,
      input: {},
      events: () => [
        {
          action: 'processing.restriction-lifted',
          ...as(person),
          target: person.globalId,
          details: { request: null },
        },
      ],
    }
  },
  placeLegalHold: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    return {
      api: admin.api,
      input: { userId: person.globalId, reason: 'A lawsuit.' },
      select: 'legalHold { id }',
      events: ({ legalHold }) => [
        {
          action: 'legal-hold.placed',
          ...as(admin),
          target: legalHold!.id,
          details: { about: person.globalId },
        },
      ],
    }
  },
  releaseLegalHold: async () => {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const target = await legalHoldOn(world, person)
    return {
      api: admin.api,
      input: { legalHoldId: target },
      events: () => [
        { action: 'legal-hold.released', ...as(admin), target, details: { about: person.globalId } },
      ],
    }
  },
  requestRectification: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { message: 'My name is spelled wrong.' },
      select: 'privacyRequest { id }',
      events: ({ privacyRequest }) => [
        {
          action: 'privacy-request.received',
          ...as(person),
          target: privacyRequest!.id,
          details: { kind: 'rectification' },
        },
      ],
    }
  },
  withdrawPrivacyRequest: async () => {
    const person = await world.person()
    const target = await privacyRequestOf(world, person)
    return {
      api: person.api,
      input: { privacyRequestId: target },
      events: () => [
        { action: 'privacy-request.withdrawn', ...as(person), target, details: { kind: 'rectification' } },
      ],
    }
  },
  extendPrivacyRequest: () => answered('privacy-request.extended', { reason: 'Much to look at.' }),
  resolvePrivacyRequest: () => answered('privacy-request.done', { note: 'Corrected.' }),
  // Events of whoever blocks: the other person finds none of them.
  blockUser: () => keptAway('user.blocked'),
  unblockUser: () => keptAway('user.unblocked', 'blockUser'),
  muteUser: () => keptAway('user.muted'),
  unmuteUser: () => keptAway('user.unmuted', 'muteUser'),
  // Without to whom, and without a word of what was written.
  startConversation: async () => {
    const [person, other] = [await world.person(), await world.person()]
    return {
      api: person.api,
      input: { userIds: [other.globalId], body: 'Hello.' },
      select: 'conversation { id }',
      events: ({ conversation }) => [
        { action: 'conversation.started', ...as(person), target: conversation!.id },
      ],
    }
  },
  editMessage: () => ofMessage('message.edited', { body: 'Better.' }),
  deleteMessage: () => ofMessage('message.deleted'),
  acceptConversation: () => ofRequest('conversation.accepted'),
  declineConversation: () => ofRequest('conversation.declined'),
  leaveConversation: () => ofRequest('conversation.left'),
  addConversationParticipant: async () => {
    const [person, other] = [await world.person(), await world.person()]
    const target = (await writeTo(person, [await world.person()], { title: 'Engine' })).conversationId
    return {
      api: person.api,
      input: { conversationId: target, userId: other.globalId },
      events: () => [{ action: 'conversation.participant-added', ...as(person), target }],
    }
  },
  removeConversationParticipant: async () => {
    const [person, other] = [await world.person(), await world.person()]
    const target = (await writeTo(person, [other], { title: 'Engine' })).conversationId
    return {
      api: person.api,
      input: { conversationId: target, userId: other.globalId },
      events: () => [{ action: 'conversation.participant-removed', ...as(person), target }],
    }
  },
  renameConversation: async () => {
    const person = await world.person()
    const target = (await writeTo(person, [await world.person()], { title: 'Engine' })).conversationId
    return {
      api: person.api,
      input: { conversationId: target, title: 'Analytical Engine' },
      events: () => [{ action: 'conversation.renamed', ...as(person), target }],
    }
  },
  refusePrivacyRequest: () => answered('privacy-request.refused', { reason: 'It is right.' }),
  // An event of whoever has written it: the person whom it is about does not find it.
  openTicket: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { subject: 'My invoice', body: 'It is wrong.' },
      select: 'ticket { id }',
      events: ({ ticket }) => [
        { action: 'ticket.opened', ...as(person), subjectId: person.id, target: ticket!.id },
      ],
    }
  },
  replyToTicket: async () => {
    const person = await world.person()
    const target = await ticketOf(world, person)
    return {
      api: person.api,
      input: { ticketId: target, body: 'Still.' },
      events: () => [{ action: 'ticket.replied', ...as(person), subjectId: person.id, target }],
    }
  },
  solveTicket: async () => {
    const person = await world.person()
    const target = await ticketOf(world, person)
    return {
      api: person.api,
      input: { ticketId: target },
      events: () => [stands(person, person, target, 'solved')],
    }
  },
  openTicketFor: async () => {
    const [agent, person] = [await world.person({ role: 'manager' }), await world.person()]
    return {
      api: agent.api,
      input: { userId: person.globalId, subject: 'Your call', body: 'You have called.' },
      select: 'ticket { id }',
      events: ({ ticket }) => [
        { action: 'ticket.opened', ...as(agent), subjectId: person.id, target: ticket!.id },
      ],
    }
  },
  answerTicket: async () =>
    ofTicket({ body: 'Try this.' }, ({ agent, person, target }) => [
      { action: 'ticket.answered', ...as(agent), subjectId: person.id, target },
      stands(agent, person, target, 'pending'),
    ]),
  addTicketNote: async () => {
    const { api, input, agent, person } = await ofTicket({ body: 'Has called.' }, () => [])
    return {
      api,
      input,
      select: 'note { id }',
      events: ({ note }) => [
        {
          action: 'ticket-note.added',
          ...as(agent),
          target: note!.id,
          details: { about: person.globalId },
        },
      ],
    }
  },
  updateTicket: async () =>
    ofTicket({ status: 'ON_HOLD', priority: 'HIGH', tags: ['Invoice'] }, ({ agent, person, target }) => [
      {
        action: 'ticket-handling.changed',
        ...as(agent),
        target,
        details: { about: person.globalId, fields: ['priority', 'tags'] },
      },
      stands(agent, person, target, 'on-hold'),
    ]),
  claimTicket: async () =>
    ofTicket({}, ({ agent, person, target }) => [
      {
        action: 'ticket-handling.changed',
        ...as(agent),
        target,
        details: { about: person.globalId, fields: ['assignee'] },
      },
    ]),
  mergeTickets: async () => {
    const { api, input, agent, person } = await ofTicket({}, () => [])
    const into = await ticketOf(world, person)
    await noteIn(world, into, agent)
    const target = input.ticketId
    return {
      api,
      input: { ...input, intoTicketId: into },
      events: () => [
        { action: 'ticket.merged', ...as(agent), subjectId: person.id, target, details: { into } },
        stands(agent, person, target, 'closed'),
      ],
    }
  },
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
  addEmail: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { email: newAddress() },
      select: 'challenge { id }',
      events: ({ challenge }) => [
        { action: 'email.addition-requested', ...as(person), target: challenge!.id },
      ],
    }
  },
  confirmEmail: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: await pendingEmail(world, person),
      select: 'user { emails { id } }',
      events: ({ user }) => [
        {
          action: 'email.added',
          ...as(person),
          target: (user as unknown as { emails: { id: string }[] }).emails[1]!.id,
        },
      ],
    }
  },
  makeEmailPrimary: async () => {
    const person = await world.person({ password: PASSWORD })
    const other = await ownSession(person)
    const emailId = await secondEmailOf(world, person)
    return {
      api: person.api,
      input: { emailId },
      events: () => [
        { action: 'email.made-primary', ...as(person), target: person.globalId },
        {
          action: 'session.ended',
          ...as(person),
          target: other.id,
          details: { reason: 'email-changed' },
        },
      ],
    }
  },
  removeEmail: async () => {
    const person = await world.person()
    const emailId = await secondEmailOf(world, person)
    return {
      api: person.api,
      input: { emailId },
      events: () => [{ action: 'email.removed', ...as(person), target: emailId }],
    }
  },
  addPhone: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { number: newNumber() },
      select: 'challenge { id }',
      events: ({ challenge }) => [
        { action: 'phone.verification-requested', ...as(person), target: challenge!.id },
      ],
    }
  },
  confirmPhone: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: await pendingPhone(world, person),
      select: 'user { phones { id } }',
      events: ({ user }) => [
        {
          action: 'phone.added',
          ...as(person),
          target: (user as unknown as { phones: { id: string }[] }).phones[0]!.id,
        },
      ],
    }
  },
  makePhonePrimary: async () => {
    const person = await world.person()
    await phoneOf(world, person)
    const phoneId = await phoneOf(world, person)
    return {
      api: person.api,
      input: { phoneId },
      events: () => [{ action: 'phone.made-primary', ...as(person), target: phoneId }],
    }
  },
  removePhone: async () => {
    const person = await world.person()
    const phoneId = await phoneOf(world, person)
    return {
      api: person.api,
      input: { phoneId },
      events: () => [{ action: 'phone.removed', ...as(person), target: phoneId }],
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
  setNotificationSettings: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { settings: [{ topic: 'REPLIES', channel: 'EMAIL', isOn: false }] },
      events: () => [
        {
          action: 'preferences.updated',
          ...as(person),
          target: person.globalId,
          details: { keys: ['notifications.replies'], isOnDevice: false },
        },
      ],
    }
  },
  setAttributes: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { attributes: [{ key: 'pronouns', value: 'she/her' }] },
      events: () => [
        {
          action: 'attributes.updated',
          ...as(person),
          target: person.globalId,
          details: { keys: ['pronouns'] },
        },
      ],
    }
  },
  setProfileVisibility: async () => {
    const person = await world.person()
    return {
      api: person.api,
      input: { bio: 'MEMBERS', attributes: [{ key: 'pronouns', audience: 'ONLY_ME' }] },
      events: () => [
        {
          action: 'profile.visibility-changed',
          ...as(person),
          target: person.globalId,
          details: { fields: ['bio', 'pronouns'] },
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
          details: { keys: ['theme', 'pageSize'], isOnDevice: false },
        },
      ],
    }
  },
  resetPreferences: async () => {
    const person = await world.person()
    await setPreference(world, person, { deviceId: 'phone' })
    return {
      api: person.api,
      input: { preferences: { all: true }, on: 'DEVICE' },
      events: () => [
        {
          action: 'preferences.reset',
          ...as(person),
          target: person.globalId,
          details: { keys: ['pageSize'], isOnDevice: true },
        },
      ],
    }
  },
  restorePreference: async () => {
    const person = await world.person()
    const changeId = await setPreference(world, person)
    return {
      api: person.api,
      input: { changeId },
      events: () => [
        {
          action: 'preferences.restored',
          ...as(person),
          target: person.globalId,
          details: { keys: ['pageSize'], isOnDevice: false },
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
  requestDataExport: async () => {
    const person = await world.person()
    return {
      api: person.api,
      select: 'dataExport { id }',
      events: async ({ dataExport }) => [
        await undertaken(person, 'received', 'export'),
        await undertaken(person, 'begun', 'export'),
        { action: 'data-export.requested', ...as(person), target: dataExport!.id },
      ],
    }
  },
  createDataExportLink: async () => {
    const person = await world.person()
    const dataExportId = await dataExportOf(world, person)
    return {
      api: person.api,
      input: { dataExportId },
      events: () => [{ action: 'data-export.link-created', ...as(person), target: dataExportId }],
    }
  },
  requestErasure: async () => {
    const person = await world.person()
    return {
      api: person.api,
      select: 'erasure { id erasesAt }',
      events: async ({ erasure }) => [
        await undertaken(person, 'received', 'erasure'),
        await undertaken(person, 'begun', 'erasure'),
        {
          action: 'erasure.requested',
          ...as(person),
          target: erasure!.id,
          details: { erasesAt: (erasure as unknown as { erasesAt: string }).erasesAt },
        },
      ],
    }
  },
  cancelErasure: async () => {
    const person = await world.person()
    const target = await erasureOf(world, person)
    return {
      api: person.api,
      events: async () => [
        await undertaken(person, 'withdrawn', 'erasure'),
        { action: 'erasure.cancelled', ...as(person), target },
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
  schedulePost: async () => {
    const { globalId: target, author } = await world.post({ publish: false })
    const publishAt = later(world.clock.now(), HOUR).toISOString()
    return {
      api: author.api,
      input: { postId: target, publishAt },
      events: () => [{ action: 'post.scheduled', ...as(author), target, details: { publishAt } }],
    }
  },
  unschedulePost: async () => {
    const { globalId: target, author } = await world.scheduledPost()
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'post.unscheduled', ...as(author), target }],
    }
  },
  archivePost: async () => {
    const { globalId: target, author } = await world.post()
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'post.archived', ...as(author), target }],
    }
  },
  unarchivePost: async () => {
    const { globalId: target, author } = await world.post({ status: PostStatus.ARCHIVED })
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'post.unarchived', ...as(author), target }],
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
  addComment: async () => {
    const [post, author] = [await world.post(), await world.person()]
    return {
      api: author.api,
      input: { postId: post.globalId, body: 'Words.' },
      select: 'comment { id }',
      events: ({ comment }) => [
        {
          action: 'comment.added',
          ...as(author),
          target: comment!.id,
          details: { postId: post.globalId },
        },
      ],
    }
  },
  editComment: async () => {
    const author = await world.person()
    const target = await commentOn(world, await world.post(), author)
    return {
      api: author.api,
      input: { commentId: target, body: 'Other words.' },
      events: () => [{ action: 'comment.edited', ...as(author), target }],
    }
  },
  deleteComment: async () => {
    const author = await world.person()
    const target = await commentOn(world, await world.post(), author)
    return {
      api: author.api,
      input: { commentId: target },
      events: () => [{ action: 'comment.deleted', ...as(author), target }],
    }
  },
  closeThread: async () => {
    const { globalId: target, author } = await world.post()
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'thread.closed', ...as(author), target }],
    }
  },
  reopenThread: async () => {
    const post = await world.post()
    const { globalId: target, author } = post
    await new CommentService(await world.asViewer(author)).close(post.id)
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'thread.reopened', ...as(author), target }],
    }
  },
  reportContent: async () => {
    const [{ globalId: target }, person] = [await world.post(), await world.person()]
    return {
      api: person.api,
      input: { subjectId: target, reason: 'SPAM' },
      events: () => [{ action: 'content.reported', ...as(person), target, details: { reason: 'spam' } }],
    }
  },
  createContentFilter: async () => {
    const admin = await world.person({ role: 'admin' })
    const name = unique('Filter ')
    return {
      api: admin.api,
      input: { name, covers: ['POST'], action: 'HOLD', terms: { words: { words: [uniqueWord()] } } },
      select: 'contentFilter { id }',
      events: ({ contentFilter: made }) => [
        {
          action: 'content-filter.created',
          ...as(admin),
          target: made!.id,
          details: { name, action: 'hold', isEnabled: false },
        },
      ],
    }
  },
  updateContentFilter: async () => {
    const admin = await world.person({ role: 'admin' })
    const target = await contentFilter(world, { words: [uniqueWord()], isEnabled: false })
    const name = unique('Filter ')
    return {
      api: admin.api,
      input: { contentFilterId: target, name, terms: { words: { words: [uniqueWord()] } } },
      events: () => [
        {
          action: 'content-filter.updated',
          ...as(admin),
          target,
          details: { name, fields: ['name', 'terms'], action: 'refuse', isEnabled: false },
        },
      ],
    }
  },
  deleteContentFilter: async () => {
    const admin = await world.person({ role: 'admin' })
    const name = unique('Filter ')
    const target = await contentFilter(world, { words: [uniqueWord()], name, isEnabled: false })
    return {
      api: admin.api,
      input: { contentFilterId: target },
      events: () => [{ action: 'content-filter.deleted', ...as(admin), target, details: { name } }],
    }
  },
  testContentFilter: async () => {
    const admin = await world.person({ role: 'admin' })
    await world.post()
    const target = await contentFilter(world, {
      words: [uniqueWord()],
      covers: [FilteredKind.POST],
      isEnabled: false,
    })
    return {
      api: admin.api,
      input: { filter: { contentFilterId: target }, newest: 1 },
      events: () => [
        {
          action: 'content-filter.tested',
          ...as(admin),
          target,
          details: { kind: 'words', checked: 1, matched: 0 },
        },
      ],
    }
  },
  claimModerationCase: () => moderated('claimed', {}),
  releaseModerationCase: () => moderated('released', {}),
  resolveModerationCase: () => moderated('dismissed', { action: 'DISMISS' }),
  moderateContent: async () => {
    const [admin, { globalId, author }] = [await world.person({ role: 'admin' }), await world.post()]
    return {
      api: admin.api,
      input: {
        subjectId: globalId,
        action: 'REMOVE',
        rule: 'No advertising.',
        messageToAuthor: 'It sells shoes.',
      },
      events: async () => [
        { action: 'post.removed', ...as(admin), subjectId: author.id, target: globalId },
        {
          action: 'moderation-decision.made',
          ...as(admin),
          subjectId: author.id,
          target: await decisionAgainst(author),
          details: { action: 'remove' },
        },
      ],
    }
  },
  reverseModerationAction: async () => {
    const [admin, { globalId, author }] = [await world.person({ role: 'admin' }), await world.post()]
    const { decisionId: target } = await decisionAbout(world, globalId)
    return {
      api: admin.api,
      input: { decisionId: target },
      events: () => [{ action: 'moderation-decision.reversed', ...as(admin), subjectId: author.id, target }],
    }
  },
  appealModerationDecision: async () => {
    const { globalId, author } = await world.post()
    const { decisionId } = await decisionAbout(world, globalId)
    return {
      api: author.api,
      input: { decisionId, text: 'It was a joke.' },
      select: 'appeal { id }',
      events: ({ appeal }) => [{ action: 'appeal.made', ...as(author), target: appeal!.id }],
    }
  },
  appealByMail: async () => {
    const post = await world.post()
    const token = await appealTokenOf(world, post)
    return {
      api: world.anonymous,
      input: { token, text: 'It was a joke.' },
      select: 'userErrors { code }',
      events: async () => {
        const decisionId = idInMailedToken(token)!
        const [appeal] = await world.db.query<{ id: Id }>('SELECT id FROM appeals WHERE decision_id = $1', [
          decisionId,
        ])
        return [{ action: 'appeal.made', actorId: post.author.id, target: toGlobalId('appeal', appeal!.id) }]
      },
    }
  },
  decideAppeal: async () => {
    const [admin, { globalId, author }] = [await world.person({ role: 'admin' }), await world.post()]
    const { decisionId } = await decisionAbout(world, globalId)
    const target = await appealOf(world, author, decisionId)
    return {
      api: admin.api,
      input: { appealId: target, uphold: true, note: 'It was none.' },
      events: () => [
        {
          action: 'appeal.decided',
          ...as(admin),
          subjectId: author.id,
          target,
          details: { status: 'upheld' },
        },
      ],
    }
  },
  addReaction: async () => {
    const [{ globalId: target }, person] = [await world.post(), await world.person()]
    return {
      api: person.api,
      input: { subjectId: target, kind: 'like' },
      events: () => [{ action: 'reaction.added', ...as(person), target }],
    }
  },
  removeReaction: async () => {
    const person = await world.person()
    const target = await commentOn(world, await world.post(), person)
    await reactionTo(world, target, person)
    return {
      api: person.api,
      input: { subjectId: target },
      events: () => [{ action: 'reaction.removed', ...as(person), target }],
    }
  },
  restorePost: async () => {
    const { globalId: target, author } = await world.post({ isTrashed: true })
    return {
      api: author.api,
      input: { postId: target },
      events: () => [{ action: 'post.restored', ...as(author), target }],
    }
  },
  restorePostRevision: async () => {
    const { globalId: target, author } = await world.editedPost()
    return {
      api: author.api,
      input: { postId: target, number: 1 },
      events: () => [
        {
          action: 'post.revision-restored',
          ...as(author),
          target,
          details: { number: 1, fields: ['body'] },
        },
      ],
    }
  },
  purgePost: async () => {
    const { globalId: target, author } = await world.post({ isTrashed: true })
    const admin = await world.person({ role: 'admin' })
    return {
      api: admin.api,
      input: { postId: target },
      events: () => [{ action: 'post.purged', ...as(admin), subjectId: author.id, target }],
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
  setGroupPreferences: async () => {
    const admin = await world.person({ role: 'admin' })
    const groupId = await world.group()
    const [group, target] = [await nameOfGroup(groupId), toGlobalId('group', groupId)]
    return {
      api: admin.api,
      input: { groupId: target, preferences: [{ key: 'theme', value: 'dark' }] },
      events: () => [
        { action: 'group.preferences-updated', ...as(admin), target, details: { group, keys: ['theme'] } },
      ],
    }
  },
  resetGroupPreferences: async () => {
    const admin = await world.person({ role: 'admin' })
    const groupId = await world.group()
    const preferences = [{ key: 'theme', value: 'dark' }]
    await new GroupPreferenceService(await world.asViewer(admin)).set({ groupId, preferences })
    const [group, target] = [await nameOfGroup(groupId), toGlobalId('group', groupId)]
    return {
      api: admin.api,
      input: { groupId: target, preferences: { keys: ['theme'] } },
      events: () => [
        { action: 'group.preferences-reset', ...as(admin), target, details: { group, keys: ['theme'] } },
      ],
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
  createAnnouncement: async () => {
    const admin = await world.person({ role: 'admin' })
    const sendAt = later(world.clock.now(), HOUR).toISOString()
    return {
      api: admin.api,
      input: { ...announced(), sendAt },
      select: 'announcement { id }',
      events: ({ announcement }) => [
        {
          action: 'announcement.created',
          ...as(admin),
          target: announcement!.id,
          details: { sendAt, isForEverybody: true },
        },
      ],
    }
  },
  cancelAnnouncement: async () => {
    const admin = await world.person({ role: 'admin' })
    const target = await announcementBy(world, admin)
    return {
      api: admin.api,
      input: { announcementId: target },
      events: () => [
        {
          action: 'announcement.cancelled',
          ...as(admin),
          subject: admin.globalId,
          target,
          details: { served: 0, told: 0 },
        },
      ],
    }
  },
  createWebhookEndpoint: async () => {
    const admin = await world.person({ role: 'admin' })
    return {
      api: admin.api,
      input: { url: 'https://example.com/hooks?key=1', description: '', events: ['account.erased'] },
      select: 'webhookEndpoint { id }',
      events: ({ webhookEndpoint }) => [
        {
          action: 'webhook-endpoint.created',
          ...as(admin),
          target: webhookEndpoint!.id,
          details: { host: 'example.com', events: ['account.erased'] },
        },
      ],
    }
  },
  updateWebhookEndpoint: async () =>
    ofEndpoint('updated', { isEnabled: false, url: 'https://example.com/hooks' }, { fields: ['isEnabled'] }),
  deleteWebhookEndpoint: async () => ofEndpoint('deleted'),
  rotateWebhookSecret: async () => ofEndpoint('secret-rotated'),
  sendTestWebhook: async () => ofEndpoint('tested'),
  replayWebhookDelivery: async () => {
    const { id, by } = await quietEndpoint(world)
    const target = await deliveryTo(world, id, by)
    return {
      api: by.api,
      input: { webhookDeliveryId: target },
      events: () => [{ action: 'webhook-delivery.replayed', ...as(by), target }],
    }
  },
  replayDelivery: async () => {
    const [by, person] = [await world.person({ role: 'admin' }), await world.person()]
    const target = await deadLetterTo(world, person)
    return {
      api: by.api,
      input: { deliveryId: target },
      events: () => [{ action: 'delivery.replayed', ...as(by), subjectId: person.id, target }],
    }
  },
  replayDeliveries: async () => {
    const by = await world.person({ role: 'admin' })
    const since = later(world.clock.now(), -HOUR).toISOString()
    return {
      api: by.api,
      input: { channel: 'SMS', since },
      events: () => [
        { action: 'deliveries.replayed', ...as(by), details: { channel: 'sms', since, count: 0 } },
      ],
    }
  },
  replayWebhookDeliveries: async () => {
    const { id: target, by } = await quietEndpoint(world)
    const since = later(world.clock.now(), -HOUR).toISOString()
    return {
      api: by.api,
      input: { webhookEndpointId: target, since },
      events: () => [{ action: 'webhook-deliveries.replayed', ...as(by), target, details: { since } }],
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
  return events.map((event, index) => ({
    ...event,
    details: details[index] as Record<string, unknown>,
    clear: event.details,
  }))
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
