import type { Retention } from '../../src/core/personal-data'
import { spanOf } from '../../src/core/personal-data'
import { classifiedTables } from '../../src/db/personal-tables'
import { APPEND_ONLY } from '../../src/db/migrate'
import { retentions } from '../../src/jobs/tasks'
// Every table there is.
import '../../src/modules/modules'
import { KEPT } from '../../src/modules/retention/retention'

/** The words of every table, as `table: word`. */
const said = classifiedTables().flatMap(({ name, entity, columns }) => {
  const words = columns.flatMap(({ classification }) =>
    classification === undefined || classification === 'not-personal' ? [] : [classification.retention],
  )
  return [...new Set(words)].map((word: Retention) => ({ name, entity, word }))
})

/** Whether a rule removes the rows of a table whose columns have this word. */
const isApplied = ({ entity, word }: (typeof said)[number]): boolean =>
  retentions.some(
    ({ rule }) => rule.retention === word && (rule.entity === entity || rule.parts?.entity === entity),
  )

describe('R95 how long personal data is kept', () => {
  test('R95 every span of time that a column names is that of a rule, or says why nothing is removed', () => {
    const spans = said.filter(({ word }) => spanOf(word) !== null)
    const missing = spans.filter((one) => !isApplied(one) && !KEPT[one.name])
    if (missing.length > 0)
      throw new Error(
        `${missing.map(({ name, word }) => `${name} (${word})`).join(', ')}: nothing removes these rows. Make a task with ` +
          '`defineRetention`, or say in KEPT of src/modules/retention/retention.ts why they stay.',
      )
    expect(spans.length).toBeGreaterThanOrEqual(14)
  })

  test('R95 no rule has a word that no column of its table has', () => {
    for (const { name, rule } of retentions) {
      const words = said.filter(({ entity }) => entity === rule.entity).map(({ word }) => word)
      expect([name, words]).toEqual([name, expect.arrayContaining([rule.retention])])
    }
  })

  test('R95 what says of itself when it is over, and what runs from a moment, are told apart', () => {
    for (const { name, rule } of retentions)
      expect([name, rule.isEnd === true || spanOf(rule.retention) !== null]).toEqual([name, true])
  })

  test('R95 what stays has a span and no rule, and nobody could remove its rows', () => {
    for (const table of Object.keys(KEPT)) {
      const words = said.filter(({ name }) => name === table)
      expect([table, words.some(({ word }) => spanOf(word) !== null)]).toEqual([table, true])
      expect([table, words.some(isApplied)]).toEqual([table, false])
      expect(APPEND_ONLY).toContain(table)
    }
  })

  test('R95 the words of the record of processing are the spans after which rows go', () => {
    expect(spanOf('90 days after the session ends or expires')).toBe('90 days')
    expect(spanOf('24 hours')).toBe('24 hours')
    expect(spanOf('6 years')).toBe('6 years')
    expect(spanOf('while the account exists')).toBeNull()
  })
})
