import { Audience } from '../../src/core/audience'
import { authorityOf } from '../../src/core/authority'
import { newId } from '../../src/core/id'
import { Rejected } from '../../src/core/error'
import type { Viewer } from '../../src/core/viewer'
import type { Database } from '../../src/db/database'
import { UserStatus } from '../../src/modules/user/user-status'
import {
  NOT_SUSPENDED,
  UserOrder,
  UserRepository,
  type UserFilter,
} from '../../src/modules/user/user.repository'
import { unique, useWorld } from '../support/world'

const world = useWorld()

/** Adds somebody, a second later than the last one. */
async function add(username: string, db = world.db) {
  world.clock.advance(1_000)
  const now = world.clock.now()
  const user = {
    id: newId(now),
    username,
    displayName: username,
    bio: null,
    locale: 'en',
    timeZone: 'UTC',
    status: UserStatus.ACTIVE,
    lastSeenAt: null,
    lastSignInAt: null,
    credentialsFrozenUntil: null,
    invitedAt: null,
    restrictedAt: null,
    deactivatedAt: null,
    bioAudience: Audience.PUBLIC,
    avatarAudience: Audience.PUBLIC,
    lastSeenAudience: Audience.ONLY_ME,
    ...NOT_SUSPENDED,
    createdAt: now,
    updatedAt: now,
    version: 1,
  }
  await new UserRepository(db).add(user)
  return user
}

/** The database as somebody has it who may browse people. */
function asReader(): Database {
  const viewer: Viewer = {
    kind: 'signed-in',
    userId: newId(),
    sessionId: newId(),
    username: 'reader',
    authenticatedAt: world.clock.now(),
    ...authorityOf([{ permissions: ['users:read'], groupId: null, requiresReason: false }]),
  }
  return world.db.as({ viewer, requestId: null, address: null })
}

test('people: every question, after every step', async () => {
  const users = new UserRepository(asReader())
  const list = async (filter: UserFilter, order = UserOrder.NEWEST_FIRST) => {
    const { rows } = await users.list(filter, order, {})
    expect(await users.count(filter)).toBe(rows.length)
    return rows.map(({ username }) => username)
  }
  const { ACTIVE, SUSPENDED } = UserStatus
  const answers = async () => ({
    newest: await list({}),
    oldest: await list({}, UserOrder.OLDEST_FIRST),
    byName: await list({}, UserOrder.USERNAME),
    active: await list({ status: ACTIVE }),
    suspended: await list({ status: SUSPENDED }),
    an: await list({ usernamePrefix: 'an' }),
    ann_: await list({ usernamePrefix: 'ann_' }),
  })
  expect(await answers()).toEqual({
    newest: [],
    oldest: [],
    byName: [],
    active: [],
    suspended: [],
    an: [],
    ann_: [],
  })

  const bob = await add('bob')
  const oneBob = ['bob']
  expect(await answers()).toEqual({
    newest: oneBob,
    oldest: oneBob,
    byName: oneBob,
    active: oneBob,
    suspended: [],
    an: [],
    ann_: [],
  })

  const anna = await add('anna')
  const annIsabel = await add('ann_isabel')
  const newest = ['ann_isabel', 'anna', 'bob']
  const rest = {
    newest,
    oldest: ['bob', 'anna', 'ann_isabel'],
    byName: ['ann_isabel', 'anna', 'bob'],
    an: ['ann_isabel', 'anna'],
    // An underscore is itself, not any character.
    ann_: ['ann_isabel'],
  }
  expect(await answers()).toEqual({ ...rest, active: newest, suspended: [] })
  expect(await list({ createdSince: anna.createdAt })).toEqual(['ann_isabel', 'anna'])
  expect(await list({ createdSince: new Date(anna.createdAt.getTime() + 1), usernamePrefix: 'an' })).toEqual([
    'ann_isabel',
  ])
  expect(await list({ usernamePrefix: '%' })).toEqual([])

  await users.save({ ...anna, status: SUSPENDED, version: 2 })
  expect(await answers()).toEqual({ ...rest, active: ['ann_isabel', 'bob'], suspended: ['anna'] })
  expect(await users.findByUsername('anna')).toMatchObject({ id: anna.id, status: SUSPENDED, version: 2 })
  expect(await users.findByUsername('ANNA')).toBeNull()
  expect([await users.existsByUsername('anna'), await users.existsByUsername('ann')]).toEqual([true, false])
  const found = await users.lookup([bob.id, annIsabel.id, newId()])
  expect(found.map(({ username }) => username).sort()).toEqual(['ann_isabel', 'bob'])
  expect(await users.lookup([])).toEqual([])
})

test('people who are added, changed and removed in whatever way are found as they are', async () => {
  const users = new UserRepository(asReader())
  const word = unique('word')
  const found = async (filter: UserFilter = {}) =>
    (await users.list({ search: word, ...filter }, UserOrder.USERNAME, {})).rows.map(({ id }) => id)
  const ids = [newId(), newId()].sort()
  await world.db.query(
    `INSERT INTO users (id, username, display_name, locale, time_zone, status, created_at, updated_at, version)
     SELECT id, $2 || id, 'Name', 'en', 'UTC', 'active', now(), now(), 1 FROM unnest($1::uuid[]) AS id`,
    [ids, word],
  )
  expect(await found()).toEqual(ids)
  const change = (columns: string) =>
    world.db.query(`UPDATE users SET ${columns} WHERE id = ANY($1)`, [ids.slice(0, 1)])
  await change(`status = 'suspended', created_at = '2001-01-01'`)
  expect(await found({ status: UserStatus.SUSPENDED, createdBefore: new Date('2001-01-02') })).toEqual([
    ids[0],
  ])
  await change(`suspended_until = now() - interval '1 hour'`)
  expect(await found({ status: UserStatus.SUSPENDED })).toEqual([])
  expect(await found({ status: UserStatus.ACTIVE })).toEqual(ids)
  await change(`suspended_until = now() + interval '1 hour'`)
  expect(await found({ status: UserStatus.SUSPENDED })).toEqual([ids[0]])
  expect(await found({ status: UserStatus.ACTIVE })).toEqual([ids[1]])
  await change(`username = '${unique('other')}', display_name = 'Aé_${word}é'`)
  expect((await found()).sort()).toEqual(ids)
  expect(await found({ usernamePrefix: word })).toEqual([ids[1]])
  await change(`display_name = 'Name'`)
  expect(await found()).toEqual([ids[1]])
  await world.db.query('DELETE FROM users WHERE id = ANY($1)', [ids])
  expect(await found()).toEqual([])
  expect(await world.db.query('SELECT FROM user_search WHERE id = ANY($1)', [ids])).toEqual([])
})

test('a username belongs to one person, and whoever comes second is told', async () => {
  const username = unique('taken')
  await add(username)
  const second = world.db.transaction((tx) => add(username, tx))
  await expect(second).rejects.toThrow(Rejected)
  await expect(second).rejects.toMatchObject({ problems: [{ code: 'TAKEN', field: ['username'] }] })
})

test('a locked row waits for the transaction that locked it', async () => {
  const { id } = await add(unique('locked'))
  const order: string[] = []
  let second: Promise<void> | undefined
  await world.db.transaction(async (tx) => {
    const users = new UserRepository(tx)
    const user = await users.lock(id)
    second = world.db.transaction(async (other) => {
      const found = await new UserRepository(other).lock(id)
      order.push(`second sees version ${found!.version}`)
    })
    await waitingLocks(1)
    await users.save({ ...user!, version: 2 })
    order.push('first is done')
  })
  await second
  expect(order).toEqual(['first is done', 'second sees version 2'])
})

/** Waits until so many statements wait for a lock. */
async function waitingLocks(count: number): Promise<void> {
  for (;;) {
    const [row] = await world.db.query<{ waiting: string }>(
      'SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted',
    )
    if (Number(row!.waiting) >= count) return
  }
}
