import { ApiClient } from './api-client'
import { unique, type World } from './world'

export const SIGN_UP = `mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) { challenge { id kind methods expiresAt } userErrors { code field message } }
}`

export const COMPLETE_SIGN_UP = `mutation CompleteSignUp($input: CompleteSignUpInput!) {
  completeSignUp(input: $input) { user { id username } session { id } token userErrors { code field message } }
}`

export const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { user { id } session { id } token userErrors { code field message } }
}`

export interface Applicant {
  username: string
  email: string
  password: string
  displayName?: string | null
  locale?: string | null
}

/** What somebody of whom nobody has heard yet writes into the form. */
export function applicant(changes: Partial<Applicant> = {}): Applicant {
  const username = unique('a')
  return { username, email: `${username}@example.com`, password: `${unique()} harbour lantern`, ...changes }
}

/** Begins a sign-up that must be accepted. Returns the challenge's id. */
export async function beginSignUp(world: World, input: Applicant, api = world.anonymous): Promise<string> {
  const { signUp } = await api.data(SIGN_UP, { input })
  if (signUp.userErrors.length > 0)
    throw new Error(`The sign-up was refused: ${JSON.stringify(signUp.userErrors)}`)
  return signUp.challenge.id
}

/** The code of the newest mail to an address. */
export function codeSentTo(world: World, email: string): string {
  const [mail] = world.portico.mailbox!.read(email)
  if (!mail?.code) throw new Error(`No code was sent to ${email}.`)
  return mail.code
}

export const completeSignUp = (api: ApiClient, challengeId: string, code: string) =>
  api.send(COMPLETE_SIGN_UP, { input: { challengeId, code } })

/** Asks for a new password on behalf of somebody, and reads the mail. */
export async function passwordResetOf(world: World, { email }: { email: string }) {
  const { requestPasswordReset } = await world.anonymous.data(
    `mutation { requestPasswordReset(input: { login: "${email}" }) { challenge { id } userErrors { code } } }`,
  )
  const [mail] = world.portico.mailbox!.read(email)
  return {
    challengeId: requestPasswordReset.challenge.id as string,
    code: mail!.code!,
    token: mail!.link!.split('#token=')[1]!,
  }
}

/** An account that was made through the API from beginning to end. */
export async function account(world: World, changes: Partial<Applicant> = {}) {
  const input = applicant(changes)
  const challengeId = await beginSignUp(world, input)
  const { data } = await completeSignUp(world.anonymous, challengeId, codeSentTo(world, input.email))
  const { user, token } = data.completeSignUp
  return {
    ...input,
    globalId: user.id as string,
    token: token as string,
    api: new ApiClient(world.url, token),
  }
}

/** The codes of what a form would show its user. */
export const codes = (payload: { userErrors: { code: string }[] }): string[] =>
  payload.userErrors.map(({ code }) => code)
