import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { PostStatus, PostVisibility } from './post-status'
import { PostOrder, type PostRow } from './post.repository'

registerEnumType(PostStatus, {
  name: 'PostStatus',
  description: 'Where a post stands between its author and its readers.',
  valuesConfig: {
    DRAFT: { description: 'Only its author and holders of `posts:moderate` can read it.' },
    SCHEDULED: { description: 'As a draft, until `publishAt`; then it is published by itself.' },
    PUBLISHED: { description: 'Those for whom it is meant can read it.' },
    ARCHIVED: {
      description:
        'They can read it still; it stands in no list that does not ask for it, and nothing is added to it.',
    },
    REMOVED: {
      description:
        'Removed by moderation: only its author and holders of `posts:moderate` can read it, and nobody changes what it says.',
    },
    HELD: {
      description:
        'It waits for a moderator, because a filter has found something, or its author has changed it after it was hidden: only they and holders of `posts:moderate` can read it.',
    },
    HIDDEN: {
      description:
        'Hidden by moderation until its author has changed it, after which it waits for a moderator: only they and holders of `posts:moderate` can read it.',
    },
  },
})

registerEnumType(PostVisibility, {
  name: 'PostVisibility',
  description: 'Who reads a post that is published or archived; holders of `posts:moderate` read all.',
  valuesConfig: {
    PUBLIC: { description: 'Everybody.' },
    MEMBERS: { description: 'Whoever is signed in.' },
    ONLY_ME: { description: 'Its author.' },
  },
})

registerEnumType(PostOrder, {
  name: 'PostOrder',
  description:
    'The order of a list of posts: published and archived ones by when they were published, others by when they were begun.',
  valuesConfig: {
    NEWEST_FIRST: { description: 'The newest first.' },
    OLDEST_FIRST: { description: 'The oldest first.' },
  },
})

@Type(
  'Post',
  'Something that a person has written. What is not published, or not meant for others, is visible to its author and to holders of `posts:moderate`.',
  {
    implements: Node,
  },
)
export class PostType implements Omit<PostRow, 'authorId' | 'bodyHtml' | 'excerpt' | 'markupVersion'> {
  @GlobalId('post')
  id!: string

  @Shown(
    () => String,
    'The unique readable name for addresses; `postBySlug` finds it. It comes from the title until the post is published, and stays from then on.',
  )
  slug!: string

  @Shown(() => String, 'The title.')
  title!: string

  @Shown(() => String, 'The text as it was written, in Markdown.')
  body!: string

  @Shown(() => [String], 'Words to find it by, in lower case.')
  tags!: string[]

  @Shown(() => String, 'The language of the text, a BCP 47 tag; `und` where nobody has said.')
  language!: string

  @Shown(() => PostStatus, 'Where it stands.')
  status!: PostStatus

  @Shown(() => PostVisibility, 'Who reads it once it is published.')
  visibility!: PostVisibility

  @Shown(() => Date, 'When it will be published; null for what is not scheduled.', true)
  publishAt!: Date | null

  @Shown(() => Date, 'When it was published; null for what never was.', true)
  publishedAt!: Date | null

  @Shown(() => Date, 'When it was archived; null for what is not.', true)
  archivedAt!: Date | null

  @Shown(() => Date, 'When it was begun.')
  createdAt!: Date

  @Shown(() => Date, 'When it was last changed.')
  updatedAt!: Date

  @Shown(() => Date, 'When its title, text or tags were last changed; null where they never were.', true)
  editedAt!: Date | null

  @Shown(
    () => Date,
    'When it was moved to the trash, where it stays for 30 days; null for what is not in it.',
    true,
  )
  deletedAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const PostConnection = connectionOf('Post', () => PostType)
