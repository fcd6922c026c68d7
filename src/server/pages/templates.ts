import type { FastifyInstance } from 'fastify'
import { html } from '../../core/html'
import { LANGUAGES, type Language } from '../../core/language'
import { layOut } from '../../modules/mail/mail-layout'
import { wordsFor, type Template } from '../../modules/mail/mail-template'
import { MAILS } from '../../modules/mail/mails'
import { SAMPLE } from '../../modules/mail/sample-facts'
import { TEXTS } from '../../modules/sms/texts'
import { LOCAL_ONLY } from './local-host'
import { framed, FRAMED_STYLE, IN_FRAMES } from './mail-frame'
import { brand, sendPage } from './page'

const CHANNELS: Readonly<Record<string, Readonly<Record<string, Template>>>> = { email: MAILS, sms: TEXTS }

/** Every mail and text message in every language, with facts that are made up: for whoever writes one. */
export function serveTemplates(http: FastifyInstance): void {
  http.get('/dev/mailbox/templates', LOCAL_ONLY, async (_request, reply) =>
    sendPage(reply, {
      title: 'Templates',
      style: STYLE,
      body: html`<main>
        ${brand('Templates')}
        <p class="quiet">What is written to people, in each language. <a href="../mailbox">Mailbox</a></p>
        ${Object.entries(CHANNELS).map(
          ([channel, templates]) =>
            html`<section class="card">
              <h2>${channel === 'sms' ? 'Text messages' : 'Mails'}</h2>
              <ul>
                ${Object.entries(templates).map(
                  ([name, template]) =>
                    html`<li>
                      <a href="templates/${channel}/${name}">${name}</a>
                      <span class="quiet">${template[LANGUAGES[0]].subject}</span>
                    </li>`,
                )}
              </ul>
            </section>`,
        )}
      </main>`,
    }),
  )
  http.get('/dev/mailbox/templates/:channel/:name', LOCAL_ONLY, async (request, reply) => {
    const { channel, name } = request.params as { channel: string; name: string }
    const templates = Object.hasOwn(CHANNELS, channel) ? CHANNELS[channel]! : {}
    if (!Object.hasOwn(templates, name)) return reply.callNotFound()
    return sendPage(reply, {
      title: name,
      style: STYLE,
      allowed: IN_FRAMES,
      body: (nonce) =>
        html`<main>
          ${brand(name)}
          <p class="quiet"><a href="../../templates">All templates</a></p>
          ${LANGUAGES.map((language) => {
            const { subject, content } = laidOut(channel, templates[name]!, language)
            return html`<article class="card" lang="${language}">
              <h2>${subject}</h2>
              ${channel === 'sms' ? html`<p>${content}</p>` : framed(content, nonce)}
            </article>`
          })}
        </main>`,
    })
  })
}

function laidOut(
  channel: string,
  template: Template,
  language: Language,
): { subject: string; content: string } {
  const reader = { address: 'ada@example.com', locale: language, timeZone: 'UTC' }
  if (channel === 'sms') {
    const { subject, text } = wordsFor(reader, template, SAMPLE)
    return { subject, content: text.join(' ') }
  }
  const { subject, html: content } = layOut(reader, template, SAMPLE)
  return { subject, content }
}

const STYLE = `
main { display: grid; gap: 20px; max-width: 760px }
main > p { margin: 0 }
h2 { font-size: 19px }
ul { margin: 0; padding: 0; list-style: none }
li { padding: 4px 0 }
${FRAMED_STYLE}
`
