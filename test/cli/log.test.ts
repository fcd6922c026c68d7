import { readable } from '../../src/cli/log'

const entry = (facts: object) => JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', ...facts })

describe('the log of a terminal', () => {
  test('is one line with time, level, message and facts', () => {
    expect(
      readable(entry({ msg: 'A request failed', path: '/graphql', status: 500, codes: ['INTERNAL'] })),
    ).toMatch(/^\d\d:\d\d:05 warn {2}A request failed path=\/graphql status=500 codes=\["INTERNAL"\]\n$/)
  })

  test('shows the stack of an error below its line', () => {
    const lines = readable(
      entry({ msg: 'It broke', err: { stack: 'Error: no\n    at one (a.ts:1)\n    at two (b.ts:2)' } }),
    ).split('\n')
    expect(lines.slice(1)).toEqual(['    Error: no', '    at one (a.ts:1)', '    at two (b.ts:2)', ''])
  })

  test('R84 shows control characters instead of obeying them, so that no value forges a line', () => {
    const forged = '\r\n03:04:05 info  all is well\u001b[2J\u2028\u202e'
    const text = readable(
      entry({ msg: `message${forged}`, path: `/x${forged}`, err: { stack: `Error: ${forged}` } }),
    )
    for (const character of ['\r', '\u001b', '\u2028', '\u202e']) expect(text).not.toContain(character)
    expect(text.split('\n').filter((line) => !/^( {4}|$)/.test(line))).toHaveLength(1)
    expect(text).toContain('\\u001b[2J')
    expect(text.split('\n')[0]).toContain('message\\u000d\\u000a03:04:05')
  })
})
