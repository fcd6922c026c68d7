import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Shown, Type } from '../../api/type'
import { TextChangeKind, type PostRevisionRow, type TextChange } from './post-revision.service'

registerEnumType(TextChangeKind, {
  name: 'TextChangeKind',
  description: 'What became of some lines of a text.',
  valuesConfig: {
    UNCHANGED: { description: 'They stayed.' },
    REMOVED: { description: 'They are not there any more.' },
    ADDED: { description: 'They are new.' },
  },
})

@Type('TextChange', 'Lines of a text that follow each other, and what became of them.')
export class TextChangeType implements TextChange {
  @Shown(() => TextChangeKind, 'What became of them.')
  kind!: TextChangeKind

  @Shown(() => String, 'The lines, with their line breaks.')
  text!: string
}

@Type(
  'PostRevision',
  'What a post said before it was changed. Its author and holders of `posts:moderate` see it.',
)
export class PostRevisionType implements Omit<PostRevisionRow, 'postId' | 'authorId' | 'editorId'> {
  @Shown(() => Int, 'Counts the changes of the post, from 1; for `restorePostRevision`.')
  number!: number

  @Shown(() => Date, 'When something else took its place.')
  replacedAt!: Date

  @Shown(() => String, 'The title that it had.')
  title!: string

  @Shown(() => String, 'The text, in Markdown.')
  body!: string

  @Shown(() => [String], 'The words to find it by.')
  tags!: string[]
}

export const PostRevisionConnection = connectionOf('PostRevision', () => PostRevisionType)
