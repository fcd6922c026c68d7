import type { FastifyInstance } from 'fastify'
import { sendActionPage } from './action-page'

/** Where a link leads whose secret is all that one mutation needs: a press, and it is done. */
interface TokenPage {
  path: string
  title: string
  text: string
  button: string
  otherwise: string
  /** What to do about a link without its secret. */
  incomplete: string
  /** The mutation that takes the secret as `token`. */
  mutation: 'confirmEmailChange' | 'undoEmailChange' | 'disownSecurityEvent'
  /** What a proof that does not count any more can mean here. */
  used: string
  done: { title: string; text: string }
}

const IN_THE_MAIL = 'Open the link in the mail once more.'
const ANOTHER_BROWSER = 'Switch it on, or open the link in another browser.'

const PAGES: readonly TokenPage[] = [
  {
    path: '/confirm-email',
    title: 'Use this address',
    text: 'One press makes this the e-mail address of your account. Only do it if you have just asked for it yourself.',
    button: 'Use this address',
    otherwise: 'You can also enter the code from the mail where you asked for the change.',
    incomplete: 'Open the link in the mail once more, or begin the change again.',
    mutation: 'confirmEmailChange',
    used: 'It was used already, has expired, or the session where you began the change has ended. Begin it again where you are signed in.',
    done: {
      title: 'Your address was changed',
      text: 'All other sessions were ended, and a mail to the old address tells of it. You can close this page.',
    },
  },
  {
    path: '/undo-email-change',
    title: 'Take the change back',
    text: 'One press gives this address back to your account, ends all sessions and switches the old password off. Another mail then lets you choose a new one.',
    button: 'Take it back',
    otherwise: ANOTHER_BROWSER,
    incomplete: IN_THE_MAIL,
    mutation: 'undoEmailChange',
    used: 'It was used already, or is more than a week old.',
    done: {
      title: 'Your address is yours again',
      text: 'All sessions were ended. A mail to this address lets you choose a new password. You can close this page.',
    },
  },
  {
    path: '/secure-account',
    title: 'Was it not you?',
    text: 'One press ends all sessions, switches the old password off, gives your e-mail address of a week ago back, and takes away the second factors that were added since. A mail then lets you choose a new password.',
    button: 'It was not me',
    otherwise: ANOTHER_BROWSER,
    incomplete: IN_THE_MAIL,
    mutation: 'disownSecurityEvent',
    used: 'It was used already, or is more than a week old. Your security inbox has newer events.',
    done: {
      title: 'Your account is safe',
      text: 'All sessions were ended. We have sent you a mail to choose a new password with. You can close this page.',
    },
  },
]

export function serveTokenPages(http: FastifyInstance): void {
  for (const page of PAGES)
    http.get(page.path, async (_request, reply) => sendActionPage(reply, { ...page, script: scriptOf(page) }))
}

function scriptOf({ incomplete, mutation, used, done }: TokenPage): string {
  const name = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}`
  const operation = `mutation ${name}($input: ${name}Input!) { ${mutation}(input: $input) { userErrors { code message } } }`
  return `
const { token } = given
const isComplete = Boolean(token)
const incomplete = ${JSON.stringify(incomplete)}

async function act() {
  const answer = await send(${JSON.stringify(operation)}, { token })
  if (!answer) return
  const [refusal] = answer.userErrors
  if (refusal) {
    const why = refusal.code === 'INVALID_CODE' ? ${JSON.stringify(used)} : refusal.message
    return show('This link does not work any more', why, false)
  }
  history.replaceState(null, '', location.pathname)
  show(${JSON.stringify(done.title)}, ${JSON.stringify(done.text)}, false)
}
`
}
