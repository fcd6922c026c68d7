import type { FastifyInstance } from 'fastify'
import { html } from '../../core/html'
import { sendActionPage } from './action-page'

/** Where the links lead with which a forgotten password is replaced, and the first one chosen. */
export function serveResetPassword(http: FastifyInstance): void {
  http.get('/reset-password', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Choose a new password',
      text: 'At least 15 characters, whichever you like. Three or four unrelated words are easy to remember.',
      fields: html`<label
        >New password <input type="password" name="password" autocomplete="new-password" required
      /></label>`,
      button: 'Change my password',
      otherwise: 'You can also enter the code from the mail where you asked for it.',
      script: SCRIPT,
    }),
  )
}

const SCRIPT = `
const { token, for: purpose } = given
const isInvitation = purpose === 'invitation'
if (isInvitation) {
  show('Welcome', text.textContent, true)
  button.textContent = 'Choose this password'
}
const isComplete = Boolean(token)
const incomplete = 'Open the link in the mail once more, or ask for a new one.'

async function act() {
  const newPassword = form.elements.password.value
  const answer = await send(\`mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) { userErrors { code field message } }
  }\`, { token, newPassword })
  if (!answer) return
  const [refusal] = answer.userErrors
  if (refusal?.field[0] === 'newPassword') return show('Choose another password', refusal.message, true)
  if (refusal) return show('This link does not work any more', refusal.message, false)
  history.replaceState(null, '', location.pathname)
  if (isInvitation) return show('Your account is ready', 'Sign in with your new password. You can close this page.', false)
  show('Your password was changed', 'All sessions were ended. Sign in with the new one. You can close this page.', false)
}
`
