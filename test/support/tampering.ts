import { randomInt } from 'node:crypto'
import type { ClientBase } from 'pg'
import { connected } from '../../src/db/connection'
import { sealTrail } from '../../src/modules/audit/seal-trail'
import {
  examineTrail,
  verifyTrail,
  type Examination,
  type SealedHead,
} from '../../src/modules/audit/verify-trail'
import type { Problem } from '../../src/modules/audit/trail-problem'
import type { World } from './world'

/** Whoever owns the tables and has not got the keyring. */
export class Intruder {
  constructor(private readonly world: World) {}

  get ownerUrl(): string {
    return this.world.portico.config.databaseOwnerUrl!
  }

  /** What an examination finds after a change, which is taken back then. */
  async finds(change: (client: ClientBase) => Promise<unknown>, since?: SealedHead): Promise<Examination> {
    return connected(this.ownerUrl, async (client) => {
      await client.query('BEGIN')
      await change(client)
      return examineTrail(client, { ...this.world.db.tools, now: this.world.clock.now(), since })
    })
  }

  /** The problems that an examination finds after a statement. */
  async problemsAfter(sql: string, parameters: unknown[] = []): Promise<Problem[]> {
    const { problems } = await this.finds(async (client) => {
      const { rowCount } = await client.query(sql, parameters)
      if (rowCount === 0) throw new Error('The statement changes nothing.')
    })
    return problems
  }
}

export const sealNow = ({ db }: World): Promise<number> =>
  sealTrail({ url: db.tools.database.appUrl, keyring: db.tools.keyring, now: db.now })

export const examineNow = ({ db }: World, since?: SealedHead): Promise<Examination> =>
  verifyTrail(db.tools.database.appUrl, { keyring: db.tools.keyring, now: db.now, since })

interface Cell {
  table: string
  /** How the row is named in problems: a row's id, an entry's position, a seal's number. */
  name: string
  column: string
  type: string
  tableoid: string
  ctid: string
  value: string
}

const TABLES: Record<string, string> = {
  audit_events: 'id',
  access_records: 'id',
  audit_seals: 'number',
  audit_seal_entries: 'position',
}

/** A value of one of the tables, drawn by lot. */
async function drawn(client: ClientBase): Promise<Cell> {
  const of = <One>(list: readonly One[]): One => list[randomInt(list.length)]!
  const table = of(Object.keys(TABLES))
  const { rows } = await client.query<{ name: string; tableoid: string; ctid: string }>(
    `SELECT ${TABLES[table]}::text AS name, tableoid::text, ctid::text FROM public.${table} ORDER BY random() LIMIT 1`,
  )
  const row = rows[0]!
  const { rows: columns } = await client.query<{ column: string; type: string }>(
    `SELECT attname::text AS column, atttypid::regtype::text AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [`public.${table}`],
  )
  const { column, type } = of(columns)
  const text =
    type === 'timestamp with time zone'
      ? `(extract(epoch FROM ${column}) * 1000)::bigint::text`
      : `${column}::text`
  const { rows: values } = await client.query<{ value: string | null }>(
    `SELECT ${text} AS value FROM public.${table} WHERE tableoid = $1 AND ctid = $2`,
    [row.tableoid, row.ctid],
  )
  const { value } = values[0]!
  return value === null || value === '' ? drawn(client) : { table, column, type, value, ...row }
}

/** The value as PostgreSQL reads it, with one bit of it turned over. */
function flipped({ type, value }: Cell): string {
  const inBytes = (bytes: Buffer): Buffer => {
    const bit = randomInt(8 * bytes.length)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    return bytes
  }
  const inNumber = (bits: number): bigint =>
    BigInt.asIntN(bits, BigInt(value) ^ (1n << BigInt(randomInt(bits))))
  switch (type) {
    case 'uuid':
      return inBytes(Buffer.from(value.replaceAll('-', ''), 'hex')).toString('hex')
    case 'bytea':
      return `\\x${inBytes(Buffer.from(value.slice(2), 'hex')).toString('hex')}`
    case 'boolean':
      return value === 'true' ? 'false' : 'true'
    case 'integer':
      return String(inNumber(32))
    case 'bigint':
      return String(inNumber(64))
    case 'timestamp with time zone':
      return new Date(Number(inNumber(64))).toISOString()
    default:
      return inBytes(Buffer.from(value)).toString('latin1')
  }
}

/**
 * Turns over one bit of one value that was drawn by lot. What PostgreSQL would not take, or would store as what it was, is
 * drawn again. Returns what was hit.
 */
export async function flipOneBit(client: ClientBase): Promise<Cell> {
  for (;;) {
    const cell = await drawn(client)
    const { table, column, type, tableoid, ctid } = cell
    await client.query('SAVEPOINT before')
    try {
      const bytes = ['text', 'jsonb', 'text[]'].includes(type)
      const text = flipped(cell)
      const given = bytes ? `convert_from($3::bytea, 'UTF8')::${type}` : `$3::${type}`
      const { rows } = await client.query<{ isSame: boolean }>(
        `UPDATE public.${table} AS now SET ${column} = ${given} FROM public.${table} AS was
         WHERE now.tableoid = $1 AND now.ctid = $2 AND was.tableoid = $1 AND was.ctid = $2
         RETURNING now.${column} IS NOT DISTINCT FROM was.${column} AS "isSame"`,
        [tableoid, ctid, bytes ? Buffer.from(text, 'latin1') : text],
      )
      if (rows[0]?.isSame === false) return cell
    } catch (error) {
      // No such value: not a date, not UTF-8, refused by a constraint.
      if (!(error instanceof RangeError) && !/^2[23]/.test((error as { code?: string }).code ?? ''))
        throw error
    }
    await client.query('ROLLBACK TO before')
  }
}

/** Whether the problems say which row was hit. */
export const names = (problems: readonly Problem[], { table, column, name }: Cell): boolean =>
  problems.some(({ kind, row, seal, entry }) => {
    // The newest, under another number, is one more that nobody has made; nobody knows yet that it was there.
    if (table === 'audit_seals')
      return String(seal) === name || (column === 'number' && kind === 'seal-inserted')
    return table === 'audit_seal_entries' ? String(entry) === name : row?.id === name
  })

/** People, what they do, and staff that look at them, under some seals. */
export async function fillTrail(world: World): Promise<void> {
  const admin = await world.person({ role: 'admin' })
  for (let round = 0; round < 6; round++) {
    const person = await world.person()
    await world.post({ author: person })
    await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    if (round % 2 === 0)
      await admin.api.data('query ($id: ID!) { user(id: $id) { email } }', { id: person.globalId })
    else
      await admin.api.data(
        'mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { userErrors { code } } }',
        { input: { userId: person.globalId, reason: 'Spam.' } },
      )
    world.clock.advance(60_000)
    await sealNow(world)
  }
}
