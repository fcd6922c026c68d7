import type { FastifyInstance, FastifyRequest } from 'fastify'
import { html } from '../../core/html'
import type { DevelopmentMailbox, ReceivedMail } from '../../modules/mail/development-mailbox'
import { LOCAL_ONLY } from './local-host'
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
      // A mail in its frame is under this policy as well, and has its looks in style attributes.
      allowed: { 'style-src-attr': ["'unsafe-inline'"] },
      body: (nonce) =>
        html`<main>
          ${brand('Mailbox')}
          <p class="quiet">
            ${to === undefined ? 'Mails stay here, the newest first, because no mail server is set (SMTP_URL).' : html`Mails to ${to}, the newest first. <a href="mailbox">Show all</a>`}
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

const article = ({ to, subject, sentAt, code, link, html: content }: ReceivedMail, nonce: string) =>
  html`<article class="card">
    <h2>${subject}</h2>
    <p class="quiet">
      To <a href="mailbox?to=${encodeURIComponent(to)}">${to}</a>
      <time datetime="${sentAt.toISOString()}">${sentAt.toUTCString()}</time>
    </p>
    ${code !== undefined && html`<p>Code <code>${code}</code></p>`}
    ${link !== undefined && html`<p>Link <a href="${link}">${link}</a></p>`}
    <iframe
      title="The mail"
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      srcdoc="${framed(content, nonce)}"
    ></iframe>
  </article>`

/** The mail as its frame shows it: with the style that the page's policy lets through, and links that lead out of the frame. */
const framed = (content: string, nonce: string): string =>
  content.replace('<head>', '<head><base target="_blank">').replace('<style>', `<style nonce="${nonce}">`)

const STYLE = `
main { display: grid; gap: 20px; max-width: 760px }
main > p { margin: 0 }
h2 { font-size: 19px }
time::before { content: '· ' }
code { padding: 3px 8px; border-radius: 6px; background: var(--paper); font: 600 17px/1.4 ui-monospace, monospace; letter-spacing: .06em }
iframe { display: block; width: 100%; height: 420px; border: 1px solid var(--line); border-radius: 10px; resize: vertical }
`
