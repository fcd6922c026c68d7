import { DAY } from '../../src/core/clock'
import { account } from '../support/account'
import { PRODUCTION } from '../support/production'
import { unique, useWorld } from '../support/world'

/* Behind a proxy, so that people can sign in from many places. */
const world = useWorld({ TRUSTED_PROXIES: PRODUCTION.TRUSTED_PROXIES })

const PASSWORD = 'harbour lantern at dusk'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'

interface From {
  address?: string
  userAgent?: string
  deviceName?: string
}

async function signIn(
  login: string,
  { address = '203.0.113.9', userAgent = FIREFOX, deviceName }: From = {},
  password = PASSWORD,
) {
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { session { deviceName address } userErrors { code } } }`
  const api = world.anonymous.with({ 'x-forwarded-for': address, 'user-agent': userAgent })
  return (await api.data(query, { input: { login, password, deviceName } })).signIn
}

const notices = (email: string) =>
  world.portico
    .mailbox!.read(email)
    .filter(({ subject }) => subject === 'A new device has signed in')
    .map(({ text }) => text)

/** Somebody who has signed in before, with Firefox at home. */
async function regular() {
  const person = await world.person({ password: PASSWORD })
  await signIn(person.username)
  const before = notices(person.email).length
  return { ...person, told: () => notices(person.email).slice(0, notices(person.email).length - before) }
}

describe('a device', () => {
  test.each([
    ['Firefox on Linux', { userAgent: FIREFOX }],
    ['Safari on iPhone', { userAgent: IPHONE }],
    ['The good phone', { userAgent: IPHONE, deviceName: 'The good phone' }],
    ['Unnamed device', { userAgent: 'Mozilla/5.0' }],
  ])('is called %s', async (name, from) => {
    const { username } = await world.person({ password: PASSWORD })
    const { session } = await signIn(username, from)
    expect(session).toEqual({ deviceName: name, address: '203.0.113.0/24' })
  })

  test('is stored by its name, and nothing else of what its browser says', async () => {
    const { username } = await world.person({ password: PASSWORD })
    const secret = unique('fingerprint')
    await signIn(username, { userAgent: `Firefox/128.0 (${secret})` })
    for (const table of ['sessions', 'audit_events', 'users']) {
      const [row] = await world.db.query<{ text: string }>(
        `SELECT string_agg(t::text, '') AS text FROM ${table} t`,
      )
      expect(row!.text).not.toContain(secret)
    }
  })

  test('has a network for an address, to its holder and to staff', async () => {
    const person = await world.person({ password: PASSWORD })
    await signIn(person.username, { address: '2001:db8:1:2:3:4:5:6' })
    const admin = await world.person({ role: 'admin' })
    for (const { api } of [person, admin]) {
      const { user } = await api.data(
        'query ($id: ID!) { user(id: $id) { sessions(first: 1) { edges { node { address } } } } }',
        { id: person.globalId },
      )
      expect(user.sessions.edges[0].node.address).toBe('2001:db8:1::/48')
    }
  })
})

describe('a sign-in from a new device is told by mail', () => {
  test('when the browser is another one', async () => {
    const person = await regular()
    await signIn(person.username, { userAgent: IPHONE })
    const [text, ...rest] = person.told()
    expect(text).toContain('Safari on iPhone')
    expect(text).toContain('203.0.113.0/24')
    expect(text).not.toContain('203.0.113.9')
    expect(rest).toEqual([])
  })

  test('when it is from elsewhere', async () => {
    const person = await regular()
    await signIn(person.username, { address: '198.51.100.4' })
    expect(person.told()).toHaveLength(1)
  })

  test('when it has not been used for 90 days', async () => {
    const person = await regular()
    world.clock.advance(91 * DAY)
    await signIn(person.username)
    expect(person.told()).toHaveLength(1)
  })

  test('once: the next time it is known, also after signing out, and at another address of its network', async () => {
    const person = await regular()
    for (const address of ['198.51.100.4', '198.51.100.4', '198.51.100.77'])
      await signIn(person.username, { address })
    expect(person.told()).toHaveLength(1)
  })

  test('not when it is the one of the last time', async () => {
    const person = await regular()
    await signIn(person.username)
    expect(person.told()).toEqual([])
  })

  test('not when the sign-up is the sign-in, nor to somebody who fails', async () => {
    const person = await account(world)
    await signIn(person.username, {}, 'not the password')
    expect(notices(person.email)).toEqual([])
  })

  test('and what a stranger calls their device is text, whatever it is', async () => {
    const person = await regular()
    await signIn(person.username, { deviceName: '<img src=x onerror=alert(1)>' })
    const [newest] = world.portico.mailbox!.read(person.email)
    expect(newest!.html).not.toContain('<img')
    expect(newest!.html).toContain('&#60;img')
  })
})
