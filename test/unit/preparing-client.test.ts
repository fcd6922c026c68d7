import type { Client, ClientConfig } from 'pg'
import { PLANNED_ANEW, type PreparingClient } from '../../src/db/preparing-client'
import { testServer, withDatabase } from '../support/test-server'

/** Of this file alone. */
const LOCK = 7_130_042

/** Through a class of one's own, which has prepared nothing yet: a process prepares only so many statements. */
async function connect(settings: ClientConfig = {}): Promise<Client> {
  let made!: typeof PreparingClient
  await jest.isolateModulesAsync(async () => {
    const copy = jest.requireActual<{ PreparingClient: typeof PreparingClient }>(
      '../../src/db/preparing-client',
    )
    made = copy.PreparingClient
    await Promise.resolve()
  })
  const client = new made({
    connectionString: withDatabase(testServer().ownerUrl, 'postgres'),
    ...settings,
  })
  await client.connect()
  return client
}

const preparedOn = async (client: Client): Promise<{ statement: string; executions: number }[]> =>
  (
    await client.query(
      'SELECT statement, (generic_plans + custom_plans)::int AS executions FROM pg_prepared_statements ORDER BY prepare_time',
    )
  ).rows

describe('statements on a connection', () => {
  let client: Client
  beforeEach(async () => {
    client = await connect()
  })
  afterEach(() => client.end())

  test('one with parameters is prepared when it first comes, and used again', async () => {
    for (const number of [1, 2, 3]) {
      expect((await client.query('SELECT $1::int * 2 AS twice', [number])).rows).toEqual([
        { twice: number * 2 },
      ])
    }
    expect(await preparedOn(client)).toEqual([{ statement: 'SELECT $1::int * 2 AS twice', executions: 3 }])
  })

  test('one without parameters, a very long one, and one to be planned anew are sent as they are', async () => {
    await client.query('SELECT 1')
    await client.query('SELECT 1', [])
    await client.query(`SELECT $1::int /* ${'x'.repeat(5_000)} */`, [1])
    await client.query(`/* ${PLANNED_ANEW} */ SELECT $1::int`, [1])
    expect(await preparedOn(client)).toEqual([])
  })

  test('one that failed can be asked again', async () => {
    const divide = (by: number) => client.query('SELECT 6 / $1::int AS result', [by])
    await expect(divide(0)).rejects.toMatchObject({ code: '22012' })
    expect((await divide(2)).rows).toEqual([{ result: 3 }])
    const misspelt = () => client.query('SELEC $1', [1])
    await expect(misspelt()).rejects.toMatchObject({ code: '42601' })
    await expect(misspelt()).rejects.toMatchObject({ code: '42601' })
  })

  test('one that is under way when the connection is lost fails, and ends nothing else', async () => {
    const lost = await connect()
    await expect(lost.query('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({
      code: '57P01',
    })
    await expect(lost.query('SELECT 1')).rejects.toThrow()
  })

  test('one that is not answered in time takes its connection along, and the transaction that it was in', async () => {
    const unanswered = await connect({ query_timeout: 200 })
    await unanswered.query('BEGIN')
    await unanswered.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await expect(unanswered.query('SELECT pg_sleep(0.5)')).rejects.toThrow('Query read timeout')
    // Whoever has the connection next must not commit what is still open there.
    await expect(unanswered.query('COMMIT')).rejects.toThrow()
    await client.query('BEGIN')
    // Until PostgreSQL has noticed.
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await client.query('COMMIT')
  })

  test('a migration that changes the type of a column costs one failure, not all that follow', async () => {
    await client.query('CREATE TEMP TABLE changing (word varchar(5))')
    const read = () => client.query('SELECT word FROM changing WHERE word = $1', ['x'])
    await read()
    await client.query('ALTER TABLE changing ALTER word TYPE text')
    await expect(read()).rejects.toMatchObject({ code: '0A000' })
    expect((await read()).rows).toEqual([])
  })

  test('only the first 300 are prepared; the rest work as well', async () => {
    const fresh = await connect()
    for (let number = 1; number <= 305; number++) {
      const { rows } = await fresh.query(`SELECT $1::int + ${number} AS sum`, [1])
      expect(rows).toEqual([{ sum: number + 1 }])
    }
    const prepared = await preparedOn(fresh)
    await fresh.end()
    expect(prepared).toHaveLength(300)
    expect(prepared.at(-1)!.statement).toBe('SELECT $1::int + 300 AS sum')
  })
})
