import { later, HOUR } from '../../src/core/clock'
import { idOf, toGlobalId, type Id } from '../../src/core/id'
import { tellNext } from '../../src/modules/announcement/announcement-run'
import { groupOf } from '../../src/modules/announcement/announcement.repository'
import { AnnouncementService } from '../../src/modules/announcement/announcement.service'
import { NotificationKind } from '../../src/modules/notification/notification-kind'
import { NotifierService } from '../../src/modules/notifier/notifier.service'
import { unique, type Person, type World } from './world'

const words = () => [{ language: 'en', subject: unique('News '), text: 'It is here.' }]

/** What an announcement says in a test that is about something else. */
export const announced = () => ({ texts: words(), audience: { everybody: true } })

/** Somebody announces something for later; answers its global id. */
export async function announcementBy(world: World, by: Person): Promise<string> {
  const sendAt = later(world.clock.now(), HOUR)
  const id = await new AnnouncementService(await world.asViewer(by)).create({
    ...announced(),
    sendAt,
    perMinute: 60,
  })
  return toGlobalId('announcement', id)
}

/** Somebody has announced something to the members of a group; answers its global id. */
export async function announcementTo(world: World, by: Person, groupId: Id): Promise<string> {
  const id = await new AnnouncementService(await world.asViewer(by)).create({
    texts: words(),
    audience: { filter: { groupId } },
    sendAt: null,
    perMinute: 6_000,
  })
  await tellNext(world.db, id)
  return toGlobalId('announcement', id)
}

/** Tells one more person of an announcement, as if they had been among those whom it is for. */
export async function toldAs(
  world: World,
  announcementId: string,
  { id: userId }: Pick<Person, 'id'>,
): Promise<void> {
  const key = groupOf(idOf('announcement', announcementId)!)
  await new NotifierService(world.db).tell({ key, actorId: null, postId: null, target: announcementId }, [
    { userId, kind: NotificationKind.ANNOUNCEMENT, groupKey: key },
  ])
}
