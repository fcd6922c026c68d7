import { ActivityKind, ActivityRetention } from '../../src/core/activity-definition'
import { ConfigError, readConfig } from '../../src/config/config'

const read = (list: unknown) =>
  new Map(
    readConfig({
      ACTIVITY_DEFINITIONS: typeof list === 'string' ? list : JSON.stringify(list),
    }).activityDefinitions.map((definition) => [definition.key, definition]),
  )

const problemsWith = (list: unknown): readonly string[] => {
  try {
    read(list)
  } catch (error) {
    return (error as ConfigError).problems
  }
  throw new Error('Nothing was wrong.')
}

const SCHEMA = { type: 'object', properties: { floor: { type: 'integer' } }, additionalProperties: false }

describe('the definitions of activity', () => {
  test('are those of Portico where nothing is said', () => {
    expect([...read([]).keys()]).toEqual([
      ...['page.viewed', 'screen.viewed', 'transaction.completed', 'api.requested'],
    ])
  })

  test('are the application’s as well, kept for thirteen months for the purpose of analytics unless it says otherwise', () => {
    const { schemas, ...lift } = read([{ key: 'lift.called', description: 'A lift was called.' }]).get(
      'lift.called',
    )!
    expect(lift).toEqual({
      ...{ key: 'lift.called', description: 'A lift was called.', version: 1, purposeId: 'analytics' },
      ...{ kind: ActivityKind.CUSTOM, retention: ActivityRetention.STANDARD },
    })
    // It says nothing besides.
    expect(schemas.get(1)!.problemWith({})).toBeNull()
    expect(schemas.get(1)!.problemWith({ floor: 1 })).toMatch('There is no `floor`')
  })

  test('have versions, of which older ones are understood', () => {
    const older = [{ version: 1 }, { version: 2, schema: SCHEMA }]
    const lift = read([
      { key: 'lift.called', description: 'A lift.', version: 3, schema: SCHEMA, older, retention: 'SHORT' },
    ]).get('lift.called')!
    expect([...lift.schemas.keys()]).toEqual([3, 1, 2])
    expect(lift.version).toBe(3)
    expect(lift.schemas.get(2)!.problemWith({ floor: 'x' })).toMatch('use a whole number')
  })

  test('keep Portico’s own for another purpose and time', () => {
    const views = read([{ key: 'page.viewed', purpose: 'reach', retention: 'LONG' }]).get('page.viewed')!
    expect(views).toMatchObject({ purposeId: 'reach', retention: 'LONG', kind: 'PAGE_VIEW' })
    expect(read([]).get('page.viewed')).toMatchObject({ purposeId: 'analytics', retention: 'STANDARD' })
  })

  test('tell all that is wrong with them', () => {
    const description = 'A lift was called.'
    expect(
      problemsWith([
        { key: 'page.viewed', kind: 'CUSTOM' },
        { key: 'Lift', description },
        { key: 'a', description, kind: 'API_REQUEST' },
        { key: 'b' },
        { key: 'c', description, schema: { type: 'string' } },
        { key: 'd', description, schema: { type: 'object' } },
        { key: 'e', description, version: 1, older: [{ version: 2 }] },
        { key: 'f', description, version: 1, older: [{ version: 1 }] },
        { key: 'g', description, retention: 'EVER', purpose: 'No such', colour: 'red' },
        { key: 'h', description },
        { key: 'h', description },
      ]),
    ).toEqual(
      [
        'page.viewed: is built in: its purpose and retention can be changed, but no kind',
        'Lift: key must be words of letters',
        'a: kind must be PAGE_VIEW, SCREEN, TRANSACTION, CUSTOM',
        'b: description must say what has happened',
        'c: schema must be of an object',
        'd: schema',
        'e: version must be the newest',
        'f: version 1: stands there twice',
        'g: purpose must be the id of a purpose',
        'g: retention must be SHORT, STANDARD, LONG',
        'g: has no setting colour',
        'h: stands in the list twice',
      ].map((problem) => expect.stringMatching(new RegExp(`^ACTIVITY_DEFINITIONS ${problem}`)) as string),
    )
    expect(problemsWith('nowhere.json')).toEqual([
      'ACTIVITY_DEFINITIONS must be a list of activity as JSON, or the path of a file that holds one',
    ])
  })

  test('and the share of operations that are recorded lies between none and all', () => {
    expect(readConfig({}).activityApiShare).toBe(0)
    expect(readConfig({ ACTIVITY_API_SHARE: '0.25' }).activityApiShare).toBe(0.25)
    for (const wrong of ['-1', '1.5', 'some'])
      expect(() => readConfig({ ACTIVITY_API_SHARE: wrong })).toThrow(ConfigError)
  })
})
