import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/config'
import { system } from '../core/caller'
import { isStandardSigned } from '../crypto/standard-webhook'
import type { Database } from '../db/database'
import { readMailEvent, takeMailEvent } from '../modules/mail/mail-events'
import { refuse } from './http'

/** Where the provider of mails says what became of them; nothing is there unless the operator shares a secret with it. */
export function serveMailEvents(
  http: FastifyInstance,
  { db, config: { mailEventsSecret: secret } }: { db: Database; config: Pick<Config, 'mailEventsSecret'> },
): void {
  if (secret === null) return
  void http.register(async (scope) => {
    // What is signed are the bytes, so they are read before anything is made of them.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    )
    scope.post<{ Body: string }>('/webhooks/mail-events', async (request, reply) => {
      const body = typeof request.body === 'string' ? request.body : ''
      if (!isStandardSigned(secret, request.headers, body, db.now))
        return refuse(
          reply,
          401,
          'The message is not signed with the secret, or not of now.',
          'UNAUTHENTICATED',
        )
      const event = readMailEvent(jsonOf(body))
      if (event === null)
        return refuse(
          reply,
          400,
          'Say what became of a mail: {"type":"mail.bounced","data":{"address":"…"}}.',
        )
      await takeMailEvent(db.as({ ...system, requestId: request.id }), event)
      return reply.code(204).send()
    })
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
