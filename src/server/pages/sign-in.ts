import type { FastifyInstance } from 'fastify'
import { html } from '../../core/html'
import { sendActionPage } from './action-page'

/**
 * Where the link of the mail to sign in leads, and where an identity provider leads back to; without either, the providers
 * are offered. It asks for a second factor where one is on.
 */
export function serveSignIn(http: FastifyInstance): void {
  http.get('/sign-in', async (_request, reply) =>
    sendActionPage(reply, {
      title: 'Sign in',
      text: 'One press signs you in on this browser.',
      fields: html`<label hidden><span></span><input name="proof" autocomplete="one-time-code" /></label>`,
      aside: html`<div id="providers" hidden></div>`,
      button: 'Sign in',
      otherwise: 'You can also enter the code from the mail where you asked for it.',
      script: SCRIPT,
    }),
  )
}

const SCRIPT = `
const { token, challenge: begun, code, error } = given
// Of a journey that began in this tab; whoever was lured here by a link has none.
const verifier = begun && sessionStorage.getItem(begun)
const isReturn = Boolean(code && verifier)
const isComplete = Boolean(token) || isReturn
const incomplete = 'Open the link in the mail once more, or ask for a new one.'
const label = document.querySelector('label')
let challenge = null

const asking = {
  TOTP: ['Code from your authenticator app', 'text'],
  PASSWORD: ['Password', 'password'],
  RECOVERY_CODE: ['Recovery code', 'text'],
}

async function proof() {
  if (!challenge && isReturn) return { challengeId: begun, method: 'IDENTITY_PROVIDER', code, verifier }
  if (!challenge) return { method: 'EMAIL_LINK', token }
  const challengeId = challenge.id
  if (challenge.ask === 'PASSKEY') {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(challenge.passkeyOptions)
    const passkey = await navigator.credentials.get({ publicKey }).catch(() => null)
    return passkey && { challengeId, method: 'PASSKEY', passkey: passkey.toJSON() }
  }
  const { value } = form.elements.proof
  if (challenge.ask === 'PASSWORD') return { challengeId, method: 'PASSWORD', password: value }
  // Whoever has lost the app types a recovery code into the same field.
  const isRecovery = challenge.methods.includes('RECOVERY_CODE') && value.replace(/\\s/g, '').length > 8
  return { challengeId, method: isRecovery ? 'RECOVERY_CODE' : challenge.ask, code: value }
}

function askFor(next) {
  const offers = 'PublicKeyCredential' in window && PublicKeyCredential.parseRequestOptionsFromJSON ? ['PASSKEY'] : []
  const ask = [...offers, 'TOTP', 'PASSWORD', 'RECOVERY_CODE'].find((method) => next.methods.includes(method))
  challenge = { ...next, ask }
  const [name, type] = asking[ask] ?? []
  label.hidden = !name
  if (name) [label.firstElementChild.textContent, form.elements.proof.type] = [name, type]
  form.elements.proof.required = Boolean(name)
  form.elements.proof.value = ''
  show('One more step', name ? 'Your account asks for a second proof.' : 'Press once more, and use your passkey.', true)
}

async function act() {
  const input = await proof()
  if (!input) return show('The passkey was not used', 'Press once more to try it again.', true)
  const answer = await send(\`mutation CompleteSignIn($input: CompleteSignInInput!) {
    completeSignIn(input: $input) {
      user { displayName } challenge { id methods passkeyOptions } userErrors { message }
    }
  }\`, { ...input, transport: 'COOKIE' })
  if (!answer) return
  const [refusal] = answer.userErrors
  if (refusal) return show(challenge ? 'That was not right' : 'This link does not work any more', refusal.message, Boolean(challenge))
  history.replaceState(null, '', location.pathname)
  if (answer.challenge) return askFor(answer.challenge)
  show('Welcome, ' + answer.user.displayName, 'You are signed in on this browser. You can close this page.', false)
}

async function offerProviders() {
  const providers = await send('{ identityProviders { id name } }')
  if (!providers?.length) return
  if (begun) show('You are not signed in', error === 'access_denied' ? 'You, or the provider, have refused.' : 'It did not work out, or has taken too long.', false)
  else show('Sign in', 'Choose where. Or open the link in the mail, if you have asked for one.', false)
  const list = document.querySelector('#providers')
  list.replaceChildren(...providers.map(({ id, name }) => {
    const choice = document.createElement('button')
    choice.textContent = 'Continue with ' + name
    choice.addEventListener('click', () => void leaveFor(id))
    return choice
  }))
  list.hidden = false
}

async function leaveFor(providerId) {
  const journey = await send(\`mutation StartProviderSignIn($input: StartProviderSignInInput!) {
    startProviderSignIn(input: $input) { url verifier challenge { id } userErrors { message } }
  }\`, { providerId })
  if (!journey) return
  sessionStorage.setItem(journey.challenge.id, journey.verifier)
  location.assign(journey.url)
}

// They have pressed already, at the provider.
if (isReturn) queueMicrotask(() => { sessionStorage.removeItem(begun); form.requestSubmit() })
else if (!token) queueMicrotask(() => void offerProviders().catch(() => {}))
`
