import { idOf, toGlobalId, type Id } from '../../src/core/id'
import { BulkJobService } from '../../src/modules/bulk-job/bulk-job.service'
import { StaffNoteService } from '../../src/modules/staff-note/staff-note.service'
import { ApiClient } from './api-client'
import { tokenSentTo } from './recovery'
import { unique, type Person, type World } from './world'

/** Every single action on a person, and its input. */
export const ACTIONS = {
  suspendUser: 'SuspendUserInput',
  reinstateUser: 'ReinstateUserInput',
  createUser: 'CreateUserInput',
  resendInvitation: 'ResendInvitationInput',
  updateUser: 'UpdateUserInput',
  endUserSessions: 'EndUserSessionsInput',
  verifyEmail: 'VerifyEmailInput',
} as const
export type ActionName = keyof typeof ACTIONS

const documentOf = (action: ActionName, payload: string) =>
  `mutation ($input: ${ACTIONS[action]}!) { ${action}(input: $input) { ${payload} } }`

const PAYLOAD = `userErrors { code field } user { id username displayName bio locale timeZone status version
  suspension { reason suspendedAt endsAt by { id } } invitation { sentAt expiresAt } roles { name } }`

/** The payload of an action by somebody who may see what it has done, be it refused by its rules. */
export const act = async ({ api }: Pick<Person, 'api'>, action: ActionName, input: object) =>
  (await api.data(documentOf(action, PAYLOAD), { input }))[action]

/** What an action answered: `OK`, the codes of its user errors, or that of the error that refused it. */
export async function outcome(
  { api }: Pick<Person, 'api'>,
  action: ActionName,
  input: object,
): Promise<string> {
  const { data, errors } = await api.send(documentOf(action, 'userErrors { code }'), { input })
  if (errors) return errors[0]!.extensions.code
  const { userErrors } = data[action] as { userErrors: { code: string }[] }
  return userErrors.map(({ code }) => code).join() || 'OK'
}

/** What staff write into the form for somebody new. */
export function newcomer(changes: object = {}) {
  const username = unique('n')
  return { username, email: `${username}@example.com`, displayName: 'Somebody New', locale: 'en', ...changes }
}

/** Somebody whom staff have invited, and the secret in the link that they were sent. */
export async function invited(world: World, changes: object = {}) {
  const input = newcomer(changes)
  const { user, userErrors } = await act(await world.person({ role: 'admin' }), 'createUser', input)
  if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors))
  const globalId = user.id as string
  const token = tokenSentTo(world, input.email).split('&')[0]!
  return { ...input, globalId, id: idOf('user', globalId)!, token }
}

/** The id of somebody's address, which is made one that nobody has proven. */
export async function unverifiedEmail(world: World, { id }: { id: Id }): Promise<string> {
  await world.db.query('UPDATE emails SET verified_at = NULL WHERE user_id = $1', [id])
  const [row] = await world.db.query<{ id: Id }>('SELECT id FROM emails WHERE user_id = $1', [id])
  return toGlobalId('email', row!.id)
}

/** Something that somebody has asked for about themselves in the background; its id. */
export async function bulkJobOf(world: World, person: Person): Promise<string> {
  const jobs = new BulkJobService(await world.asViewer(person))
  return toGlobalId('bulk_job', await jobs.start('reinstateUsers', { userIds: [person.id] }, {}))
}

/** A note about somebody, by an admin where nobody else is named; its id. */
export async function noteAbout(world: World, { globalId }: Person, author?: Person, body = 'A note.') {
  const db = await world.asViewer(author ?? (await world.person({ role: 'admin' })))
  const { id } = await new StaffNoteService(db).add({ userId: idOf('user', globalId)!, body })
  return toGlobalId('staff_note', id)
}

/** Somebody of the staff who acts as somebody else. */
export async function actingAs(
  world: World,
  staff: Person,
  { globalId }: Person,
): Promise<Pick<Person, 'api'>> {
  const { startImpersonation } = await staff.api.data(
    'mutation ($input: StartImpersonationInput!) { startImpersonation(input: $input) { token userErrors { code } } }',
    { input: { userId: globalId, reason: 'A test' } },
  )
  return { api: new ApiClient(world.url, startImpersonation.token) }
}
