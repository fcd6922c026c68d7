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
      aside: html`<div id="choices" hidden></div>`,
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
const { proof: field } = form.elements
let challenge = null
let method = null

// The ways to give a second proof: how a choice names them, and what the field asks for. A passkey has none.
const ways = {
  PASSKEY: ['Use a passkey'],
  TOTP: ['Use an authenticator app', 'Code from your authenticator app'],
  EMAIL_CODE: ['Get a code by mail', 'Code from the mail'],
  PASSWORD: ['Use your password', 'Password'],
  RECOVERY_CODE: ['Use a recovery code', 'Recovery code'],
}
const knowsPasskeys = Boolean(globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON)

async function proof() {
  if (!challenge && isReturn) return { challengeId: begun, method: 'IDENTITY_PROVIDER', code, verifier }
  if (!challenge) return { method: 'EMAIL_LINK', token }
  const answer = { challengeId: challenge.id, method }
  if (method === 'PASSWORD') return { ...answer, password: field.value }
  if (method !== 'PASSKEY') return { ...answer, code: field.value }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(challenge.passkeyOptions)
  const passkey = await navigator.credentials.get({ publicKey }).catch(() => null)
  return passkey && { ...answer, passkey: passkey.toJSON() }
}

// Asks for a proof in one way, and offers the others.
async function ask(way) {
  const offered = Object.keys(ways).filter((way) => challenge.methods.includes(way) && (way !== 'PASSKEY' || knowsPasskeys))
  method = way ?? offered[0]
  const [, name] = ways[method]
  label.hidden = !name
  label.firstElementChild.textContent = name
  field.type = method === 'PASSWORD' ? 'password' : 'text'
  field.required = Boolean(name)
  field.value = ''
  choose(offered.filter((way) => way !== method).map((way) => [ways[way][0], () => ask(way)]))
  show('One more step', name ? 'Your account asks for a second proof.' : 'Press once more, and use your passkey.', true)
  if (method !== 'EMAIL_CODE') return
  const sent = await send(\`mutation SendCode($input: SendCodeInput!) { sendCode(input: $input) { userErrors { message } } }\`, { challengeId: challenge.id })
  const [refusal] = sent?.userErrors ?? []
  if (refusal) show('That did not work', refusal.message, true)
}

function choose(choices) {
  const list = document.querySelector('#choices')
  list.replaceChildren(...choices.map(([name, act]) => {
    const choice = document.createElement('button')
    choice.textContent = name
    choice.addEventListener('click', () => void act())
    return choice
  }))
  list.hidden = choices.length === 0
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
  if (answer.challenge) {
    challenge = answer.challenge
    return ask()
  }
  choose([])
  show('Welcome, ' + answer.user.displayName, 'You are signed in on this browser. You can close this page.', false)
}

async function offerProviders() {
  const providers = await send('{ identityProviders { id name } }')
  if (!providers?.length) return
  if (begun) show('You are not signed in', error === 'access_denied' ? 'You, or the provider, have refused.' : 'It did not work out, or has taken too long.', false)
  else show('Sign in', 'Choose where. Or open the link in the mail, if you have asked for one.', false)
  choose(providers.map(({ id, name }) => ['Continue with ' + name, () => leaveFor(id)]))
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
