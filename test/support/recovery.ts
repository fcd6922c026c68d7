import { toGlobalId, type Id } from '../../src/core/id'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { ChallengeService } from '../../src/modules/challenge/challenge.service'
import { EmailService } from '../../src/modules/email/email.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { UserService } from '../../src/modules/user/user.service'
import type { ApiClient } from './api-client'
import { unique, type World } from './world'

interface Changing {
  email: string
  api: ApiClient
}

export const newAddress = (): string => `${unique('new')}@example.com`

/** The secret in the link of the newest mail to an address. */
export const tokenSentTo = (world: World, email: string): string =>
  world.portico.mailbox!.read(email)[0]!.link!.split('#token=')[1]!

export const CHANGE_EMAIL =
  'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) { challenge { id kind methods } userErrors { code field message } } }'

/** Begins a change of somebody's address, and reads the mail to the new one. */
export async function beginEmailChange(world: World, { api }: Changing, email = newAddress()) {
  const { changeEmail } = await api.data(CHANGE_EMAIL, { input: { email } })
  if (changeEmail.userErrors.length > 0) throw new Error(JSON.stringify(changeEmail.userErrors))
  const [mail] = world.portico.mailbox!.read(email)
  return {
    email,
    challengeId: changeEmail.challenge.id as string,
    code: mail!.code!,
    token: tokenSentTo(world, email),
  }
}

export const ADD_EMAIL =
  'mutation ($input: AddEmailInput!) { addEmail(input: $input) { challenge { id kind methods expiresAt } userErrors { code field message } } }'
export const CONFIRM_EMAIL =
  'mutation ($input: ConfirmEmailInput!) { confirmEmail(input: $input) { user { emails { id address isPrimary verifiedAt } } userErrors { code field message } } }'

/** Begins to add an address to somebody's, and reads the code that went there. */
export async function beginEmail(world: World, { api }: Pick<Changing, 'api'>, email = newAddress()) {
  const { addEmail } = await api.data(ADD_EMAIL, { input: { email } })
  if (addEmail.userErrors.length > 0) throw new Error(JSON.stringify(addEmail.userErrors))
  const [mail] = world.portico.mailbox!.read(email)
  return { email, challengeId: addEmail.challenge.id as string, code: mail!.code! }
}

/** What `addEmail` would have begun, without a mail and what counts them. */
export async function pendingEmail(world: World, { id }: { id: Id }, email = newAddress()) {
  const { challenge, code } = await new ChallengeService(world.db).begin({
    kind: ChallengeKind.EMAIL_ADDITION,
    subjectId: id,
    methods: [AuthenticationMethod.EMAIL_CODE],
    state: email,
  })
  return { challengeId: toGlobalId('challenge', challenge.id), code }
}

/** A verified address of somebody beside the primary one, made below the API; its global id. */
export async function secondEmailOf(world: World, { id }: { id: Id }, email = newAddress()): Promise<string> {
  const emailId = await world.db.transaction(async (tx) => {
    await new UserService(tx).hold(id)
    return new EmailService(tx).addSecondary(id, email)
  })
  return toGlobalId('email', emailId)
}

/** The global id of somebody's primary address. */
export async function primaryEmailOf(world: World, { id }: { id: Id }): Promise<string> {
  const emails = await new EmailService(world.db).ofUser(id)
  return toGlobalId('email', emails.find(({ isPrimary }) => isPrimary)!.id)
}

/** A verified address beside the primary one, in place of those that they had. */
export async function onlySecondEmailOf(world: World, person: { id: Id }): Promise<string> {
  await world.db.query('DELETE FROM emails WHERE user_id = $1 AND NOT is_primary', [person.id])
  return secondEmailOf(world, person)
}

export const CONFIRM =
  'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { endedCount userErrors { code field message } } }'

/** Changes somebody's address to the end. Returns the secret of the mail to the old one. */
export async function changeEmailOf(world: World, person: Changing, email = newAddress()): Promise<string> {
  const { token } = await beginEmailChange(world, person, email)
  const { confirmEmailChange } = await world.anonymous.data(CONFIRM, { input: { token } })
  if (confirmEmailChange.userErrors.length > 0) throw new Error(JSON.stringify(confirmEmailChange.userErrors))
  return tokenSentTo(world, person.email)
}

/** The global id of the event that tells of a session's beginning. */
export async function signInEvent(world: World, sessionId: Id): Promise<string> {
  const [event] = await world.db.query<{ id: Id }>(
    `SELECT id FROM audit_events WHERE session_id = $1 AND action = 'session.started'`,
    [sessionId],
  )
  return toGlobalId('event', event!.id)
}

/** The secret of a mail with which somebody can say that what it tells was not them: here, that codes by mail were turned on. */
export async function disownTokenOf(world: World, { api, email }: Changing): Promise<string> {
  await api.data('mutation { addEmailCode { userErrors { code } } }')
  return tokenSentTo(world, email)
}

/** An event of somebody's security inbox. */
export interface SecurityEvent {
  id: string
  action: string
  message: string
  deviceName: string | null
  network: string | null
  canBeDisowned: boolean
  disownedAt: string | null
}

export const INBOX = `query ($first: Int, $after: String) {
  viewer { security { freezeEndsAt events(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { id occurredAt action message deviceName network canBeDisowned disownedAt } }
  } } }
}`

/** Somebody's security inbox, newest first. */
export async function inboxOf({ api }: { api: ApiClient }): Promise<SecurityEvent[]> {
  const { viewer } = await api.data(INBOX, { first: 50 })
  return (viewer.security.events.edges as { node: SecurityEvent }[]).map(({ node }) => node)
}
