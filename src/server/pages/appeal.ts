import type { FastifyInstance } from 'fastify'
import { html } from '../../core/html'
import { sendActionPage } from './action-page'

/** Where the link of a decision of moderation leads: also for whoever cannot sign in because of it. */
export function serveAppeal(http: FastifyInstance): void {
  http.get('/appeal', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Object to the decision',
      text: 'Say why you think that it is wrong. Somebody else than who decided first decides anew, and you are told by mail.',
      fields: html`<label
        >Your reasons <textarea name="text" rows="8" maxlength="5000" required></textarea>
      </label>`,
      button: 'Send',
      otherwise: 'You can also object where you are signed in, beside the decision.',
      script: SCRIPT,
    }),
  )
}

const SCRIPT = `
const { token } = given
const isComplete = Boolean(token)
const incomplete = 'Open the link in the mail once more.'

async function act() {
  const answer = await send(\`mutation AppealByMail($input: AppealByMailInput!) {
    appealByMail(input: $input) { userErrors { code field message } }
  }\`, { token, text: form.elements.text.value })
  if (!answer) return
  const [refusal] = answer.userErrors
  if (refusal?.field[0] === 'text') return show('Say it in other words', refusal.message, true)
  if (refusal) return show('This cannot be done any more', refusal.message, false)
  history.replaceState(null, '', location.pathname)
  show('We have your objection', 'Somebody else decides anew, and you are told by mail. You can close this page.', false)
}
`
