import type { FastifyInstance } from 'fastify'
import { sendActionPage } from './action-page'

/** Where the link of the mail to an old address leads. */
export function serveUndoEmailChange(http: FastifyInstance): void {
  http.get('/undo-email-change', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Take the change back',
      text: 'One press gives this address back to your account, ends all sessions and switches the old password off. Another mail then lets you choose a new one.',
      button: 'Take it back',
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
  const answer = await send(\`mutation UndoEmailChange($input: UndoEmailChangeInput!) {
    undoEmailChange(input: $input) { userErrors { message } }
  }\`, { token })
  if (!answer) return
  if (answer.userErrors.length > 0) {
    return show('This link does not work any more', 'It was used already, or is more than a week old.', false)
  }
  history.replaceState(null, '', location.pathname)
  show('Your address is yours again', 'All sessions were ended. A mail to this address lets you choose a new password. You can close this page.', false)
}
`
