import { toGlobalId, type Id } from '../../src/core/id'
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
