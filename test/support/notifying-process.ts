import { setTimeout as sleep } from 'node:timers/promises'
import 'reflect-metadata'
import { toGlobalId, type Id } from '../../src/core/id'
import type { Database } from '../../src/db/database'
import { AnnouncementService } from '../../src/modules/announcement/announcement.service'
import { CommentService } from '../../src/modules/comment/comment.service'
import { sendDueMails } from '../../src/modules/notifier/send-notifications'
import { callerByNow } from '../../src/modules/role/caller-by-now'
import { beginWork } from './working-process'

/** What a process does until it is killed. */
export interface NotifyingPart {
  /** The subject of what it announces. */
  life: string
  commenter: { id: Id; sessionId: Id }
  announcer: { id: Id; sessionId: Id }
  /** For whom the announcement is. */
  groupId: Id
  /** On each of these it comments once. */
  postIds: readonly Id[]
}

/** How many comments are on their way into the database, and how many write mails, at once. */
const LANES = 3

/**
 * A process of its own that does what stands beside a server, comments on posts, announces something, and writes the mails about it without
 * the minutes for which they wait otherwise. It says what is committed.
 */
async function main({ life, commenter, announcer, groupId, postIds }: NotifyingPart): Promise<void> {
  const db = await beginWork()
  for (let lane = 0; lane < LANES; lane++) void writeMails(db)
  const comment = async (lane: number) => {
    const as = await actingAs(db, commenter)
    for (let place = lane; place < postIds.length; place += LANES) {
      // Nobody writes so much so fast.
      await db.query('DELETE FROM throttles')
      const { id } = await new CommentService(as).add({ postId: postIds[place]!, body: `Life ${life}.` })
      process.stdout.write(`ack ${toGlobalId('comment', id)}\n`)
    }
  }
  const announce = async () => {
    const id = await new AnnouncementService(await actingAs(db, announcer)).create({
      texts: [{ language: 'en', subject: `Life ${life}`, text: 'It is here.' }],
      audience: { filter: { groupId } },
      sendAt: null,
      perMinute: 60_000,
    })
    process.stdout.write(`ack ${toGlobalId('announcement', id)}\n`)
  }
  await Promise.all([announce(), ...Array.from({ length: LANES }, (_, lane) => comment(lane))])
  process.stdout.write('done\n')
}

async function writeMails(db: Database): Promise<never> {
  for (;;) {
    await db.query('UPDATE notification_mails SET due_at = now() WHERE due_at > now()')
    await sendDueMails(db, 10)
    await sleep(10)
  }
}

async function actingAs(db: Database, { id, sessionId }: { id: Id; sessionId: Id }): Promise<Database> {
  const asked = { userId: id, sessionId, authenticatedAt: db.now, requestId: null, reason: null }
  return db.as((await callerByNow(db, asked))!)
}

void main(JSON.parse(process.argv[2]!) as NotifyingPart)
