import { Client } from 'pg'
import type { Database } from '../../src/db/database'
import { newId } from '../../src/core/id'
import { system } from '../../src/core/caller'
import { useWorld } from '../support/world'

const world = useWorld()

/** Two accounts with 1,000 each, in a table of this file's own. */
async function twoAccounts(): Promise<[string, string]> {
  // In the order in which balances are read: two ids of the same millisecond have none.
  const ids = [newId(), newId()].sort() as [string, string]
  await world.db.query('INSERT INTO accounts (id, balance) VALUES ($1, 1000), ($2, 1000)', ids)
  return ids
}

const balances = async (ids: string[]) =>
  (
    await world.db.query<{ balance: number }>('SELECT balance FROM accounts WHERE id = ANY($1) ORDER BY id', [
      ids,
    ])
  ).map((row) => row.balance)

const add = (db: Database, id: string, amount: number) =>
  db.query('UPDATE accounts SET balance = balance + $2 WHERE id = $1', [id, amount])

describe('the database handle', () => {
  beforeAll(async () => {
    const owner = new Client({ connectionString: world.portico.config.databaseOwnerUrl! })
    await owner.connect()
    await owner.query(`CREATE TABLE accounts (id uuid PRIMARY KEY, balance integer NOT NULL CHECK (balance >= 0));
      GRANT SELECT, INSERT, UPDATE ON accounts TO PUBLIC`)
    await owner.end()
  })

  test('a transaction whose connection is lost between two statements says that the database cannot be reached', async () => {
    for (const isLastStatement of [false, true]) {
      const cut = world.db.transaction(async (tx) => {
        const [{ pid }] = (await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')) as [
          { pid: number },
        ]
        await world.db.query('SELECT pg_terminate_backend($1, 5000)', [pid])
        // The end of the connection has to arrive here, too.
        await new Promise((resolve) => setTimeout(resolve, 100))
        if (!isLastStatement) await tx.query('SELECT 1')
      })
      await expect(cut).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } })
    }
  })

  test('a transaction inside a transaction joins it: both are committed, or neither', async () => {
    const [a, b] = await twoAccounts()
    await world.db.transaction(async (tx) => {
      await add(tx, a, 1)
      await tx.transaction(async (inner) => {
        expect(inner).toBe(tx)
        await add(inner, b, 1)
      })
    })
    expect(await balances([a, b])).toEqual([1001, 1001])
    const failure = world.db.transaction(async (tx) => {
      await tx.transaction((inner) => add(inner, a, 1))
      throw new Error('No.')
    })
    await expect(failure).rejects.toThrow('No.')
    expect(await balances([a, b])).toEqual([1001, 1001])
  })

  test('with savepoints, work that joins and fails takes back only itself and its effects', async () => {
    const [a, b] = await twoAccounts()
    const effects: string[] = []
    await world.db.transaction(
      async (tx) => {
        await add(tx, a, 1)
        const failing = tx.transaction(async (inner) => {
          inner.afterCommit(() => void effects.push('failed'))
          await add(inner, a, 100)
          await add(inner, b, -5000)
        })
        await expect(failing).rejects.toThrow('accounts_balance_check')
        await tx.transaction(async (inner) => {
          inner.afterCommit(() => void effects.push('done'))
          await add(inner, b, 1)
        })
        expect(effects).toEqual([])
      },
      { savepoints: true },
    )
    expect(await balances([a, b])).toEqual([1001, 1001])
    expect(effects).toEqual(['done'])
  })

  test('one that is given up takes back the part of it that still goes on, and leaves its connection clean', async () => {
    const ids = await twoAccounts()
    let part!: Promise<unknown>
    await expect(
      world.db.transaction(
        async (tx) => {
          await add(tx, ids[0], 1)
          part = tx.transaction(async (inner) => {
            await inner.query('SELECT pg_sleep(0.2)')
            await add(inner, ids[1], 1)
          })
          part.catch(() => undefined)
          await new Promise((resolve) => setTimeout(resolve, 50))
          throw new Error('It took too long.')
        },
        { savepoints: true },
      ),
    ).rejects.toThrow('It took too long.')
    await expect(part).rejects.toThrow('This transaction has ended')
    expect(await balances(ids)).toEqual([1000, 1000])
    // Each connection of the pool is out of it: what is written alone is there for everybody at once.
    for (let round = 1; round <= 30; round++) {
      await add(world.db, ids[0], 1)
      expect(
        (await Promise.all(Array.from({ length: 4 }, () => balances(ids)))).map(([first]) => first),
      ).toEqual(Array.from({ length: 4 }, () => 1000 + round))
    }
  })

  test('an effect runs after the commit, in order, and outside a transaction at once', async () => {
    const [a] = await twoAccounts()
    const seen: unknown[] = []
    await world.db.transaction(async (tx) => {
      tx.afterCommit(async () => void seen.push('first', await balances([a])))
      tx.as(system).afterCommit(() => void seen.push('second'))
      await add(tx, a, 1)
      expect(seen).toEqual([])
    })
    expect(seen).toEqual(['first', [1001], 'second'])
    world.db.afterCommit(() => void seen.push('third'))
    expect(seen.at(-1)).toBe('third')
  })

  test('an effect never runs after a rollback, be it the work that fails, the commit, or a failure that was swallowed', async () => {
    const [a] = await twoAccounts()
    let ran = 0
    const failing: ((tx: Database) => Promise<unknown>)[] = [
      async (tx) => {
        await add(tx, a, 1)
        throw new Error('The work fails.')
      },
      async (tx) => {
        await add(tx, a, 1)
        await tx.query('SELECT 1/0').catch(() => undefined)
      },
      async (tx) => {
        await add(tx, a, 1)
        await tx.query(
          `CREATE TEMPORARY TABLE promised (n integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)`,
        )
        await tx.query('INSERT INTO promised VALUES (1), (1)')
      },
    ]
    for (const work of failing) {
      const transaction = world.db.transaction(async (tx) => {
        tx.afterCommit(() => void ran++)
        await work(tx)
      })
      await expect(transaction).rejects.toThrow()
    }
    expect(ran).toBe(0)
    expect(await balances([a])).toEqual([1000])
  })

  test('an effect that fails is reported; neither the answer nor the other effects suffer', async () => {
    const reported = jest.spyOn(world.db.tools, 'onEffectError').mockImplementation(() => undefined)
    const ran: string[] = []
    const answer = await world.db.transaction(async (tx) => {
      tx.afterCommit(() => Promise.reject(new Error('The mail server is away.')))
      tx.afterCommit(() => void ran.push('second'))
      return 'answer'
    })
    expect([answer, ran]).toEqual(['answer', ['second']])
    expect(reported.mock.calls).toEqual([[new Error('The mail server is away.')]])
    reported.mockRestore()
  })

  test('a handle that is kept beyond its transaction refuses everything, and so does what was made of it', async () => {
    const kept: Database[] = []
    await world.db.transaction(async (tx) => void kept.push(tx, tx.as(system)))
    await world.db
      .transaction(async (tx) => {
        kept.push(tx, tx.as(system))
        throw new Error('Rolled back.')
      })
      .catch(() => undefined)
    await world.db.transaction(
      (tx) => tx.transaction(async (inner) => void kept.push(inner, inner.as(system))),
      { savepoints: true },
    )
    expect(kept).toHaveLength(6)
    for (const handle of kept) {
      await expect(handle.query('SELECT 1')).rejects.toThrow('This transaction has ended')
      await expect(handle.transaction(async () => undefined)).rejects.toThrow('This transaction has ended')
      await expect(handle.notify('topic', {})).rejects.toThrow('This transaction has ended')
      expect(() => handle.afterCommit(() => undefined)).toThrow('This transaction has ended')
      expect(() => handle.repo('User')).toThrow('This transaction has ended')
    }
  })

  test('work that PostgreSQL gives up is run again; another failure is not', async () => {
    for (const [state, attempts] of [
      ['40001', 2],
      ['40P01', 2],
      ['22012', 1],
      ['23505', 1],
    ] as const) {
      let runs = 0
      const raise = `DO $$ BEGIN RAISE EXCEPTION 'Given up.' USING ERRCODE = '${state}'; END $$`
      const answer = world.db.transaction(async (tx) => {
        if (++runs === 1) await tx.query(raise)
        return 'done'
      })
      if (attempts === 2) expect(await answer).toBe('done')
      else await expect(answer).rejects.toThrow('Given up.')
      expect([state, runs]).toEqual([state, attempts])
    }
  })

  test('work that is always given up fails in the end', async () => {
    let runs = 0
    const hopeless = world.db.transaction((tx) => {
      runs++
      return tx.query(`DO $$ BEGIN RAISE EXCEPTION 'Given up.' USING ERRCODE = '40001'; END $$`)
    })
    await expect(hopeless).rejects.toThrow('Given up.')
    expect(runs).toBe(5)
  })
})

describe('fault 13: opposing updates', () => {
  const transfer = (from: string, to: string, between: () => Promise<unknown> = async () => undefined) =>
    world.db.transaction(async (tx) => {
      await add(tx, from, -1)
      await between()
      await add(tx, to, 1)
    })

  /** Resolves for both once both have called it, and at once ever after. */
  function rendezvous(): () => Promise<unknown> {
    let arrived = 0
    let meet!: () => void
    const met = new Promise<void>((resolve) => (meet = resolve))
    return () => {
      if (++arrived >= 2) meet()
      return met
    }
  }

  test('fifty that meet head-on: nobody sees an error, and no penny is lost', async () => {
    // All pairs at the same time, for each waits a second until PostgreSQL looks for the deadlock.
    const runs: Promise<unknown>[] = []
    const pairs = await Promise.all(Array.from({ length: 9 }, twoAccounts))
    for (const [a, b] of pairs) {
      const meet = rendezvous()
      runs.push(transfer(a, b, meet), transfer(b, a, meet))
    }
    await Promise.all(runs)
    for (const pair of pairs) expect(await balances(pair)).toEqual([1000, 1000])

    // These take the rows in one order, so that they do not wait for each other in a ring but come too late.
    const [a, b] = await twoAccounts()
    const serializable = (amount: number) =>
      world.db.transaction(async (tx) => {
        await tx.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
        await add(tx, a, amount)
        await add(tx, b, -amount)
      })
    for (let round = 0; round < 16; round++) await Promise.all([serializable(1), serializable(-1)])
    expect(await balances([a, b])).toEqual([1000, 1000])
  })
})
