import { newId } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import type { NewActivity } from '../../src/modules/activity/activity.repository'
import { lingeringOf } from '../../src/modules/activity/lingering-activity'
import { bufferOf, LIMITS } from '../../src/modules/activity/store-activity'
import { ApiClient } from '../support/api-client'
import { until } from '../support/until'
import { useWorld } from '../support/world'

const world = useWorld({ ACTIVITY_API_SHARE: '1' })

const noted = (operation: string) =>
  world.db.query<{ person_id: string | null; properties: object }>(
    `SELECT * FROM activity_events WHERE name = 'api.requested' AND properties ->> 'operation' = $1 ORDER BY id`,
    [operation],
  )

describe('operations of the API', () => {
  test('are recorded where they are asked for, with how they ended and how long they took, roughly', async () => {
    const person = await world.person()
    const api = new ApiClient(world.url, person.token, { 'user-agent': 'curl/8.5.0' })
    await api.send('query WhoAmI { viewer { id } }', undefined, 'WhoAmI')
    await world.anonymous.send('query WhoAmI { posts(first: 1) { edges { cursor } } }', undefined, 'WhoAmI')
    await world.anonymous.send('mutation LeaveNow { signOut { userErrors { code } } }', undefined, 'LeaveNow')
    await until(async () => (await noted('LeaveNow')).length > 0)
    expect(await noted('WhoAmI')).toMatchObject([
      {
        person_id: person.id,
        kind: 'API_REQUEST',
        retention: 'SHORT',
        network: '127.0.0.0/24',
        properties: { operation: 'WhoAmI', type: 'query', outcome: 'OK', duration: expect.any(String) },
      },
      { person_id: null, anonymous_id: null, properties: { outcome: 'OK' } },
    ])
    expect(await noted('LeaveNow')).toMatchObject([
      { person_id: null, properties: { type: 'mutation', outcome: 'UNAUTHENTICATED' } },
    ])
  })

  test('are not recorded of whoever objects, and nothing waits for them', async () => {
    const person = await world.person()
    await person.api.data(
      'mutation ($input: ObjectToProcessingInput!) { objectToProcessing(input: $input) { userErrors { code } } }',
      { input: { purposeId: 'analytics' } },
    )
    await person.api.send('query Unseen { viewer { id } }', undefined, 'Unseen')
    await world.anonymous.with({ 'sec-gpc': '1' }).send('query Unseen { viewer { id } }', undefined, 'Unseen')
    await world.anonymous.send('query Seen { viewer { id } }', undefined, 'Seen')
    await until(async () => (await noted('Seen')).length > 0)
    expect(await noted('Unseen')).toEqual([])
  })

  test('are given up where what clients tell fills half of the buffer, so that no client is refused for them', async () => {
    const { tools } = world.db
    const [buffer, lingering] = [bufferOf(tools), lingeringOf(tools)]
    const row = { event: {} as NewActivity, purposeId: 'analytics' }
    await connected(world.portico.config.databaseOwnerUrl!, async (blocker) => {
      await blocker.query('BEGIN; LOCK TABLE public.users')
      // Of somebody who is not there, so that nothing is kept of it.
      const told = buffer.add({
        personId: newId(),
        anonymousId: null,
        rows: Array.from({ length: LIMITS.rows / 2 }, () => row),
      })
      const before = lingering.dropped
      for (let count = 0; count < 3; count++)
        await world.anonymous.send('query Crowd { __typename }', undefined, 'Crowd')
      await until(() => lingering.dropped === before + 3)
      await blocker.query('COMMIT')
      await told
    })
    await world.anonymous.send('query Quiet { __typename }', undefined, 'Quiet')
    await until(async () => (await noted('Quiet')).length === 1)
    expect(await noted('Crowd')).toEqual([])
  })
})
