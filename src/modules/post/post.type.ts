import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { PostStatus } from './post-status'
import { PostOrder, type PostRow } from './post.repository'

registerEnumType(PostStatus, {
  name: 'PostStatus',
  description: 'Whether a post can be read by others.',
  valuesConfig: {
    DRAFT: { description: 'Only its author and holders of `posts:moderate` can read it.' },
    PUBLISHED: { description: 'Everybody can read it.' },
  },
})

registerEnumType(PostOrder, {
  name: 'PostOrder',
  description:
    'The order of a list of posts: published ones by when they were published, drafts by when they were begun.',
  valuesConfig: {
    NEWEST_FIRST: { description: 'The newest first.' },
    OLDEST_FIRST: { description: 'The oldest first.' },
  },
})

@Type(
  'Post',
  'Something that a person has written. Drafts are visible to their author and to holders of `posts:moderate`.',
  {
    implements: Node,
  },
)
export class PostType implements Omit<PostRow, 'authorId'> {
  @GlobalId('post')
  id!: string

  @Shown(() => String, 'The unique readable name for addresses; `postBySlug` finds it.')
  slug!: string

  @Shown(() => String, 'The title.')
  title!: string

  @Shown(() => String, 'The text.')
  body!: string

  @Shown(() => [String], 'Words to find it by, in lower case.')
  tags!: string[]

  @Shown(() => PostStatus, 'Whether others can read it.')
  status!: PostStatus

  @Shown(() => Date, 'When it was published; null for a draft.', true)
  publishedAt!: Date | null

  @Shown(() => Date, 'When it was begun.')
  createdAt!: Date

  @Shown(() => Date, 'When it was last changed.')
  updatedAt!: Date

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const PostConnection = connectionOf('Post', () => PostType)
