import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql'
import { randomUUID } from 'node:crypto'
import { HOUR, DAY, later } from '../../src/core/clock'
import { idOf, toGlobalId } from '../../src/core/id'
import { declareSchema } from '../../src/graphql/schema'
import { startReauthentication } from '../../src/modules/authentication/reauthenticate'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { Challenge } from '../../src/modules/challenge/challenge.entity'
import { ChallengeService } from '../../src/modules/challenge/challenge.service'
import { startPasskeyRegistration, startTotp } from '../../src/modules/factor/enrolment'
import { FactorService } from '../../src/modules/factor/factor.service'
import { idInMailedToken } from '../../src/modules/mail/mailed-token'
import { PasskeyService } from '../../src/modules/passkey/passkey.service'
import { NotificationService } from '../../src/modules/notification/notification.service'
import { setThreadMuted } from '../../src/modules/notifier/mute-thread'
import { PostStatus } from '../../src/modules/post/post-status'
import { GroupPreferenceService } from '../../src/modules/preference/group-preference.service'
import { RoleService } from '../../src/modules/role/role.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { viewOf } from '../support/activity'
import { avatarOf } from '../support/avatars'
import { storedAccessToken } from '../support/access-token'
import { applicant, beginSignUp, codeSentTo, passwordResetOf } from '../support/account'
import { bulkJobOf, invited, newcomer, noteAbout, unverifiedEmail } from '../support/administration'
import type { ApiResponse } from '../support/api-client'
import { readableTables } from '../support/database-bytes'
import { newNumber, onlyPhoneOf, pendingPhone, secondPhoneOf } from '../support/phones'
import {
  beginEmailChange,
  changeEmailOf,
  disownTokenOf,
  newAddress,
  onlySecondEmailOf,
  pendingEmail,
} from '../support/recovery'
import { claimsOf, journeyOf, linkedIdentity, OWN_PAGE, withProvider } from '../support/known-provider'
import { ModerationCaseService } from '../../src/modules/moderation-case/moderation-case.service'
import { contentFilter, uniqueWord } from '../support/content-filter'
import { appealTokenOf, appealOf, caseAbout, decisionAbout } from '../support/moderation'
import { legalHoldOn, privacyRequestOf, restricted } from '../support/privacy'
import { notificationOf } from '../support/notifications'
import { setPreference } from '../support/preferences'
import { newAuthenticator, storedPasskey, totpCode } from '../support/second-factor'
import { dataExportOf } from '../support/privacy'
import { commentOn, reactionTo } from '../support/content'
import { blockBy, conversationOf, writeTo } from '../support/messages'
import { ticketOf } from '../support/tickets'
import { deadLetterTo } from '../support/deliveries'
import { announced, announcementBy } from '../support/announcements'
import { deliveryTo, quietEndpoint } from '../support/webhooks'
import { unique, useWorld, type Person } from '../support/world'

/*
 * Every field of every mutation's input, as the schema has them, is given everything that can be wrong with it. Each
 * time the client has to be told, and nothing may have changed. In the end the input without the mistake is accepted:
 * so it was the mistake that was refused.
 */

const world = useWorld()

const PASSWORD = 'vexing quartz harbour'

const notified = async (person: Person) => notificationOf(world, person, await world.post({ author: person }))

const role = async (admin: Person) =>
  toGlobalId(
    'role',
    (
      await new RoleService(await world.asViewer(admin)).create({
        name: unique('Role '),
        description: 'Made for a test.',
        permissions: ['posts:moderate'],
        requiresReason: false,
      })
    ).id,
  )

const userRole = async () => {
  const [row] = await world.db.query<{ id: string }>(`SELECT id FROM roles WHERE name = 'manager'`)
  return toGlobalId('role', row!.id)
}

const ofSomebody = async () => ({ privacyRequestId: await privacyRequestOf(world, await world.person()) })
const oneOf = async (person: Promise<{ globalId: string }>) => ({ userIds: [(await person).globalId] })

/** An input for each mutation that leaves nothing out and is accepted; null for those that take none. */
const GOOD_INPUT: Record<string, ((admin: Person) => Promise<Record<string, unknown>>) | null> = {
  signUp: async () => ({ ...applicant(), displayName: 'New here', locale: 'en' }),
  completeSignUp: async () => {
    const input = applicant()
    const challengeId = await beginSignUp(world, input)
    const consents = [{ purposeId: 'newsletter', version: '1' }]
    const code = codeSentTo(world, input.email)
    return { challengeId, code, transport: 'BEARER', deviceName: 'Phone', consents }
  },
  signIn: async () => ({
    login: (await world.person({ password: PASSWORD })).email,
    password: PASSWORD,
    transport: 'BEARER',
    deviceName: 'Phone',
  }),
  completeSignIn: async () => {
    const { username, email } = await world.person()
    await world.anonymous.data(
      `mutation { requestSignInLink(input: { login: "${username}" }) { challenge { id } } }`,
    )
    const { link } = world.portico.mailbox!.read(email)[0]!
    const { id } = await world.db.repo(Challenge).findOneByOrFail({ kind: ChallengeKind.SIGN_IN_LINK })
    return {
      method: 'EMAIL_LINK',
      token: link!.split('#token=')[1],
      challengeId: toGlobalId('challenge', id),
      code: world.portico.mailbox!.read(email)[0]!.code,
      password: PASSWORD,
      passkey: {},
      verifier: 'not asked for',
      transport: 'BEARER',
      deviceName: 'Phone',
    }
  },
  requestSignInLink: async () => ({ login: (await world.person()).email }),
  startPasskeySignIn: null,
  startProviderSignIn: async () => ({ providerId: withProvider(world), redirectUrl: OWN_PAGE }),
  startProviderLink: async () => ({ providerId: withProvider(world), redirectUrl: OWN_PAGE }),
  linkIdentity: async ({ id, email }) => journeyOf(world, claimsOf({ email }), id),
  unlinkIdentity: async ({ id }) => ({ identityId: await linkedIdentity(world, id) }),
  sendCode: async () => {
    const { challenge } = await new ChallengeService(world.db).begin({
      kind: ChallengeKind.SIGN_IN,
      subjectId: (await world.person()).id,
      methods: [AuthenticationMethod.EMAIL_CODE],
      proven: [AuthenticationMethod.PASSWORD],
    })
    return { challengeId: toGlobalId('challenge', challenge.id) }
  },
  signOut: null,
  rotateSession: null,
  startReauthentication: null,
  startTotp: null,
  confirmTotp: async (admin) => {
    const { challenge, enrolment } = await startTotp(await world.asViewer(admin))
    return { challengeId: toGlobalId('challenge', challenge.id), code: totpCode(world, enrolment.key) }
  },
  removeTotp: async ({ id }) => {
    await new FactorService(world.db).put(id, AuthenticationMethod.TOTP, null, null)
    return { newPassword: `${unique()} harbour lantern` }
  },
  addEmailCode: null,
  removeEmailCode: async ({ id }) => {
    await new FactorService(world.db).put(id, AuthenticationMethod.EMAIL_CODE, null, null)
    return { newPassword: `${unique()} harbour lantern` }
  },
  startPasskeyRegistration: null,
  registerPasskey: async (admin) => {
    const { id } = await startPasskeyRegistration(await world.asViewer(admin))
    const owner = { ...admin, displayName: 'Somebody' }
    const options = await new PasskeyService(world.db).creationOptions(id, owner)
    return {
      challengeId: toGlobalId('challenge', id),
      passkey: newAuthenticator().create(options),
      name: 'Phone',
    }
  },
  createAccessToken: async () => ({
    name: 'Backup',
    scopes: ['users:read'],
    expiresAt: new Date(world.clock.now().getTime() + HOUR).toISOString(),
  }),
  revokeAccessToken: async ({ id }) => ({
    accessTokenId: toGlobalId('access_token', (await storedAccessToken(world, id)).id),
  }),
  issueServiceToken: async () => ({ audience: 'https://orders.example' }),
  renamePasskey: async ({ id }) => ({ passkeyId: await storedPasskey(world, id), name: 'Laptop' }),
  removePasskey: async ({ id }) => ({
    passkeyId: await storedPasskey(world, id),
    newPassword: `${unique()} harbour lantern`,
  }),
  replaceRecoveryCodes: null,
  requestDataExport: null,
  createDataExportLink: async (admin) => ({ dataExportId: await dataExportOf(world, admin) }),
  requestErasure: null,
  cancelErasure: null,
  reauthenticate: async (admin) => {
    const { id } = await startReauthentication(await world.asViewer(admin))
    return {
      method: 'PASSWORD',
      password: PASSWORD,
      code: '123456',
      passkey: {},
      challengeId: toGlobalId('challenge', id),
    }
  },
  changePassword: async () => ({ currentPassword: PASSWORD, newPassword: `${unique()} harbour lantern` }),
  changeUsername: async () => ({ username: unique('n'), expectedVersion: 1 }),
  deactivateAccount: null,
  removeAvatar: null,
  trackActivity: async () => ({
    events: [viewOf(world, '/home', { definitionVersion: 1, properties: { title: 'Home' } })],
    anonymousId: randomUUID(),
    consentedPurposeIds: ['newsletter'],
  }),
  checkPassword: async () => ({
    password: PASSWORD,
    username: 'ada',
    email: 'ada@example.com',
    displayName: 'Ada',
  }),
  requirePasswordReset: async () => ({
    userId: (await world.person({ password: PASSWORD })).globalId,
    reason: 'Found on a list',
  }),
  suspendUser: async () => ({
    userId: (await world.person()).globalId,
    reason: 'Spam',
    until: new Date(world.clock.now().getTime() + HOUR).toISOString(),
  }),
  reinstateUser: async () => {
    const person = await world.person()
    await world.suspend(person)
    return { userId: person.globalId }
  },
  createUser: async (admin) => newcomer({ roleIds: [await role(admin)] }),
  resendInvitation: async () => ({ userId: (await invited(world)).globalId }),
  removeUserAvatar: async () => {
    const person = await world.person()
    await avatarOf(world, person)
    return { userId: person.globalId, reason: 'It shows somebody else.' }
  },
  updateUser: async () => ({
    userId: (await world.person()).globalId,
    displayName: 'Renamed',
    bio: 'Rewritten.',
    locale: 'de',
    timeZone: 'Europe/Berlin',
    username: unique('u'),
    expectedVersion: 1,
  }),
  endUserSessions: async () => ({ userId: (await world.person()).globalId, reason: 'Lost phone' }),
  verifyEmail: async () => ({ emailId: await unverifiedEmail(world, await world.person()) }),
  suspendUsers: async () => ({
    people: await oneOf(world.person()),
    reason: 'Spam',
    until: new Date(world.clock.now().getTime() + HOUR).toISOString(),
  }),
  reinstateUsers: async () => ({ people: await oneOf(world.person()) }),
  requirePasswordResets: async () => ({ people: await oneOf(world.person()), reason: 'Found on a list' }),
  endSessionsOfUsers: async () => ({
    people: { filter: { search: unique('nobody'), email: newAddress() } },
    reason: 'Lost phone',
  }),
  resendInvitations: async () => ({ people: await oneOf(invited(world)) }),
  grantRoleToUsers: async () => ({
    people: await oneOf(world.person()),
    roleId: await userRole(),
    groupId: toGlobalId('group', await world.group()),
    reason: 'Cover.',
    expiresAt: new Date(world.clock.now().getTime() + HOUR).toISOString(),
  }),
  revokeRoleFromUsers: async () => ({
    people: await oneOf(world.person()),
    roleId: await userRole(),
    groupId: toGlobalId('group', await world.group()),
    reason: 'Left.',
  }),
  addGroupMembers: async () => ({
    people: await oneOf(world.person()),
    groupId: toGlobalId('group', await world.group()),
  }),
  removeGroupMembers: async () => ({
    people: await oneOf(world.person()),
    groupId: toGlobalId('group', await world.group()),
  }),
  cancelBulkJob: async (admin) => ({ bulkJobId: await bulkJobOf(world, admin) }),
  addStaffNote: async () => ({ userId: (await world.person()).globalId, body: 'Called twice.' }),
  updateStaffNote: async (admin) => ({
    staffNoteId: await noteAbout(world, await world.person(), admin),
    body: 'Called three times.',
    expectedVersion: 1,
  }),
  deleteStaffNote: async () => ({ staffNoteId: await noteAbout(world, await world.person()) }),
  blockUser: async () => ({ userId: (await world.person()).globalId }),
  unblockUser: async (admin) => ({ userId: (await blockBy(admin, await world.person())).globalId }),
  muteUser: async () => ({ userId: (await world.person()).globalId, until: '2099-01-01T00:00:00Z' }),
  unmuteUser: async (admin) => {
    const { globalId: userId } = await world.person()
    await admin.api.data('mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }', {
      id: userId,
    })
    return { userId }
  },
  startConversation: async () => ({
    userIds: [(await world.person()).globalId],
    title: 'Engine',
    body: 'Hello.',
    clientId: unique('client'),
  }),
  sendMessage: async (admin) => {
    const { conversationId, messageId } = await conversationOf(await world.person(), [admin])
    return { conversationId, body: 'Hello.', replyToId: messageId, clientId: unique('client') }
  },
  editMessage: async (admin) => ({
    messageId: await sentBy(admin),
    body: unique('Body '),
    expectedVersion: 1,
  }),
  deleteMessage: async (admin) => ({ messageId: await sentBy(admin) }),
  acceptConversation: async (admin) => requestTo(admin),
  declineConversation: async (admin) => requestTo(admin),
  markConversationRead: async (admin) => ({ ...(await requestTo(admin)), number: 1 }),
  muteConversation: async (admin) => ({ ...(await requestTo(admin)), until: '2099-01-01T00:00:00Z' }),
  leaveConversation: async (admin) => requestTo(admin),
  addConversationParticipant: async (admin) => ({
    conversationId: (await writeTo(admin, [await world.person()], { title: 'Engine' })).conversationId,
    userId: (await world.person()).globalId,
  }),
  removeConversationParticipant: async (admin) => {
    const friend = await world.person()
    const { conversationId } = await conversationOf(admin, [friend], { title: 'Engine' })
    return { conversationId, userId: friend.globalId }
  },
  renameConversation: async (admin) => ({
    conversationId: (await writeTo(admin, [await world.person()], { title: 'Engine' })).conversationId,
    title: 'Analytical Engine',
  }),
  placeLegalHold: async () => ({
    userId: (await world.person()).globalId,
    reason: 'A lawsuit.',
    caseReference: '7 O 12/26',
  }),
  releaseLegalHold: async () => ({ legalHoldId: await legalHoldOn(world, await world.person()) }),
  giveConsent: async () => ({ purposeId: 'newsletter', version: '1', locale: 'en', source: 'WEB' }),
  withdrawConsent: async () => ({ purposeId: 'newsletter', source: 'APP' }),
  objectToProcessing: async () => ({ message: 'Not for statistics.', purposeId: 'analytics' }),
  restrictProcessing: async () => ({ ...(await ofSomebody()), message: 'It is disputed.' }),
  liftRestriction: async () => {
    const person = await world.person()
    await restricted(world, person)
    return { privacyRequestId: await privacyRequestOf(world, person) }
  },
  requestRectification: async () => ({ message: 'My name is spelled wrong.' }),
  extendPrivacyRequest: async () => ({
    ...(await ofSomebody()),
    reason: 'Much to look at.',
    expectedVersion: 1,
  }),
  resolvePrivacyRequest: async () => ({ ...(await ofSomebody()), note: 'Corrected.', expectedVersion: 1 }),
  refusePrivacyRequest: async () => ({ ...(await ofSomebody()), reason: 'It is right.', expectedVersion: 1 }),
  withdrawPrivacyRequest: async (admin) => ({ privacyRequestId: await privacyRequestOf(world, admin) }),
  changeEmail: async () => ({ email: newAddress() }),
  addEmail: async () => ({ email: newAddress() }),
  confirmEmail: async (admin) => pendingEmail(world, admin),
  makeEmailPrimary: async (admin) => ({ emailId: await onlySecondEmailOf(world, admin) }),
  removeEmail: async (admin) => ({ emailId: await onlySecondEmailOf(world, admin) }),
  addPhone: async () => ({ number: newNumber(), country: 'AT' }),
  confirmPhone: async (admin) => pendingPhone(world, admin),
  makePhonePrimary: async (admin) => ({ phoneId: await secondPhoneOf(world, admin) }),
  removePhone: async (admin) => ({ phoneId: await onlyPhoneOf(world, admin) }),
  confirmEmailChange: async () => {
    const { token, challengeId, code } = await beginEmailChange(world, await world.person())
    return { token, challengeId, code }
  },
  undoEmailChange: async () => ({ token: await changeEmailOf(world, await world.person()) }),
  disownSecurityEvent: async () => {
    const token = await disownTokenOf(world, await world.person())
    return { token, eventId: toGlobalId('event', idInMailedToken(token)!) }
  },
  requestPasswordReset: async () => ({ login: (await world.person()).email }),
  resetPassword: async () => {
    const { challengeId, code, token } = await passwordResetOf(
      world,
      await world.person({ password: PASSWORD }),
    )
    return { token, challengeId, code, newPassword: `${unique()} harbour lantern` }
  },
  revokeSession: async ({ id }) => {
    const { session } = await new SessionService(world.db).start(id, Transport.BEARER, 'Phone')
    return { sessionId: toGlobalId('session', session.id) }
  },
  revokeOtherSessions: null,
  updateProfile: async () => ({
    displayName: 'Renamed',
    bio: 'Rewritten.',
    locale: 'de',
    timeZone: 'Europe/Berlin',
    expectedVersion: 1,
  }),
  markNotificationsRead: async (person) => ({ notificationIds: [await notified(person)] }),
  markNotificationsUnread: async (person) => {
    const notificationId = await notified(person)
    await new NotificationService(await world.asViewer(person)).markAllRead(null)
    return { notificationIds: [notificationId] }
  },
  markAllNotificationsRead: async (person) => {
    await notified(person)
    return { until: '2099-01-01T00:00:00Z' }
  },
  setNotificationSettings: async () => ({ settings: [{ topic: 'REPLIES', channel: 'EMAIL', isOn: false }] }),
  muteThread: async () => ({ postId: (await world.post()).globalId }),
  unmuteThread: async (person) => {
    const { id, globalId } = await world.post()
    await setThreadMuted(await world.asViewer(person), id, true)
    return { postId: globalId }
  },
  setAttributes: async () => ({
    userId: (await world.person()).globalId,
    attributes: [{ key: 'pronouns', value: 'she/her', expectedVersion: 0 }],
  }),
  setProfileVisibility: async () => ({
    bio: 'MEMBERS',
    avatar: 'MEMBERS',
    lastSeen: 'PUBLIC',
    attributes: [{ key: 'pronouns', audience: 'ONLY_ME' }],
    expectedVersion: 1,
  }),
  setPreferences: async () => ({
    preferences: [{ key: 'theme', value: 'dark', expectedVersion: 0 }],
    deviceId: 'phone',
  }),
  resetPreferences: async (person) => {
    await setPreference(world, person, { deviceId: 'phone' })
    return { preferences: { keys: ['pageSize'] }, on: 'DEVICE', deviceId: 'phone' }
  },
  restorePreference: async (person) => ({
    changeId: await setPreference(world, person),
    expectedVersion: 1,
  }),
  setGroupPreferences: async () => ({
    groupId: toGlobalId('group', await world.group()),
    preferences: [{ key: 'theme', value: 'dark', expectedVersion: 0 }],
  }),
  resetGroupPreferences: async (admin) => {
    const groupId = await world.group()
    const preferences = [{ key: 'notifications.email', value: false }]
    await new GroupPreferenceService(await world.asViewer(admin)).set({ groupId, preferences })
    return { groupId: toGlobalId('group', groupId), preferences: { namespace: 'notifications' } }
  },
  createPost: async () => ({
    title: 'A title',
    body: 'A text.',
    tags: ['tag'],
    language: 'de-AT',
    visibility: 'MEMBERS',
    publish: true,
  }),
  updatePost: async (author) => ({
    postId: (await world.post({ author })).globalId,
    title: 'Another title',
    body: 'Another text.',
    tags: ['other'],
    language: 'de-AT',
    visibility: 'ONLY_ME',
    expectedVersion: 1,
  }),
  publishPost: async (author) => ({ postId: (await world.post({ author, publish: false })).globalId }),
  schedulePost: async (author) => ({
    postId: (await world.post({ author, publish: false })).globalId,
    publishAt: later(world.clock.now(), HOUR).toISOString(),
  }),
  unschedulePost: async (author) => ({ postId: (await world.scheduledPost({ author })).globalId }),
  archivePost: async (author) => ({ postId: (await world.post({ author })).globalId }),
  unarchivePost: async (author) => ({
    postId: (await world.post({ author, status: PostStatus.ARCHIVED })).globalId,
  }),
  deletePost: async (author) => ({ postId: (await world.post({ author })).globalId }),
  addComment: async (author) => {
    const post = await world.post()
    return { postId: post.globalId, parentId: await commentOn(world, post, author), body: 'Words.' }
  },
  editComment: async (author) => ({
    commentId: await commentOn(world, await world.post(), author),
    body: 'Other words.',
    expectedVersion: 1,
  }),
  deleteComment: async (author) => ({ commentId: await commentOn(world, await world.post(), author) }),
  closeThread: async (author) => ({ postId: (await world.post({ author })).globalId }),
  reopenThread: async (author) => ({ postId: (await world.post({ author })).globalId }),
  reportContent: async () => ({
    subjectId: (await world.post()).globalId,
    reason: 'SPAM',
    note: 'Sells shoes.',
  }),
  createContentFilter: async () => ({
    name: unique('Filter '),
    covers: ['POST'],
    action: 'HOLD',
    terms: { words: { words: [uniqueWord()], exceptions: ['Scunthorpe'], readsLeetspeak: true } },
    newcomersOnly: { youngerThanDays: 3, fewerPostsThan: 2 },
    messageToAuthor: 'Mind your words.',
    isEnabled: false,
  }),
  updateContentFilter: async () => ({
    contentFilterId: await contentFilter(world, { links: {}, isEnabled: false }),
    name: unique('Filter '),
    covers: ['POST'],
    action: 'HOLD',
    terms: { links: { deniedDomains: ['a.example'], allowedDomains: ['b.example'], tolerated: 1 } },
    newcomersOnly: { youngerThanDays: 3, fewerPostsThan: 2 },
    messageToAuthor: 'Mind your words.',
    isEnabled: false,
    expectedVersion: 1,
  }),
  deleteContentFilter: async () => ({
    contentFilterId: await contentFilter(world, { words: [uniqueWord()], isEnabled: false }),
  }),
  testContentFilter: async () => ({
    filter: {
      draft: {
        covers: ['POST'],
        terms: { rate: { limit: 1, windowSeconds: 60, sameTextOnly: true } },
        newcomersOnly: { youngerThanDays: 1 },
      },
    },
    newest: 10,
  }),
  claimModerationCase: async () => ({ caseId: await caseAbout(world, (await world.post()).globalId) }),
  releaseModerationCase: async (admin) => {
    const caseId = await caseAbout(world, (await world.post()).globalId)
    await new ModerationCaseService(await world.asViewer(admin)).claim(idOf('moderation_case', caseId)!)
    return { caseId }
  },
  resolveModerationCase: async () => ({
    caseId: await caseAbout(world, (await world.post()).globalId),
    action: 'SILENCE',
    rule: 'No advertising.',
    messageToAuthor: 'It sells shoes.',
    note: 'Seen before.',
    until: later(world.clock.now(), DAY).toISOString(),
    expectedVersion: 1,
  }),
  moderateContent: async () => ({
    subjectId: (await world.post()).globalId,
    action: 'SILENCE',
    rule: 'No advertising.',
    messageToAuthor: 'It sells shoes.',
    note: 'Seen before.',
    until: later(world.clock.now(), DAY).toISOString(),
  }),
  reverseModerationAction: async () => ({
    decisionId: (await decisionAbout(world, (await world.post()).globalId)).decisionId,
    note: 'It was a joke.',
    expectedVersion: 1,
  }),
  appealByMail: async () => ({
    token: await appealTokenOf(world, await world.post()),
    text: 'It was a joke.',
  }),
  appealModerationDecision: async (author) => ({
    decisionId: (await decisionAbout(world, (await world.post({ author })).globalId)).decisionId,
    text: 'It was a joke.',
  }),
  decideAppeal: async () => {
    const post = await world.post()
    const { decisionId } = await decisionAbout(world, post.globalId)
    return {
      appealId: await appealOf(world, post.author, decisionId),
      uphold: true,
      note: 'It was none.',
      expectedVersion: 1,
    }
  },
  addReaction: async () => ({ subjectId: (await world.post()).globalId, kind: 'like' }),
  removeReaction: async (author) => {
    const subjectId = await commentOn(world, await world.post(), author)
    await reactionTo(world, subjectId, author)
    return { subjectId }
  },
  restorePost: async (author) => ({ postId: (await world.post({ author, isTrashed: true })).globalId }),
  purgePost: async (author) => ({ postId: (await world.post({ author, isTrashed: true })).globalId }),
  restorePostRevision: async (author) => ({
    postId: (await world.editedPost({ author })).globalId,
    number: 1,
    expectedVersion: 2,
  }),
  stopImpersonation: null,
  startImpersonation: async () => ({
    userId: (await world.person()).globalId,
    reason: 'Ticket 4711',
  }),
  createGroup: async () => ({ name: unique('Group '), description: 'New.' }),
  updateGroup: async () => ({
    groupId: toGlobalId('group', await world.group()),
    name: unique('Group '),
    description: 'Changed.',
    expectedVersion: 1,
  }),
  deleteGroup: async () => ({ groupId: toGlobalId('group', await world.group()) }),
  addGroupMember: async () => ({
    groupId: toGlobalId('group', await world.group()),
    userId: (await world.person()).globalId,
  }),
  removeGroupMember: async () => {
    const person = await world.person()
    return { groupId: toGlobalId('group', await world.group(person)), userId: person.globalId }
  },
  createRole: async () => ({
    name: unique('Role '),
    description: 'New.',
    permissions: ['posts:moderate'],
    requiresReason: true,
  }),
  updateRole: async (admin) => ({
    roleId: await role(admin),
    name: unique('Role '),
    description: 'Changed.',
    permissions: ['users:read'],
    requiresReason: true,
    expectedVersion: 1,
  }),
  deleteRole: async (admin) => ({ roleId: await role(admin) }),
  grantRole: async (admin) => ({
    userId: (await world.person()).globalId,
    roleId: await role(admin),
    groupId: toGlobalId('group', await world.group()),
    reason: 'Helps out.',
    expiresAt: new Date(world.clock.now().getTime() + HOUR).toISOString(),
  }),
  revokeRole: async () => {
    const groupId = await world.group()
    return {
      userId: (await world.person({ role: 'manager', over: groupId })).globalId,
      roleId: await userRole(),
      groupId: toGlobalId('group', groupId),
      reason: 'Left.',
    }
  },
  openTicket: async () => ({ subject: 'My invoice', body: 'It is wrong.', category: 'ACCOUNT' }),
  replyToTicket: async (admin) => ({ ticketId: await ticketOf(world, admin), body: 'Still.' }),
  solveTicket: async (admin) => ({ ticketId: await ticketOf(world, admin) }),
  openTicketFor: async () => ({
    userId: (await world.person()).globalId,
    subject: 'Your call',
    body: 'You have called.',
    category: 'ACCOUNT',
    priority: 'HIGH',
  }),
  answerTicket: async () => ({
    ...(await ticket()),
    body: 'Try this.',
    status: 'ON_HOLD',
    expectedVersion: 1,
  }),
  addTicketNote: async () => ({ ...(await ticket()), body: 'Has called.' }),
  updateTicket: async (admin) => ({
    ...(await ticket()),
    status: 'PENDING',
    priority: 'HIGH',
    category: 'ACCOUNT',
    assigneeId: admin.globalId,
    tags: ['invoice'],
    expectedVersion: 1,
  }),
  claimTicket: ticket,
  mergeTickets: async () => {
    const person = await world.person()
    return {
      ticketId: await ticketOf(world, person),
      intoTicketId: await ticketOf(world, person),
      expectedVersion: 1,
    }
  },
  createAnnouncement: async () => ({
    ...announced(),
    purposeId: 'newsletter',
    sendAt: later(world.clock.now(), HOUR),
    perMinute: 60,
  }),
  cancelAnnouncement: async (admin) => ({ announcementId: await announcementBy(world, admin) }),
  createWebhookEndpoint: async () => ({
    url: 'https://example.com/hooks',
    description: 'Made for a test.',
    events: ['account.erased'],
  }),
  updateWebhookEndpoint: async (admin) => ({
    ...(await webhookEndpoint(admin)),
    url: 'https://example.com/others',
    description: 'Changed.',
    events: ['account.reinstated'],
    isEnabled: false,
    expectedVersion: 1,
  }),
  deleteWebhookEndpoint: webhookEndpoint,
  rotateWebhookSecret: webhookEndpoint,
  sendTestWebhook: webhookEndpoint,
  replayWebhookDeliveries: async (admin) => ({
    ...(await webhookEndpoint(admin)),
    since: world.clock.now().toISOString(),
  }),
  replayDeliveries: async () => ({ channel: 'EMAIL', since: world.clock.now().toISOString() }),
  replayDelivery: async () => ({ deliveryId: await deadLetterTo(world, await world.person()) }),
  replayWebhookDelivery: async (admin) => ({
    webhookDeliveryId: await deliveryTo(world, (await quietEndpoint(world, admin)).id, admin),
  }),
}

/** A ticket of somebody's. */
async function ticket(): Promise<{ ticketId: string }> {
  return { ticketId: await ticketOf(world, await world.person()) }
}

/** An endpoint of somebody's. */
async function webhookEndpoint(by: Person): Promise<{ webhookEndpointId: string }> {
  return { webhookEndpointId: (await quietEndpoint(world, by)).id }
}

/** A group to which somebody has asked a person. */
async function requestTo(person: Person): Promise<{ conversationId: string }> {
  const { conversationId } = await writeTo(await world.person(), [person], { title: 'Engine' })
  return { conversationId }
}

const sentBy = async (person: Person): Promise<string> =>
  (await writeTo(person, [await world.person()])).messageId

/** Where nothing is an answer as well. */
const MAY_BE_EMPTY = new Set([
  'completeSignUp.deviceName',
  'signIn.deviceName',
  'completeSignIn.deviceName',
  'completeSignIn.password',
  'trackActivity.events.properties',
  'trackActivity.events.path',
  'trackActivity.anonymousId',
  'trackActivity.consentedPurposeIds',
  'checkPassword.username',
  'checkPassword.email',
  'checkPassword.displayName',
  'updateProfile.bio',
  'setAttributes.attributes.value',
  'setProfileVisibility.attributes',
  'updateUser.bio',
  'placeLegalHold.caseReference',
  'startConversation.title',
  'renameConversation.title',
  'startConversation.clientId',
  'sendMessage.clientId',
  'giveConsent.locale',
  'objectToProcessing.message',
  'objectToProcessing.purposeId',
  'completeSignUp.consents',
  'restrictProcessing.message',
  'reportContent.note',
  'createContentFilter.terms.words.exceptions',
  'createContentFilter.terms.links.deniedDomains',
  'createContentFilter.terms.links.allowedDomains',
  'createContentFilter.messageToAuthor',
  'updateContentFilter.terms.words.exceptions',
  'updateContentFilter.terms.links.deniedDomains',
  'updateContentFilter.terms.links.allowedDomains',
  'updateContentFilter.messageToAuthor',
  'testContentFilter.filter.draft.terms.words.exceptions',
  'testContentFilter.filter.draft.terms.links.deniedDomains',
  'testContentFilter.filter.draft.terms.links.allowedDomains',
  'resolveModerationCase.note',
  'moderateContent.note',
  'reverseModerationAction.note',
  'resolvePrivacyRequest.note',
  'endUserSessions.reason',
  'endSessionsOfUsers.reason',
  'grantRoleToUsers.reason',
  'revokeRoleFromUsers.reason',
  'createUser.roleIds',
  'createPost.tags',
  'updatePost.tags',
  'updateTicket.tags',
  'createAccessToken.scopes',
  'grantRole.reason',
  'revokeRole.reason',
  'createGroup.description',
  'updateGroup.description',
  'createRole.description',
  'createRole.permissions',
  'updateRole.description',
  'updateRole.permissions',
  'createWebhookEndpoint.description',
  'updateWebhookEndpoint.description',
])

/** What can be left out, but not be taken away. */
const CANNOT_BE_NULL = new Set([
  'updateProfile.displayName',
  'updateProfile.locale',
  'updateProfile.timeZone',
  'updateUser.displayName',
  'updateUser.locale',
  'updateUser.timeZone',
  'updateUser.username',
  'updatePost.title',
  'updatePost.body',
  'updatePost.tags',
  'updateTicket.tags',
  'updateRole.name',
  'updateRole.description',
  'updateRole.permissions',
  'updateWebhookEndpoint.url',
  'updateWebhookEndpoint.description',
  'updateWebhookEndpoint.events',
  'updateContentFilter.name',
])

type Path = (string | number)[]

interface Mistake {
  what: string
  path: Path
  /** Undefined leaves the field out. */
  value: unknown
}

const WRONG_TYPE: Record<string, unknown[]> = {
  String: [5, true, {}, ['text']],
  ID: [1.5, true, {}, ['text']],
  Int: ['1', 1.5, 2 ** 31, true, {}],
  Boolean: ['true', 1, {}],
  DateTime: ['yesterday', '2026-02-30T00:00:00Z', true, {}],
  JSONObject: [5, 'text', true, ['text']],
  JSON: [{ __proto__: null, constructor: 1 }, [[]]],
}

function* mistakesAt(
  type: GraphQLInputType,
  path: Path,
  name: string,
  isRequired: boolean,
): Generator<Mistake> {
  const nullable = getNullableType(type)
  const wrong = (what: string, value: unknown): Mistake => ({ what, path, value })
  if (isRequired) yield wrong('missing', undefined)
  if (isNonNullType(type) || CANNOT_BE_NULL.has(name)) yield wrong('null', null)
  for (const text of ['a\0b', 'a\ud800b']) yield wrong('unclean', text)
  yield wrong('1 MB', 'x'.repeat(1_000_000))

  if (isListType(nullable)) {
    for (const value of [5, [5], [null], [[]]]) yield wrong('of another type', value)
    if (!MAY_BE_EMPTY.has(name)) yield wrong('empty', [])
    const item = getNullableType(nullable.ofType)
    if (isInputObjectType(item)) yield* mistakesIn(item, [...path, 0], name)
    else {
      yield wrong(
        'too many',
        Array.from({ length: 1_000 }, (_, index) => `item${index}`),
      )
      for (const text of ['', 'x'.repeat(50_000)]) yield wrong('with a bad item', [text])
    }
    return
  }
  const leaf = getNamedType(nullable)
  if (isInputObjectType(leaf)) {
    for (const value of [5, 'text', [[]]]) yield wrong('of another type', value)
    yield* mistakesIn(leaf, path, name)
    return
  }
  if (isEnumType(leaf)) {
    for (const value of ['', 'NONE', 'bearer', 5, {}]) yield wrong('of another type', value)
    return
  }
  const values = WRONG_TYPE[leaf.name]
  if (!values) throw new Error(`Say in WRONG_TYPE what is no ${leaf.name}.`)
  for (const value of values) yield wrong('of another type', value)
  yield wrong('too long', 'x'.repeat(50_000))
  if (!MAY_BE_EMPTY.has(name)) for (const text of ['', ' \n ', '\u200b']) yield wrong('empty', text)
  if (leaf.name === 'ID') {
    const kinds = [
      ...(['user', 'email', 'phone', 'session', 'role', 'post', 'challenge', 'passkey', 'identity'] as const),
      ...([
        'access_token',
        'staff_note',
        'bulk_job',
        'data_export',
        'privacy_request',
        'legal_hold',
        'conversation',
        'message',
        'moderation_case',
        'moderation_decision',
        'appeal',
        'ticket',
        'ticket_message',
        'ticket_note',
        'announcement',
        'webhook_endpoint',
        'webhook_delivery',
        'notification',
        'delivery',
        'content_filter',
        'preference_change',
      ] as const),
    ]
    // An id of every kind: of the right one it names nothing, of the others it names no such thing.
    for (const kind of kinds) yield wrong('foreign', toGlobalId(kind, '01890000-0000-7000-8000-000000000000'))
    for (const text of ['nonsense', '1', 'user_', `user_${'0'.repeat(26)}`]) yield wrong('foreign', text)
  }
}

function* mistakesIn(type: GraphQLInputObjectType, path: Path, name: string): Generator<Mistake> {
  for (const field of Object.values(type.getFields())) {
    const isRequired = isNonNullType(field.type) && field.defaultValue === undefined
    yield* mistakesAt(field.type, [...path, field.name], `${name}.${field.name}`, isRequired)
  }
  for (const unknown of ['id', 'role', 'isAdmin', '__proto__']) {
    if (unknown in type.getFields()) continue
    yield { what: 'unknown', path: [...path, unknown], value: 'admin' }
  }
}

/** The input with one thing wrong with it. */
function withMistake(input: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  const copy: object = Array.isArray(input) ? [...(input as unknown[])] : { ...(input as object) }
  const inner = rest.length === 0 ? value : withMistake((input as Record<string, unknown>)[key], rest, value)
  // `defineProperty`, so that a key `__proto__` becomes a key like any other.
  Object.defineProperty(copy, key, { value: inner, enumerable: true, configurable: true, writable: true })
  return copy
}

const CLIENT_ERRORS = ['BAD_USER_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'QUERY_TOO_EXPENSIVE', 'CONFLICT']

/** What is wrong with the answer to a wrong input; null when it tells the client what to mend. */
function complaint(response: ApiResponse, mutation: string, fields: string[]): string | null {
  const [error] = response.errors ?? []
  if (error) return CLIENT_ERRORS.includes(error.extensions.code) ? null : error.extensions.code
  const { userErrors } = (response.data as unknown as Record<string, { userErrors: { field: string[] }[] }>)[
    mutation
  ]!
  if (userErrors.length === 0) return 'accepted'
  const lost = userErrors.find(({ field }) => field.length > 0 && !fields.includes(field[0]!))
  return lost ? `names ${lost.field.join('.')}, which the input does not have` : null
}

/** What every request writes: the trail, and what is kept and counted of it, and the count of tries. */
const WRITTEN_BY_ALL = ['audit_events', 'audit_addresses', 'insight_marks', 'throttles']

/** A checksum over every row of every table, except what every request writes, and when people were last seen. */
async function checksum(): Promise<string> {
  tables ??= (await readableTables(world.db)).filter((table) => !WRITTEN_BY_ALL.includes(table))
  const sums = tables.map(
    (table) =>
      `SELECT '${table}' AS name, count(*) AS rows, md5(string_agg(text, '' ORDER BY text)) AS sum
       FROM (SELECT (to_jsonb(one) - 'last_seen_at' - 'failures')::text AS text FROM "${table}" one) texts`,
  )
  return JSON.stringify(await world.db.query(`${sums.join(' UNION ALL ')} ORDER BY name`))
}
let tables: string[] | undefined

const mutations: GraphQLField<unknown, unknown>[] = Object.values(
  declareSchema().getMutationType()!.getFields(),
)

const inputTypeOf = (mutation: GraphQLField<unknown, unknown>) =>
  mutation.args[0] && (getNamedType(mutation.args[0].type) as GraphQLInputObjectType)

test('every mutation of the schema has a good input here', () => {
  const missing = mutations.filter(({ name }) => GOOD_INPUT[name] === undefined).map(({ name }) => name)
  const message = `Add an input that is accepted for ${missing.join(', ')} to GOOD_INPUT in this file.`
  expect(missing.length === 0 ? '' : message).toBe('')
  const withoutInput = mutations.filter((mutation) => !inputTypeOf(mutation)).map(({ name }) => name)
  expect(withoutInput).toEqual(mutations.map(({ name }) => name).filter((name) => GOOD_INPUT[name] === null))
})

test.each([
  ['a name', 'query ($text: String!) { userByUsername(username: $text) { id } }', 255],
  ['a slug', 'query ($text: String!) { postBySlug(slug: $text) { id } }', 255],
  ['a key', 'query ($text: String!) { viewer { preference(key: $text) { key } } }', 255],
  ['a cursor', 'query ($text: String) { posts(after: $text) { totalCount } }', 512],
  ['a cursor backwards', 'query ($text: String) { posts(last: 1, before: $text) { totalCount } }', 512],
])('R64 %s that is asked for is not longer than it can be', async (_what, query, max) => {
  const { api } = await world.person()
  const { errors } = await api.send(query, { text: 'x'.repeat(max + 1) })
  expect(errors).toMatchObject([
    {
      message: expect.stringContaining(`Use at most ${max} characters.`),
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ])
  const { errors: within = [] } = await api.send(query, { text: 'x'.repeat(max) })
  expect(within.filter(({ message }) => message.includes('characters'))).toEqual([])
})

describe('R64 R65 R67 whatever is wrong with an input, the client is told and nothing is changed', () => {
  const taking = mutations.filter(inputTypeOf).map((mutation) => [mutation.name, mutation] as const)

  test.each(taking)('%s', async (name, mutation) => {
    const type = inputTypeOf(mutation)!
    const fields = Object.keys(type.getFields())
    const admin = await world.person({ role: 'admin', password: PASSWORD })
    const good = await GOOD_INPUT[name]!(admin)
    expect(Object.keys(good).sort()).toEqual([...fields].sort())
    const document = `mutation ($input: ${type.name}!) { ${name}(input: $input) { userErrors { code field message } } }`
    const before = await checksum()
    const wrong: string[] = []

    const places = new Map<string, Mistake[]>()
    for (const mistake of mistakesIn(type, [], name)) {
      const place = mistake.path.join('.')
      places.set(place, [...(places.get(place) ?? []), mistake])
    }
    for (const [place, mistakes] of places) {
      for (const { what, path, value } of mistakes) {
        // A wrong password is a mistake, too; it is the answer to each that is looked at here.
        await world.db.query('DELETE FROM throttles')
        await world.db.query('UPDATE challenges SET failures = 0')
        const problem = complaint(
          await admin.api.send(document, { input: withMistake(good, path, value) }),
          name,
          fields,
        )
        if (problem) wrong.push(`${place} ${what} (${JSON.stringify(value)?.slice(0, 40)}): ${problem}`)
      }
      if ((await checksum()) !== before)
        throw new Error([...wrong, `A mistake in ${place} has changed the database.`].join('\n'))
    }
    expect(wrong).toEqual([])

    await world.db.query('DELETE FROM throttles')
    const accepted = await admin.api.data(document, { input: good })
    expect(accepted[name]).toEqual({ userErrors: [] })
    // Who thinks of a password, is told who they are, or tries a filter, changes nothing; what is sent again a job sees to.
    const sameAsBefore = [
      ...['checkPassword', 'issueServiceToken', 'testContentFilter'],
      ...['replayDeliveries', 'replayWebhookDeliveries'],
    ]
    if (sameAsBefore.includes(name)) expect(await checksum()).toBe(before)
    else expect(await checksum()).not.toBe(before)
  })
})
