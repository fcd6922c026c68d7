import type { FastifyInstance } from 'fastify'
import { sendActionPage } from './action-page'

/** Where “It was not me” in a mail leads. */
export function serveSecureAccount(http: FastifyInstance): void {
  http.get('/secure-account', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Was it not you?',
      text: 'One press ends all sessions, switches the old password off, and takes back what was changed about your e-mail address and your second factors in the last week. A mail then lets you choose a new password.',
      button: 'It was not me',
      otherwise: 'Switch it on, or open the link in another browser.',
      script: SCRIPT,
    }),
  )
}

const SCRIPT = `
const { token } = given
const isComplete = Boolean(token)
const incomplete = 'Open the link in the mail once more.'

async function act() {
  const answer = await send(\`mutation DisownSecurityEvent($input: DisownSecurityEventInput!) {
    disownSecurityEvent(input: $input) { userErrors { message } }
  }\`, { token })
  if (!answer) return
  if (answer.userErrors.length > 0) {
    return show('This link does not work any more', 'It was used already, or is more than a week old. Your security inbox has newer events.', false)
  }
  history.replaceState(null, '', location.pathname)
  show('Your account is safe', 'All sessions were ended. We have sent you a mail to choose a new password with. You can close this page.', false)
}
`
