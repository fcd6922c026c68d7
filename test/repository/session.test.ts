import { DAY, HOUR, later } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { hashToken, newToken } from '../../src/crypto/token'
import { EndReason } from '../../src/modules/session/end-reason'
import { SessionRepository } from '../../src/modules/session/session.repository'
import { TokenRepository } from '../../src/modules/session/token.repository'
import { Transport } from '../../src/modules/session/transport'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const repositoryOf = async (person: Person) => new SessionRepository(await world.asViewer(person))

/** Adds a session named after its device; returns its id and token. */
async function add(userId: Id, deviceName: string) {
  const now = world.clock.now()
  const token = newToken()
  const id = newId(now)
  await new SessionRepository(world.db).add({
    id,
    userId,
    impersonatorId: null,
    tokenHash: hashToken(token),
    transport: Transport.BEARER,
    methods: [],
    deviceName,
    address: null,
    createdAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: later(now, 30 * DAY),
    endedAt: null,
    endReason: null,
  })
  world.clock.advance(1_000)
  return { id, token }
}

test('sessions: every question, after every step', async () => {
  const person = await world.person()
  const stranger = await world.person()
  const staff = await world.person({ role: 'manager' })
  await world.db.query('DELETE FROM sessions WHERE id = $1', [person.sessionId])

  /** What each question answers about the person's sessions, by device; `known` are those to look up. */
  const answers = async (known: Id[] = []) => {
    const own = await repositoryOf(person)
    const devices = (rows: { deviceName: string }[]) => rows.map(({ deviceName }) => deviceName)
    const list = async (repository: SessionRepository, includeEnded: boolean) => {
      const filter = { userId: person.id, includeEnded }
      const { rows } = await repository.list(filter, {})
      expect(await repository.count(filter)).toBe(rows.length)
      return devices(rows)
    }
    return {
      open: await list(own, false),
      all: await list(own, true),
      toStaff: await list(await repositoryOf(staff), true),
      toStranger: await list(await repositoryOf(stranger), true),
      toNobody: await list(new SessionRepository(world.db), true),
      found: devices(await own.lookup(known)).sort(),
      foundByStranger: devices(await (await repositoryOf(stranger)).lookup(known)),
    }
  }
  const holder = async (token: string) =>
    (await new TokenRepository(world.db).findViewer(hashToken(token)))?.viewer.sessionId ?? null
  const hidden = { toStranger: [], toNobody: [], foundByStranger: [] }

  expect(await answers()).toEqual({ open: [], all: [], toStaff: [], found: [], ...hidden })

  const phone = await add(person.id, 'phone')
  expect(await answers([phone.id])).toEqual({
    open: ['phone'],
    all: ['phone'],
    toStaff: ['phone'],
    found: ['phone'],
    ...hidden,
  })
  expect(await holder(phone.token)).toBe(phone.id)
  expect(await holder(newToken())).toBeNull()

  const laptop = await add(person.id, 'laptop')
  const tablet = await add(person.id, 'tablet')
  const ids = [phone.id, laptop.id, tablet.id]
  const three = ['tablet', 'laptop', 'phone']
  const found = ['laptop', 'phone', 'tablet']
  expect(await answers(ids)).toEqual({ open: three, all: three, toStaff: three, found, ...hidden })

  const repository = new SessionRepository(world.db)
  expect(await repository.end(laptop.id, EndReason.SIGNED_OUT)).toBe(laptop.id)
  expect(await repository.end(laptop.id, EndReason.REVOKED)).toBeNull()
  expect(await answers(ids)).toEqual({
    open: ['tablet', 'phone'],
    all: three,
    toStaff: three,
    found,
    ...hidden,
  })
  expect(await (await repositoryOf(person)).lookup([laptop.id])).toMatchObject([
    { endReason: 'signed-out', endedAt: expect.any(Date) },
  ])
  expect([await holder(laptop.token), await holder(phone.token)]).toEqual([null, phone.id])

  const renewed = newToken()
  const renew = (id: Id) =>
    world.db.transaction((tx) => new TokenRepository(tx).renew(id, hashToken(renewed), []))
  expect(await renew(laptop.id)).toBe(false)
  expect(await holder(renewed)).toBeNull()
  expect(await renew(phone.id)).toBe(true)
  expect([await holder(phone.token), await holder(renewed)]).toEqual([null, phone.id])
  expect(await answers(ids)).toEqual({
    open: ['tablet', 'phone'],
    all: three,
    toStaff: three,
    found,
    ...hidden,
  })

  world.clock.advance(13 * DAY)
  const before = later(world.clock.now(), -2 * DAY)
  await repository.see(new Map([[phone.id, world.clock.now()]]))
  // What is older than what is known changes nothing.
  await repository.see(new Map([[phone.id, before]]))
  world.clock.advance(1 * DAY)
  expect(await answers(ids)).toEqual({ open: ['phone'], all: three, toStaff: three, found, ...hidden })
  expect([await holder(tablet.token), await holder(renewed)]).toEqual([null, phone.id])

  const watch = await add(person.id, 'watch')
  // The tablet's has ended by itself, which is nobody's doing.
  const ended = await repository.endAll(person.id, EndReason.REVOKED, phone.id)
  expect(ended).toEqual([watch.id])
  expect(await repository.endAll(person.id, EndReason.REVOKED, phone.id)).toEqual([])
  expect(await answers([...ids, watch.id])).toMatchObject({ open: ['phone'], all: ['watch', ...three] })
  expect(await holder(watch.token)).toBeNull()
  expect(await holder(stranger.token)).toBeNull()
})

test('the last time a person was seen is that of the session used last', async () => {
  const person = await world.person()
  const phone = await add(person.id, 'phone')
  const repository = new SessionRepository(world.db)
  const lastSeen = async () => {
    const [row] = await world.db.query<{ last_seen_at: Date | null }>(
      'SELECT last_seen_at FROM users WHERE id = $1',
      [person.id],
    )
    return row!.last_seen_at
  }
  expect(await lastSeen()).toBeNull()
  world.clock.advance(HOUR)
  const [earlier, now] = [later(world.clock.now(), -1_000), world.clock.now()]
  await repository.see(
    new Map([
      [phone.id, now],
      [person.sessionId, earlier],
    ]),
  )
  expect(await lastSeen()).toEqual(now)
  await repository.see(new Map([[phone.id, earlier]]))
  expect(await lastSeen()).toEqual(now)
})
