import type { FastifyInstance } from 'fastify'
import { Readable } from 'node:stream'
import type { Config } from '../config/config'
import { anonymous } from '../core/viewer'
import type { Database } from '../db/database'
import { DataExportService, DOWNLOAD_PATH } from '../modules/data-export/data-export.service'
import { clientAddress, trusting } from './client-address'
import { sendNotice } from './pages/page'

/** Hands out the file that a link leads to, once. The token is in the path, which no log and no referrer has. */
export function serveDataExports(
  http: FastifyInstance,
  { db, config }: { db: Database; config: Pick<Config, 'trustedProxies'> },
): void {
  const trusts = trusting(config.trustedProxies)
  http.get<{ Params: { token: string } }>(`${DOWNLOAD_PATH}/:token`, async (request, reply) => {
    const address = clientAddress(request.raw, trusts)
    const asStranger = db.as({ viewer: anonymous, requestId: request.id, address })
    const download = await new DataExportService(asStranger).redeem(request.params.token)
    if (!download) {
      return sendNotice(
        reply.code(404),
        'This link leads nowhere',
        'It was used already, or its ten minutes are over. Make another one where you made this.',
      )
    }
    return reply
      .headers({
        'content-disposition': 'attachment; filename="my-data.zip"',
        'content-length': download.sizeBytes,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      .type('application/zip')
      .send(Readable.from(download.bytes, { objectMode: false }))
  })
}
