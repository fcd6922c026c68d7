import { createDecipheriv } from 'node:crypto'
import { newId, type Id } from '../../src/core/id'
import { seal } from '../../src/crypto/cipher'
import { generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import { Codec, type Place } from '../../src/db/codec'
import type { Database } from '../../src/db/database'
import { Session } from '../../src/modules/session/session.entity'
import { median } from '../support/mann-whitney'

/** Values of a page, each under the key of another person. */
const PAGE = 100

/** Milliseconds for a page, of one round each. */
export interface Decryption {
  /** What the codec takes, keys looked up, in a process that has read these people within the last minute. */
  asked: number[]
  /** The same where the database answers at once. */
  known: number[]
  /** The same in a process that has not: keys are unwrapped, values decrypted. */
  unwrapped: number[]
  /** So many decryptions as there are values alone, by Node itself. */
  bare: number[]
}

/** Measures what it takes to decrypt a page of a hundred people, as a request does. */
export async function measureDecryption(db: Database, { rounds }: { rounds: number }): Promise<Decryption> {
  const places = Array.from({ length: PAGE }, (): Place => ({ id: newId(), ownerId: newId() }))
  await db.codec.makeKeys(places.map(({ ownerId }) => ownerId))
  const rows: (Place & { value: Buffer })[] = []
  for (const at of places) {
    rows.push({ ...at, value: await db.codec.seal(Session, 'address', at, `${at.id}@example.com`) })
  }
  const keys = await db.query<{ owner_id: Id; wrapped: Buffer }>(
    'SELECT owner_id, wrapped FROM data_keys WHERE owner_id = ANY ($1)',
    [places.map(({ ownerId }) => ownerId)],
  )
  const text = generateKeyring()
  const rewrapped = keys.map(({ owner_id, wrapped }) => ({
    owner_id,
    wrapped: parseKeyring(text).wrap(db.tools.keyring.unwrap(wrapped, owner_id), owner_id),
  }))
  const bareValues = rows.map(({ id }) => seal(KEY, `${id}@example.com`, AAD))
  const handle = { now: db.now, repo: db.repo.bind(db), query: async () => rewrapped as never[] }
  const open = (codec: Codec) => codec.open(Session, 'address', rows, ({ value }) => value)
  const measured: Decryption = { asked: [], known: [], unwrapped: [], bare: [] }
  const keyring = parseKeyring(text)
  for (let round = -1; round < rounds; round++) {
    const asked = await perPage(() => open(db.as(db.caller).codec))
    const known = await perPage(() => open(new Codec(handle, keyring)))
    const others = Array.from({ length: PAGES }, () => parseKeyring(text))
    const unwrapped = await perPage((page) => open(new Codec(handle, others[page]!)))
    const bare = await perPage(async () => bareValues.map(decryptBare))
    // The first warms up.
    if (round < 0) continue
    measured.asked.push(asked)
    measured.known.push(known)
    measured.unwrapped.push(unwrapped)
    measured.bare.push(bare)
  }
  return measured
}

const PAGES = 200

async function perPage(work: (page: number) => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  for (let page = 0; page < PAGES; page++) await work(page)
  return (performance.now() - begin) / PAGES
}

const KEY = Buffer.alloc(32, 7)
const AAD = 'sessions.address:00000000-0000-0000-0000-000000000000:00000000-0000-0000-0000-000000000000'

/** What `seal` wrote, without a line more than it takes. */
function decryptBare(sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', KEY, sealed.subarray(1, 13), { authTagLength: 16 })
  decipher.setAAD(VERSION_AND_AAD)
  decipher.setAuthTag(sealed.subarray(-16))
  const text = decipher.update(sealed.subarray(13, -16), undefined, 'utf8')
  decipher.final()
  return text
}

const VERSION_AND_AAD = Buffer.from(`\u0001${AAD}`)

export function toDecryptionTable({ asked, known, unwrapped, bare }: Decryption): string {
  const floor = median(bare)
  const line = (name: string, times: number[]) =>
    `| ${name} | ${median(times).toFixed(2)} ms | ${(median(times) / floor).toFixed(1)} |`
  return [
    `| a page of ${PAGE} people decrypted | time | ratio |`,
    '| --- | --: | --: |',
    line('with the look-up of their keys', asked),
    line('with keys that are at hand', known),
    line('with keys that are unwrapped first', unwrapped),
    line(`${PAGE} decryptions by Node alone`, bare),
  ].join('\n')
}
