import 'reflect-metadata'
import type { Database } from '../../src/db/database'
import { MailService } from '../../src/modules/mail/mail.service'
import { SmsService } from '../../src/modules/sms/sms.service'
import { beginWork } from './working-process'

/** How many messages are on their way into the database at once. */
const LANES = 4

/**
 * A process of its own that does what stands beside a server, and so sends webhooks, mails and texts. It says when it has begun. With a name
 * and a number as arguments it posts so many messages itself, mails and texts by turns, every tenth of which is taken back, and says of each
 * when it is committed.
 */
async function main(life: string | undefined, count: number): Promise<void> {
  const db = await beginWork()
  if (life === undefined) return
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      for (let place = lane; place < count; place += LANES) await post(db, life, place)
    }),
  )
  process.stdout.write('posted\n')
}

async function post(db: Database, life: string, place: number): Promise<void> {
  const isTakenBack = place % 10 === 9
  const name = `${isTakenBack ? 'gone' : 'm'}${life}x${place}`
  const committed = db
    .transaction(async (tx) => {
      if (place % 2 === 0)
        await new MailService(tx).sendToStranger(
          { address: `${name}@ledger.example`, locale: 'en' },
          'signUpCode',
          { code: 'BCDF-GHJK', link: 'https://app.example.com/', minutes: 600 },
        )
      else
        await new SmsService(tx).send(
          { number: name, locale: 'en', timeZone: 'UTC', userId: null },
          'phoneCode',
          { code: 'BCDF-GHJK', minutes: 600 },
        )
      if (isTakenBack) throw new Error('Taken back.')
    })
    .then(
      () => true,
      () => false,
    )
  if (await committed) process.stdout.write(`ack ${name}\n`)
}

void main(process.argv[2], Number(process.argv[3] ?? 0))
