import pino from 'pino'
import 'reflect-metadata'
import { readConfig } from '../../src/config/config'
import { authorityOf } from '../../src/core/authority'
import { newId, type Id } from '../../src/core/id'
import { PostService } from '../../src/modules/post/post.service'
import { layFoundation } from '../../src/server/portico'

/** A process of its own that writes posts of a person, the first argument, some at a time and without end. It says when it has begun. */
async function main(userId: Id): Promise<void> {
  const { db } = await layFoundation(readConfig(), pino({ level: 'silent' }))
  const viewer = {
    kind: 'signed-in',
    userId,
    sessionId: newId(),
    username: 'writer',
    authenticatedAt: new Date(),
    ...authorityOf([]),
  } as const
  const posts = new PostService(db.as({ viewer, requestId: null, address: '127.0.0.1' }))
  const write = async () => {
    for (let count = 0; ; count++) {
      await posts.create({ title: `Post ${count}`, body: 'Words.', tags: [], publish: true })
      // Nobody writes so fast, which is not what it is about.
      await db.query('DELETE FROM throttles')
      if (count === 10) process.stdout.write('begun\n')
    }
  }
  await Promise.all(Array.from({ length: 5 }, write))
}

void main(process.argv[2]!)
