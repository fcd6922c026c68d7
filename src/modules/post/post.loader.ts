import { defineLoader, keyed } from '../../context/loader'
import type { Id } from '../../core/id'
import type { PostRow } from './post.repository'
import { PostService } from './post.service'

export type { PostRow } from './post.repository'

export const postById = defineLoader<Id, PostRow>(async (db, ids) =>
  keyed(await new PostService(db).lookup(ids), 'id'),
)
