import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Config } from '../config/config'
import { html } from '../core/html'
import { anonymous } from '../core/viewer'
import type { Database } from '../db/database'
import { UNSUBSCRIBE_PATH } from '../modules/mail/mail-channel'
import { readUnsubscribeLink, unsubscribeByLink } from '../modules/mail/unsubscribe'
import { clientAddress, trusting } from './client-address'
import { brand, sendNotice, sendPage } from './pages/page'

interface Link {
  Params: { topic: string; token: string }
}

/**
 * Where the header `List-Unsubscribe` of a mail leads: a POST ends the mails of a topic, without cookies and without signing in (RFC 8058).
 * A GET asks, because programs follow links. The token is in the path, which no log and no referrer has.
 */
export function serveUnsubscribing(
  http: FastifyInstance,
  { db, config }: { db: Database; config: Pick<Config, 'trustedProxies'> },
): void {
  const trusts = trusting(config.trustedProxies)
  const path = `${UNSUBSCRIBE_PATH}/:topic/:token`
  void http.register(async (scope) => {
    // Mail programs send a form, of which all that counts is in the address.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, null))

    scope.get<Link>(path, async ({ params: { topic, token } }, reply) => {
      const link = readUnsubscribeLink(db, topic, token)
      if (link === null) return leadsNowhere(reply)
      return sendPage(secretly(reply), {
        title: 'Unsubscribe',
        style: STYLE,
        allowed: { 'form-action': ["'self'"] },
        body: html`<main>
          ${brand('Portico')}
          <section class="card">
            <h1>No more mails about ${link.names.en}?</h1>
            <p lang="de">Keine Mails mehr über ${link.names.de}?</p>
            <form method="post"><button type="submit">Unsubscribe · Abbestellen</button></form>
          </section>
        </main>`,
      })
    })

    scope.post<Link>(path, async (request, reply) => {
      const { topic, token } = request.params
      const address = clientAddress(request.raw, trusts)
      const asStranger = db.as({ viewer: anonymous, requestId: request.id, address })
      if (!(await unsubscribeByLink(asStranger, topic, token))) return leadsNowhere(reply)
      return sendNotice(
        secretly(reply),
        'You are unsubscribed',
        'You get no more of these mails. Those about the safety of your account and your rights still come. · Abbestellt: Mails zur Sicherheit deines Kontos und zu deinen Rechten bekommst du weiter.',
      )
    })
  })
}

const secretly = (reply: FastifyReply): FastifyReply =>
  reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })

const leadsNowhere = (reply: FastifyReply): FastifyReply =>
  sendNotice(reply.code(404), 'This link leads nowhere', 'Open it again from the mail, as a whole.')

const STYLE = `
main { max-width: 480px; padding-top: 6vh }
`
