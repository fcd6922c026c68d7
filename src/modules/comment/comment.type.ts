import { Field, Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { CommentRow } from './comment.service'
import { ThreadEventKind } from './thread-event'

registerEnumType(ThreadEventKind, {
  name: 'ThreadEventKind',
  description: 'What happens in the thread of a post. New kinds may come.',
  valuesConfig: {
    COMMENT_ADDED: { description: 'Somebody has said something.' },
    COMMENT_EDITED: { description: 'Somebody has changed what they had said.' },
    COMMENT_DELETED: { description: 'A comment has been deleted; it stays without its text.' },
    COMMENT_REMOVED: { description: 'Moderation has taken the text of a comment from its readers.' },
    COMMENT_REINSTATED: { description: 'A comment that had been removed has its text again.' },
    COMMENT_HELD: {
      description:
        'A comment that was changed waits for a moderator, or one that is hidden for its author, without its text until then.',
    },
    COMMENT_APPROVED: { description: 'A comment that had waited has its text again.' },
    CLOSED: { description: 'Nothing can be added any more.' },
    REOPENED: { description: 'Something can be added again.' },
  },
})

@Type('Comment', 'Something said to a post, or to another comment. Whoever sees the post sees it.', {
  implements: Node,
})
export class CommentType implements Omit<
  CommentRow,
  'authorId' | 'postId' | 'parentId' | 'bodyHtml' | 'markupVersion'
> {
  @GlobalId('comment')
  id!: string

  @Shown(
    () => String,
    'The text, in Markdown; empty where it was deleted, or its author was erased, and where it was removed, or waits for a moderator, to all but its author and `posts:moderate`.',
  )
  body!: string

  @Shown(() => Int, 'How many comments stand above it; 0 for one to the post itself.')
  depth!: number

  @Shown(() => Int, 'How many comments answer it directly, deleted ones included.')
  replyCount!: number

  @Shown(() => Date, 'When it was said.')
  createdAt!: Date

  @Shown(() => Date, 'When its text was last changed; null where it never was.', true)
  editedAt!: Date | null

  @Shown(() => Date, 'When it was deleted; null where it was not.', true)
  deletedAt!: Date | null

  @Shown(() => Date, 'When it was removed by moderation; null where it was not.', true)
  removedAt!: Date | null

  @Shown(
    () => Date,
    'Since when it waits for a moderator, because a filter has found something, or is hidden: only its author and `posts:moderate` read it until then. Null where it does not.',
    true,
  )
  heldAt!: Date | null

  @Shown(
    () => Boolean,
    'Whether moderation hides it until its author has changed it, after which it waits for a moderator.',
  )
  isHidden!: boolean

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const CommentConnection = connectionOf('Comment', () => CommentType)

@Type('ThreadEvent', 'Something that has happened in the thread of a post.')
export class ThreadEventType {
  @Shown(() => String, 'Marks this place in what happens: subscribe with it as `after` to miss nothing.')
  cursor!: string

  @Shown(() => ThreadEventKind, 'What has happened.')
  kind!: ThreadEventKind

  @Field(() => CommentType, {
    nullable: true,
    description: 'The comment as it is by now; null where it is the thread as a whole.',
  })
  comment!: CommentRow | null
}
