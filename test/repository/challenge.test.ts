import { later, MINUTE } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { Challenge } from '../../src/modules/challenge/challenge.entity'
import { ChallengeRepository } from '../../src/modules/challenge/challenge.repository'
import { useWorld } from '../support/world'

const world = useWorld()

async function add(): Promise<Challenge> {
  const id = newId()
  const subjectId = newId()
  const now = world.clock.now()
  const challenge: Challenge = {
    id,
    kind: ChallengeKind.SIGN_UP,
    subjectId,
    methods: [],
    proven: [],
    codeHash: Buffer.from('hash'),
    codeExpiresAt: later(now, 10 * MINUTE),
    tokenHash: null,
    state: await world.db.codec.seal(Challenge, 'state', { id, ownerId: subjectId }, 'what was begun'),
    failures: 0,
    createdAt: now,
    expiresAt: later(now, 10 * MINUTE),
  }
  await new ChallengeRepository(world.db).add(challenge)
  return challenge
}

const lock = (id: Id) =>
  world.db.transaction((tx) => new ChallengeRepository(tx).lock(id, ChallengeKind.SIGN_UP))

test('challenges: every question, after every step', async () => {
  const challenges = new ChallengeRepository(world.db)
  expect(await lock(newId())).toBeNull()

  const [one, other] = [await add(), await add()]
  expect(await lock(one.id)).toEqual(one)
  expect(await lock(other.id)).toEqual(other)

  await challenges.countFailure(one.id)
  await challenges.countFailure(one.id)
  expect(await lock(one.id)).toEqual({ ...one, failures: 2 })
  expect(await lock(other.id)).toEqual(other)

  await challenges.remove(one.id)
  expect(await lock(one.id)).toBeNull()
  expect(await lock(other.id)).toEqual(other)
})

test('tries at the same moment take turns', async () => {
  const { id } = await add()
  const seen = await Promise.all(
    Array.from({ length: 10 }, () =>
      world.db.transaction(async (tx) => {
        const challenges = new ChallengeRepository(tx)
        const { failures } = (await challenges.lock(id, ChallengeKind.SIGN_UP))!
        await challenges.countFailure(id)
        return failures
      }),
    ),
  )
  expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})
