import type { FastifyInstance } from 'fastify'
import { html } from '../../core/html'
import { brand, sendPage } from './page'

/**
 * Where the link of the sign-up mail leads when there is no application to lead to. Challenge and code stand in the
 * fragment, which browsers keep to themselves, and a person has to press: programs that open the links of mails use up nothing.
 */
export function serveSignUp(http: FastifyInstance): void {
  http.get('/sign-up', async (_request, reply) =>
    sendPage(reply, {
      title: 'Finish signing up',
      style: 'main { max-width: 480px; padding-top: 6vh }',
      script: SCRIPT,
      body: html`<main>
        ${brand('Portico')}
        <section class="card" aria-live="polite">
          <h1 tabindex="-1">Finish signing up</h1>
          <p id="text">
            One press confirms your address, creates your account and signs you in on this browser.
          </p>
          <button type="button" hidden>Create my account</button>
          <noscript
            ><p>
              This page needs JavaScript. You can also enter the code from the mail where you began to sign
              up.
            </p></noscript
          >
        </section>
      </main>`,
    }),
  )
}

const SCRIPT = `
const { challenge, code } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
const [heading, text, button] = ['h1', '#text', 'button'].map((part) => document.querySelector(part))
const mutation = \`mutation FinishSignUp($input: CompleteSignUpInput!) {
  completeSignUp(input: $input) { user { displayName } userErrors { code message } }
}\`
const advice = {
  INVALID_CODE: 'It was used already, or has expired. If you have finished signing up, sign in. If not, sign up again, and a new link comes by mail.',
  TAKEN: 'Somebody else has taken your username meanwhile. Sign up again with another one.',
}

function show(title, message, mayPress) {
  document.title = heading.textContent = title
  text.textContent = message
  button.hidden = !mayPress
}

async function finish() {
  const response = await fetch('graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: mutation, variables: { input: { challengeId: challenge, code, transport: 'COOKIE' } } }),
  })
  const { data, errors: [error] = [] } = await response.json()
  const { user, userErrors: [refusal] = [] } = data?.completeSignUp ?? {}
  if (user) {
    history.replaceState(null, '', location.pathname)
    return show('Welcome, ' + user.displayName, 'Your account is ready, and you are signed in on this browser. You can close this page.', false)
  }
  if (refusal) return show('This link does not work any more', advice[refusal.code] ?? refusal.message, false)
  const { retryAfter, requestId } = error.extensions
  const wait = retryAfter ? ' Try again in ' + Math.ceil(retryAfter / 60) + ' min.' : ''
  const reference = requestId ? ' If it goes on, tell us this reference: ' + requestId : ''
  show('That did not work', error.message + wait + reference, true)
}

button.addEventListener('click', async () => {
  button.disabled = true
  await finish().catch(() => show('Portico cannot be reached', 'Check your connection and try again.', true))
  button.disabled = false
  heading.focus()
})
addEventListener('hashchange', () => location.reload())
if (challenge && code) button.hidden = false
else show('This link is incomplete', 'Open the link in the mail once more, or enter the code from the mail where you began to sign up.', false)
`
