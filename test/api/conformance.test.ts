import { serverAudits, type Audit } from 'graphql-http'
import { useWorld, type World } from '../support/world'
import { PRODUCTION } from '../support/production'

/** These read the schema itself; production keeps it to itself. */
const NEED_INTROSPECTION = ['BF61', '2EA1', '28B9', 'D6D5', '6A70']

describe('in development', () => {
  const world = useWorld()
  testAudits(world, () => true)
})

describe('in production', () => {
  const world = useWorld(PRODUCTION)
  testAudits(world, ({ id }) => !NEED_INTROSPECTION.includes(id))
})

function testAudits(world: World, isAsked: (audit: Audit) => boolean): void {
  const audits = serverAudits({ url: () => world.url })

  test('R102 the audit of GraphQL over HTTP has 61 parts', () => {
    expect(audits).toHaveLength(61)
  })

  test.each(audits.filter(isAsked))('R102 $id $name', async ({ fn }) => {
    const result = await fn()
    expect(result).toMatchObject({ status: 'ok' })
  })
}
