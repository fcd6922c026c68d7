import type { FastifyInstance, FastifyRequest } from 'fastify'
import { html } from '../../core/html'
import type { DevelopmentMailbox, ReceivedMail } from '../../modules/mail/development-mailbox'
import { LOCAL_ONLY } from './local-host'
import { framed, FRAMED_STYLE, IN_FRAMES } from './mail-frame'
import { brand, sendPage } from './page'

/** The mails that would have been sent, to read and for programs. */
export function serveMailbox(http: FastifyInstance, mailbox: DevelopmentMailbox): void {
  http.get('/dev/mailbox.json', LOCAL_ONLY, async (request) => mailbox.read(addressee(request)))
  http.get('/dev/mailbox', LOCAL_ONLY, async (request, reply) => {
    const to = addressee(request)
    const mails = mailbox.read(to)
    return sendPage(reply, {
      title: 'Mailbox',
      style: STYLE,
      allowed: IN_FRAMES,
      body: (nonce) =>
        html`<main>
          ${brand('Mailbox')}
          <p class="quiet">
            ${to === undefined ? 'Mails and text messages stay here, the newest first, because no provider of them is set (SMTP_URL, SMS_URL).' : html`Mails to ${to}, the newest first. <a href="mailbox">Show all</a>`}
            <a href="mailbox/templates">Templates</a>
          </p>
          ${mails.length === 0 && html`<p class="card">No mail yet. Sign up, and the code arrives here.</p>`}
          ${mails.map((mail) => article(mail, nonce))}
        </main>`,
    })
  })
}

function addressee({ query }: FastifyRequest): string | undefined {
  const { to } = query as { to?: unknown }
  return typeof to === 'string' ? to : undefined
}

const article = ({ channel, to, subject, sentAt, code, link, html: content }: ReceivedMail, nonce: string) =>
  html`<article class="card">
    <h2>${subject}</h2>
    <p class="quiet">
      ${channel === 'sms' ? 'Text message to' : 'To'} <a href="mailbox?to=${encodeURIComponent(to)}">${to}</a>
      <time datetime="${sentAt.toISOString()}">${sentAt.toUTCString()}</time>
    </p>
    ${code !== undefined && html`<p>Code <code>${code}</code></p>`}
    ${link !== undefined && html`<p>Link <a href="${link}">${link}</a></p>`} ${framed(content, nonce)}
  </article>`

const STYLE = `
main { display: grid; gap: 20px; max-width: 760px }
main > p { margin: 0 }
h2 { font-size: 19px }
time::before { content: '· ' }
code { padding: 3px 8px; border-radius: 6px; background: var(--paper); font: 600 17px/1.4 ui-monospace, monospace; letter-spacing: .06em }
${FRAMED_STYLE}
`
