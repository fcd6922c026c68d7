import type { FastifyReply } from 'fastify'
import { html, type Html } from '../../core/html'
import { brand, sendPage } from './page'

export interface ActionPage {
  title: string
  text: string
  /** What the person fills in, if anything. */
  fields?: Html
  /** What stands below the form, if anything. */
  aside?: Html
  button: string
  /** What somebody without JavaScript can do instead. */
  otherwise: string
  /**
   * JavaScript that says what a press does. It finds the fragment's values in `given`, sends with
   * `send(document, input)`, and speaks with `show(title, message, mayPress)`. It defines `isComplete`, `incomplete` and `act()`.
   */
  script: string
}

/**
 * Where the link of a mail leads when there is no application to lead to. Its secret stands in the fragment, which browsers
 * keep to themselves, and a person has to press: programs that open the links of mails use up nothing.
 */
export const sendActionPage = (reply: FastifyReply, page: ActionPage): FastifyReply =>
  sendPage(reply, {
    title: page.title,
    style: STYLE,
    script: `${SCRIPT}\n${page.script}\n${PRESS}`,
    body: html`<main>
      ${brand('Portico')}
      <section class="card" aria-live="polite">
        <h1 tabindex="-1">${page.title}</h1>
        <p id="text">${page.text}</p>
        <form hidden>
          ${page.fields}
          <button type="submit">${page.button}</button>
        </form>
        ${page.aside}
        <noscript><p>This page needs JavaScript. ${page.otherwise}</p></noscript>
      </section>
    </main>`,
  })

const STYLE = `
main { max-width: 480px; padding-top: 6vh }
form { width: 100%; display: grid; gap: 14px; justify-items: start }
label { width: 100%; display: grid; gap: 6px; font-weight: 600 }
#choices:not([hidden]) { display: grid; gap: 10px; justify-items: start; margin-top: 14px }
#choices button { background: none; color: var(--accent); border: 1px solid var(--line) }
input, textarea { width: 100%; padding: 12px 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); color: var(--ink); font: inherit; font-weight: 400 }
`

const SCRIPT = `
const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
const [heading, text, form, button] = ['h1', '#text', 'form', 'button'].map((part) => document.querySelector(part))

function show(title, message, mayPress) {
  document.title = heading.textContent = title
  text.textContent = message
  form.hidden = !mayPress
}

async function send(query, input) {
  const response = await fetch('graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { data, errors: [error] = [] } = await response.json()
  const [payload] = Object.values(data ?? {})
  if (payload) return payload
  const { retryAfter, requestId } = error.extensions
  const wait = retryAfter ? ' Try again in ' + Math.ceil(retryAfter / 60) + ' min.' : ''
  const reference = requestId ? ' If it goes on, tell us this reference: ' + requestId : ''
  show('That did not work', error.message + wait + reference, true)
  return null
}
`

const PRESS = `
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  button.disabled = true
  await act().catch(() => show('Portico cannot be reached', 'Check your connection and try again.', true))
  button.disabled = false
  heading.focus()
})
addEventListener('hashchange', () => location.reload())
if (isComplete) form.hidden = false
else show('This link is incomplete', incomplete, false)
`
