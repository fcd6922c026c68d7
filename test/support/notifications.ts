import { toGlobalId } from '../../src/core/id'
import { commentOn } from './content'
import type { Person, World } from './world'

/** Somebody comments on somebody's post; answers the global id of what its author is told. */
export async function notificationOf(
  world: World,
  author: Pick<Person, 'id'>,
  post: { id: string },
): Promise<string> {
  await commentOn(world, post, await world.person())
  const [row] = await world.db.query<{ id: string }>(
    'SELECT id FROM notifications WHERE user_id = $1 ORDER BY happened_at DESC LIMIT 1',
    [author.id],
  )
  return toGlobalId('notification', row!.id)
}
