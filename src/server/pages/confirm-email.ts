import type { FastifyInstance } from 'fastify'
import { sendActionPage } from './action-page'

/** Where the link of the mail to a new address leads. */
export function serveConfirmEmail(http: FastifyInstance): void {
  http.get('/confirm-email', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Use this address',
      text: 'One press makes this the e-mail address of your account. Only do it if you have just asked for it yourself.',
      button: 'Use this address',
      otherwise: 'You can also enter the code from the mail where you asked for the change.',
      script: SCRIPT,
    }),
  )
}

const SCRIPT = `
const { token } = given
const isComplete = Boolean(token)
const incomplete = 'Open the link in the mail once more, or begin the change again.'
const advice = {
  INVALID_CODE: 'It was used already, has expired, or the session where you began the change has ended. Begin it again where you are signed in.',
}

async function act() {
  const answer = await send(\`mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) {
    confirmEmailChange(input: $input) { userErrors { code message } }
  }\`, { token })
  if (!answer) return
  const [refusal] = answer.userErrors
  if (refusal) return show('This link does not work any more', advice[refusal.code] ?? refusal.message, false)
  history.replaceState(null, '', location.pathname)
  show('Your address was changed', 'All other sessions were ended, and a mail to the old address tells of it. You can close this page.', false)
}
`
