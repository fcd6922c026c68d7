import { isMet } from '../fault/fault'
import { FAULTS } from '../fault/faults/faults'
import { balanceOf, type Attempt } from '../fault/ledger'
import { play } from '../fault/play'
import { seeded } from '../fault/random'
import { Stage } from '../fault/stage'

/** Those that a machine of CI plays in a minute; `npm run fault` plays them all, and more often. */
const NUMBERS = [1, 3, 10]

describe('a ledger of what clients were told', () => {
  const done = { kind: 'done' } as const
  const refused = { kind: 'refused', why: 'REQUIRED' } as const

  test('tells what is lost, what is there twice, and what is there though it was refused', () => {
    const told = new Map<string, Attempt>([
      ['kept', done],
      ['lost', done],
      ['twice', done],
      ['phantom', refused],
      ['refused', refused],
    ])
    const there = new Map(Object.entries({ kept: 1, twice: 2, phantom: 1 }))
    expect(balanceOf(told, there)).toEqual({ acknowledged: 3, lost: 1, twice: 1, phantom: 1, unknown: 0 })
  })
})

describe('what goes wrong in production loses nothing and does nothing twice', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.build(seeded(Date.now() % 1_000_000), true)
  })
  afterAll(() => stage.strike())

  test.each(FAULTS.filter(({ number }) => NUMBERS.includes(number)))(
    'fault $number: $name',
    async (fault) => {
      const { plays, obstacle } = await play(stage, fault, 1)
      expect(obstacle).toBeNull()
      // How long it takes says how fast the machine is; `npm run fault` asks that of one that is known.
      const figures = plays[0]!.filter(({ unit }) => unit !== 'ms')
      expect(figures.length).toBeGreaterThan(0)
      expect(figures.filter((figure) => !isMet(figure))).toEqual([])
    },
  )

  test('a row that is taken out of the database is told as lost', async () => {
    const portico = await stage.portico()
    const ledger = stage.clients(portico.port)
    await ledger.acknowledges(10)
    await ledger.end()
    await stage.postgres.ask(`DELETE FROM posts WHERE id = (SELECT id FROM posts ORDER BY id DESC LIMIT 1)`)
    expect(await ledger.balance(stage.postgres)).toMatchObject({ lost: 1, twice: 0, phantom: 0 })
    await stage.clear()
  })
})
