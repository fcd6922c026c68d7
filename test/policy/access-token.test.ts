import { allow } from 'graphql-shield'
import { ALL_PERMISSIONS } from '../../src/core/permission'
import { permissions } from '../../src/graphql/permissions'
import { declareSchema } from '../../src/graphql/schema'
import { storedAccessToken } from '../support/access-token'
import type { ApiClient } from '../support/api-client'
import { useWorld } from '../support/world'
import { stage, type Scene } from './stage'

/*
 * What a program may do with an access token, written by hand: what strangers may, and what is its owner's and no
 * credential. A new mutation is not for access tokens until it stands here.
 */
const ALLOWED = [
  'addComment',
  'addReaction',
  // With the token of a mail, as anybody may.
  'appealByMail',
  'appealModerationDecision',
  'archivePost',
  'checkPassword',
  'closeThread',
  'completeSignIn',
  'completeSignUp',
  'confirmEmailChange',
  'createPost',
  'deleteComment',
  'deletePost',
  // With the token of a mail, as anybody may.
  'disownSecurityEvent',
  'editComment',
  'issueServiceToken',
  'openTicket',
  'publishPost',
  'removeReaction',
  'reopenThread',
  'purgePost',
  'reportContent',
  'requestPasswordReset',
  'requestSignInLink',
  'replyToTicket',
  'resetPassword',
  'resetPreferences',
  'restorePost',
  'restorePostRevision',
  'restorePreference',
  'schedulePost',
  'sendCode',
  'setAttributes',
  'setPreferences',
  'setProfileVisibility',
  'signIn',
  'signUp',
  'solveTicket',
  'startPasskeySignIn',
  'startProviderSignIn',
  'trackActivity',
  'unarchivePost',
  'unschedulePost',
  'undoEmailChange',
  'updatePost',
  'updateProfile',
]

/** What it may besides where its scopes say so. */
const ALLOWED_BY_SCOPE = [
  'addStaffNote',
  'addTicketNote',
  'answerTicket',
  'claimModerationCase',
  'cancelAnnouncement',
  'claimTicket',
  'createContentFilter',
  'decideAppeal',
  'deleteContentFilter',
  'deleteStaffNote',
  'mergeTickets',
  'moderateContent',
  'openTicketFor',
  'releaseModerationCase',
  'replayDeliveries',
  'replayDelivery',
  'replayWebhookDeliveries',
  'replayWebhookDelivery',
  'resetGroupPreferences',
  'resolveModerationCase',
  'reverseModerationAction',
  'sendTestWebhook',
  'setGroupPreferences',
  'testContentFilter',
  'updateContentFilter',
  'updateStaffNote',
  'updateTicket',
]

/** What is done to one's own alone, of all that it may: the input names something of the subject's. */
const ONES_OWN = [
  'appealModerationDecision',
  'archivePost',
  'deleteComment',
  'editComment',
  'publishPost',
  'replyToTicket',
  'schedulePost',
  'solveTicket',
  'unarchivePost',
  'unschedulePost',
]

const world = useWorld()
const { makeScene, inputs } = stage(world)

const mutations = Object.values(declareSchema().getMutationType()!.getFields())
const policy = permissions.Mutation as Record<string, unknown>

/** The codes with which a mutation is refused; none where it is carried out. */
async function outcomeOf(field: string, api: ApiClient, input: object | null): Promise<string[]> {
  const inputType = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
  const { data, errors = [] } = input
    ? await api.send(`mutation ($input: ${inputType}!) { ${field}(input: $input) { userErrors { code } } }`, {
        input,
      })
    : await api.send(`mutation { ${field} { userErrors { code } } }`)
  const problems = (data?.[field]?.userErrors ?? []) as { code: string }[]
  return [...errors.map(({ extensions }) => extensions.code), ...problems.map(({ code }) => code)]
}

describe.each([
  ['without scopes, of a person without roles', 'subject' as const, []],
  ['with every scope, of an admin who has just signed in', 'admin' as const, [...ALL_PERMISSIONS]],
])('an access token %s', (_what, owner, scopes) => {
  let scene: Scene
  let api: ApiClient
  beforeAll(async () => {
    scene = await makeScene()
    ;({ api } = await storedAccessToken(world, scene[owner].id, { scopes }))
  })

  test.each(mutations.map(({ name }) => name))('%s', async (field) => {
    const input = await inputs[field]!(scene, owner === 'admin' ? 'admin' : 'self')
    const allowed = scopes.length > 0 ? [...ALLOWED, ...ALLOWED_BY_SCOPE] : ALLOWED
    const hidden = owner === 'admin' && ONES_OWN.includes(field) ? ['NOT_FOUND'] : []
    expect(await outcomeOf(field, api, input)).toEqual(allowed.includes(field) ? hidden : ['FORBIDDEN'])
  })
})

test('no mutation that concerns credentials, or asks for a fresh proof, is for access tokens', () => {
  const guarded = mutations.filter(
    ({ name, extensions }) => policy[name] !== allow && (extensions.credential || extensions.stepUp),
  )
  expect(guarded.length).toBeGreaterThan(15)
  const allowed = [...ALLOWED, ...ALLOWED_BY_SCOPE]
  expect(guarded.map(({ name }) => name).filter((name) => allowed.includes(name))).toEqual([])
})
