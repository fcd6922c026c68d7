import type { FastifyInstance } from 'fastify'
import { sendActionPage } from './action-page'

/** Where the link of the sign-up mail leads. */
export function serveSignUp(http: FastifyInstance): void {
  http.get('/sign-up', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Finish signing up',
      text: 'One press confirms your address, creates your account and signs you in on this browser.',
      button: 'Create my account',
      otherwise: 'You can also enter the code from the mail where you began to sign up.',
      script: SCRIPT,
    }),
  )
}

const SCRIPT = `
const { challenge, code } = given
const isComplete = Boolean(challenge && code)
const incomplete = 'Open the link in the mail once more, or enter the code from the mail where you began to sign up.'
const advice = {
  INVALID_CODE: 'It was used already, or has expired. If you have finished signing up, sign in. If not, sign up again, and a new link comes by mail.',
  TAKEN: 'Somebody else has taken your username meanwhile. Sign up again with another one.',
}

async function act() {
  const answer = await send(\`mutation FinishSignUp($input: CompleteSignUpInput!) {
    completeSignUp(input: $input) { user { displayName } userErrors { code message } }
  }\`, { challengeId: challenge, code, transport: 'COOKIE' })
  if (!answer) return
  const [refusal] = answer.userErrors
  if (refusal) return show('This link does not work any more', advice[refusal.code] ?? refusal.message, false)
  history.replaceState(null, '', location.pathname)
  show('Welcome, ' + answer.user.displayName, 'Your account is ready, and you are signed in on this browser. You can close this page.', false)
}
`
