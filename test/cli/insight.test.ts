import { rollUpInsight } from '../../src/modules/insight/insight.task'
import { useCommands } from './environment'
import { portico } from './in-process'

const { world } = useCommands()

describe('portico insight', () => {
  test('says whether figures are what a recount finds, and counts them anew', async () => {
    for (let number = 0; number < 3; number++) await world.post()
    await world.do(rollUpInsight, {})
    expect(await portico('insight', 'check')).toEqual({
      code: 0,
      stdout: 'All figures are what a recount finds.\n',
      stderr: '',
    })

    await world.db.query(`DELETE FROM insight_rollups WHERE facts = 'posts'`)
    const found = await portico('insight', 'check', '--json')
    expect(found.code).toBe(1)
    const { facts } = JSON.parse(found.stdout) as { facts: { facts: string; differences: number }[] }
    expect(facts.filter(({ differences }) => differences > 0)).toEqual([{ facts: 'posts', differences: 3 }])

    const rebuilt = await portico('insight', 'rebuild')
    expect(rebuilt).toMatchObject({ code: 0, stderr: '' })
    expect(rebuilt.stdout).toMatch(/posts +│? *3|posts\s+3/)
    expect(await portico('insight', 'check')).toMatchObject({ code: 0 })
    expect((await portico('insight', 'rebuild')).stdout).toBe(
      'All was counted anew, and nothing was different.\n',
    )
  })

  test('what tables have forgotten stays as it was counted, unless all is counted anew', async () => {
    const { author } = await world.post()
    await world.do(rollUpInsight, {})
    const old = '2020-01-01T00:00:00Z'
    await world.db.query(
      `INSERT INTO insight_rollups (facts, slot_at, person_id, groups, count, total) VALUES ('sessions', $2, $1, '{}', 1, 60)`,
      [author.id, old],
    )
    const isThere = async () =>
      (await world.db.query(`SELECT FROM insight_rollups WHERE facts = 'sessions' AND slot_at = $1`, [old]))
        .length
    expect((await portico('insight', 'check')).code).toBe(0)
    expect((await portico('insight', 'rebuild')).code).toBe(0)
    expect(await isThere()).toBe(1)
    expect((await portico('insight', 'check', '--all')).code).toBe(1)
    expect((await portico('insight', 'rebuild', '--all')).code).toBe(0)
    expect(await isThere()).toBe(0)
  })
})
