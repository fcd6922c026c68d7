import { until } from './until'
import type { Person, World } from './world'

/** Takes the role of admin from everybody else. */
export async function leaveOnlyAdmins(world: World, ...admins: Person[]): Promise<void> {
  await world.db.query(
    `DELETE FROM role_grants USING roles WHERE roles.id = role_grants.role_id AND roles.name = 'admin' AND NOT user_id = ANY($1)`,
    [admins.map(({ id }) => id)],
  )
}

/** Runs `request` so that it meets a change which is made but not committed, and commits once the request waits for it. */
export async function meetingUncommitted<Result>(
  world: World,
  [sql, ...parameters]: [sql: string, ...parameters: unknown[]],
  request: () => Promise<Result>,
): Promise<Result> {
  let answer!: Promise<Result>
  await world.db.transaction(async (tx) => {
    await tx.query(sql, parameters)
    let isAnswered = false
    answer = request().finally(() => (isAnswered = true))
    for (let isWaiting = false; !isWaiting && !isAnswered;) {
      const [row] = await world.db.query<{ waiting: boolean }>(
        `SELECT EXISTS (
           SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         ) AS waiting`,
      )
      isWaiting = row!.waiting
    }
  })
  return answer
}

/** Holds each password that is right back between its verification and what rests on it, until `then` is done. */
export async function afterVerification<Result>(
  world: World,
  work: () => Promise<Result>,
  then: () => Promise<unknown>,
): Promise<Result> {
  const { hasher } = world.db.tools
  let go!: () => void
  let verified = false
  const done = new Promise<void>((resolve) => (go = resolve))
  const verify = async (password: string, stored: string | null) => {
    const isRight = await hasher.verify(password, stored)
    verified = true
    await done
    return isRight
  }
  const [hash, needsRehash] = [hasher.hash.bind(hasher), hasher.needsRehash.bind(hasher)]
  Object.assign(world.db.tools, { hasher: { verify, hash, needsRehash } })
  const working = work()
  try {
    await until(() => verified)
  } finally {
    Object.assign(world.db.tools, { hasher })
  }
  await then()
  go()
  return working
}
