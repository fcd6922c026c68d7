import { PRODUCTION } from '../support/production'
import { useWorld, type World } from '../support/world'

/* Where requests come from, as the trail remembers it. */

const password = 'a password of some length'

async function addressOf(world: World, headers: Record<string, string>): Promise<string> {
  const { username } = await world.person({ password })
  const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { token } }`
  const input = { login: username, password }
  const { token } = (await world.anonymous.with(headers).data(signIn, { input })).signIn
  const { viewer } = await world.anonymous
    .with({ authorization: `Bearer ${token}` })
    .data(`{ viewer { auditEvents(first: 1) { edges { node { action address } } } } }`)
  const { action, address } = viewer.auditEvents.edges[0].node
  expect(action).toBe('session.started')
  return address as string
}

describe('without a proxy', () => {
  const world = useWorld()

  test.each([
    'x-forwarded-for',
    'x-real-ip',
    'forwarded',
    'x-client-ip',
    'cf-connecting-ip',
    'true-client-ip',
  ])('R19 %s is nobody’s word', async (header) => {
    expect(await addressOf(world, { [header]: '203.0.113.9' })).toBe('127.0.0.1')
  })
})

describe('behind proxies of ours', () => {
  const world = useWorld({ ...PRODUCTION, TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8,2001:db8::/32' })

  test.each([
    ['the hop before ours', '203.0.113.9', '203.0.113.9'],
    ['the nearest hop that is not ours', '203.0.113.9, 10.1.2.3, 2001:db8::7', '203.0.113.9'],
    ['no hop beyond it, which only the client vouches for', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['a hop that speaks IPv6', '2001:db9::1', '2001:db9::1'],
    ['the proxy, where it says nothing that is an address', 'unknown', '127.0.0.1'],
    ['the last proxy, where the one before it says nothing', 'unknown, 10.1.2.3', '10.1.2.3'],
  ])('R19 it is %s', async (_what, forwarded, address) => {
    expect(await addressOf(world, { 'x-forwarded-for': forwarded })).toBe(address)
  })

  test('R19 other headers count for nothing', async () => {
    expect(await addressOf(world, { 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' })).toBe(
      '127.0.0.1',
    )
  })
})
