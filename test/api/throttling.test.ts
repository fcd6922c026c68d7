import { HOUR, later, SECOND } from '../../src/core/clock'
import { permissions } from '../../src/graphql/permissions'
import { isInSession, isSignedIn, isThemselves } from '../../src/graphql/rules'
import { codes, SIGN_IN } from '../support/account'
import { startSecondProcess } from '../support/second-process'
import { ApiClient } from '../support/api-client'
import { ThrottleService } from '../../src/modules/throttle/throttle.service'
import { commentOn } from '../support/content'
import { writeTo } from '../support/messages'
import { ticketOf } from '../support/tickets'
import { unique, useWorld } from '../support/world'

const world = useWorld({ TRUSTED_PROXIES: '127.0.0.1' })

const PASSWORD = 'a password of some length'

/** A client at an address of its own, as the proxy in front tells it. */
const at = (address: string, url = world.url) => new ApiClient(url).with({ 'x-forwarded-for': address })
let hosts = 0
const newAddress = () => `198.51.${Math.floor(++hosts / 250)}.${hosts % 250}`

async function attempt(api: ApiClient, login: string, password = 'wrong') {
  const { data, errors, headers } = await api.send(SIGN_IN, { input: { login, password } })
  const [error] = errors ?? []
  return {
    code: error?.extensions.code ?? codes(data.signIn)[0] ?? 'OK',
    retryAfter: error?.extensions.retryAfter,
    header: headers.get('retry-after'),
  }
}

const failFiveTimes = async (login: string) => {
  for (let tries = 0; tries < 5; tries++)
    expect((await attempt(at(newAddress()), login)).code).toBe('INVALID_CREDENTIALS')
}

describe('after five failures', () => {
  test('R16 R24 an account rests, whatever address a try comes from, and says for how long', async () => {
    const person = await world.person({ password: PASSWORD })
    await failFiveTimes(person.username)
    const refused = await attempt(at(newAddress()), person.username, PASSWORD)
    expect(refused).toEqual({
      code: 'RATE_LIMITED',
      retryAfter: expect.any(Number),
      header: expect.any(String),
    })
    expect(Number(refused.header)).toBe(refused.retryAfter)
    expect(refused.retryAfter).toBeGreaterThan(20)
    expect(refused.retryAfter).toBeLessThanOrEqual(30)
  })

  test('R24 no password is hashed for a try that is refused', async () => {
    const person = await world.person({ password: PASSWORD })
    await failFiveTimes(person.username)
    const compare = jest.spyOn(world.db.tools.hasher, 'verify')
    try {
      await attempt(at(newAddress()), person.username, PASSWORD)
      expect(compare).not.toHaveBeenCalled()
    } finally {
      compare.mockRestore()
    }
  })

  test('R17 the other process knows, and one that starts later', async () => {
    const person = await world.person({ password: PASSWORD })
    await failFiveTimes(person.username)
    const second = await startSecondProcess(world)
    try {
      const api = at(newAddress(), `${second.url}/graphql`)
      expect((await attempt(api, person.username, PASSWORD)).code).toBe('RATE_LIMITED')
    } finally {
      await second.stop()
    }
  })

  test('R20 all spellings of a login count together, and those of one that leads nowhere do as well', async () => {
    const person = await world.person({ password: PASSWORD })
    const { username, email } = person
    const nobody = unique('nobody')
    for (const login of [username, username.toUpperCase(), email, email.toUpperCase(), ` ${email} `])
      expect((await attempt(at(newAddress()), login)).code).toBe('INVALID_CREDENTIALS')
    expect((await attempt(at(newAddress()), username)).code).toBe('RATE_LIMITED')
    for (const login of [nobody, nobody.toUpperCase(), nobody, nobody, nobody.toUpperCase()])
      expect((await attempt(at(newAddress()), login)).code).toBe('INVALID_CREDENTIALS')
    expect((await attempt(at(newAddress()), nobody)).code).toBe('RATE_LIMITED')
  })

  test('R23 the owner waits, and is never locked out for good', async () => {
    const person = await world.person({ password: PASSWORD })
    await failFiveTimes(person.username)
    for (let tries = 0; tries < 20; tries++) {
      const { retryAfter } = await attempt(at(newAddress()), person.username)
      expect(retryAfter ?? 0).toBeLessThanOrEqual(15 * 60)
      world.clock.advance(((retryAfter ?? 0) as number) * SECOND)
    }
    const { retryAfter } = await attempt(at(newAddress()), person.username)
    world.clock.advance(((retryAfter ?? 0) as number) * SECOND)
    expect((await attempt(at(newAddress()), person.username, PASSWORD)).code).toBe('OK')
    expect((await attempt(at(newAddress()), person.username)).code).toBe('INVALID_CREDENTIALS')
  })

  test('R80 it is recorded once, with whom it concerns', async () => {
    const person = await world.person({ password: PASSWORD })
    await failFiveTimes(person.username)
    await attempt(at(newAddress()), person.username)
    const events = await world.db.query(
      `SELECT outcome, actor_id FROM audit_events WHERE subject_id = $1 AND action = 'throttle.closed'`,
      [person.id],
    )
    expect(events).toEqual([{ outcome: 'refused', actor_id: null }])
  })
})

test('R21 of two hundred guesses at once five are looked at', async () => {
  const person = await world.person({ password: PASSWORD })
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => attempt(at(newAddress()), person.username)),
  )
  expect(answers.filter(({ code }) => code === 'INVALID_CREDENTIALS')).toHaveLength(5)
  expect(answers.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(195)
})

test('R18 R19 who tries three hundred accounts from one address, whatever it says of itself, is slowed down', async () => {
  const address = newAddress()
  const spray = async (count: number) => {
    const answers = await Promise.all(
      Array.from({ length: count }, () =>
        attempt(
          at(address).with({ 'x-real-ip': newAddress(), forwarded: `for=${newAddress()}` }),
          unique('nobody'),
        ),
      ),
    )
    return answers.filter(({ code }) => code === 'INVALID_CREDENTIALS').length
  }
  let looked = 0
  for (let round = 0; round < 15; round++) looked += await spray(20)
  expect(looked).toBe(200)
  const person = await world.person({ password: PASSWORD })
  expect((await attempt(at(newAddress()), person.username, PASSWORD)).code).toBe('OK')
  world.clock.advance(HOUR + SECOND)
  expect((await attempt(at(address), person.username, PASSWORD)).code).toBe('OK')
})

/** What people do without a fresh proof that is not counted here, and why not. */
const UNCOUNTED: Record<string, string[]> = {
  'It ends something, or gives it back, which nobody has to wait for.': [
    'signOut',
    'revokeSession',
    'revokeOtherSessions',
    'revokeAccessToken',
    'cancelBulkJob',
    'cancelErasure',
    'withdrawPrivacyRequest',
    'leaveConversation',
    'removeAvatar',
  ],
  'It is counted by a rule of its own.': [
    'rotateSession',
    'reauthenticate',
    'startReauthentication',
    'changePassword',
    'confirmEmail',
    'confirmPhone',
    'issueServiceToken',
    'reportContent',
    'openTicket',
  ],
  'It is done once to one thing.': [
    'acceptConversation',
    'declineConversation',
    'appealModerationDecision',
    'solveTicket',
  ],
  'It changes what one’s own settings, marks and consents are, for nobody else to see or to be told.': [
    'renamePasskey',
    'giveConsent',
    'withdrawConsent',
    'objectToProcessing',
    'updateProfile',
    'setAttributes',
    'setProfileVisibility',
    'setPreferences',
    'resetPreferences',
    'restorePreference',
    'setNotificationSettings',
    'markConversationRead',
    'muteConversation',
    'markNotificationsRead',
    'markNotificationsUnread',
    'markAllNotificationsRead',
  ],
}

test('whoever writes as fast as a program is slowed down, on whichever way they write', async () => {
  const [person, other] = [await world.person(), await world.person()]
  const post = await world.editedPost({ author: person })
  const commentId = await commentOn(world, post, person)
  const { messageId, conversationId } = await writeTo(person, [other], { title: 'Group' })
  const ticketId = await ticketOf(world, person)
  const at = `postId: "${post.globalId}"`
  const user = `userId: "${other.globalId}"`
  const group = `conversationId: "${conversationId}"`
  const publishAt = later(world.clock.now(), HOUR).toISOString()
  const ways: Record<string, string> = {
    createPost: 'title: "T", body: "B"',
    updatePost: `${at}, body: "B"`,
    restorePostRevision: `${at}, number: 1`,
    publishPost: at,
    schedulePost: `${at}, publishAt: "${publishAt}"`,
    unschedulePost: at,
    archivePost: at,
    unarchivePost: at,
    deletePost: at,
    restorePost: at,
    purgePost: at,
    addComment: `${at}, body: "B"`,
    editComment: `commentId: "${commentId}", body: "B"`,
    deleteComment: `commentId: "${commentId}"`,
    addReaction: `subjectId: "${post.globalId}", kind: "like"`,
    removeReaction: `subjectId: "${post.globalId}"`,
    closeThread: at,
    reopenThread: at,
    muteThread: at,
    unmuteThread: at,
    blockUser: user,
    unblockUser: user,
    muteUser: user,
    unmuteUser: user,
    startConversation: `userIds: ["${other.globalId}"], body: "B"`,
    sendMessage: `${group}, body: "B"`,
    editMessage: `messageId: "${messageId}", body: "B"`,
    deleteMessage: `messageId: "${messageId}"`,
    addConversationParticipant: `${group}, ${user}`,
    removeConversationParticipant: `${group}, ${user}`,
    renameConversation: `${group}, title: "T"`,
    replyToTicket: `ticketId: "${ticketId}", body: "B"`,
  }
  const theirs = Object.entries(permissions.Mutation as Record<string, unknown>)
    .filter(([, rule]) => [isSignedIn, isInSession, isThemselves].some((one) => one === rule))
    .map(([name]) => name)
  expect([...Object.keys(ways), ...Object.values(UNCOUNTED).flat()].sort()).toEqual(theirs.sort())
  const throttles = new ThrottleService(await world.asViewer(person))
  for (let count = 0; count < 60; count++) {
    await throttles.tryWriting().catch(() => undefined)
    await throttles.tryMessage(person.id).catch(() => undefined)
  }
  for (const [way, input] of Object.entries(ways)) {
    const { errors } = await person.api.send(
      `mutation { ${way}(input: { ${input} }) { userErrors { code } } }`,
    )
    expect([way, errors?.[0]!.extensions.code]).toEqual([way, 'RATE_LIMITED'])
  }
})

test('who gets it right is not slowed down, however many share the address', async () => {
  const [address, person] = [newAddress(), await world.person({ password: PASSWORD })]
  for (let round = 0; round < 21; round++) {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => attempt(at(address), person.username, PASSWORD)),
    )
    expect(answers.map(({ code }) => code)).toEqual(['OK', 'OK', 'OK', 'OK'])
  }
})
