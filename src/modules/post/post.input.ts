import { ArgsType, Field, Int } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { PostStatus, PostVisibility } from './post-status'
import { PostOrder, type PostFilter } from './post.repository'

const TITLE: TextRules = { description: 'The title, in one line.', max: 200 }
const BODY: TextRules = {
  description:
    'The text, in Markdown: CommonMark with tables, strikethrough, bare links and `@username`. HTML in it is shown as text, an image as a link.',
  max: 20_000,
  multiline: true,
}
const TAGS: TextRules = {
  description: 'Words to find it by.',
  max: 40,
  list: { max: 10 },
  optional: true,
  pattern: { matches: /^[\p{L}\p{N}][\p{L}\p{N} ._+#-]*$/u, says: 'Begin a tag with a letter or digit.' },
}

const LANGUAGE: TextRules = {
  description: 'The language of the text, a BCP 47 tag such as `en` or `pt-BR`, by which it is found.',
  max: 35,
  min: 2,
}

@Input('CreatePostInput', 'A new post.')
export class CreatePostInput {
  @Text(TITLE)
  title!: string

  @Text(BODY)
  body!: string

  @Text(TAGS)
  tags?: string[]

  @Text({
    ...LANGUAGE,
    description: `${LANGUAGE.description} Its author's where nothing is said.`,
    optional: true,
  })
  language?: string

  @Field(() => PostVisibility, {
    defaultValue: PostVisibility.PUBLIC,
    description: 'Who reads it once it is published.',
  })
  visibility?: PostVisibility

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether it is published at once; otherwise it is a draft.',
  })
  publish!: boolean
}

@Input('UpdatePostInput', 'What to change in a post; what is left out stays.')
export class UpdatePostInput {
  @IdOf('post', 'The post to change.')
  postId!: string

  @Text({ ...TITLE, optional: 'stays' })
  title?: string

  @Text({ ...BODY, optional: 'stays' })
  body?: string

  @Text({ ...TAGS, optional: 'stays' })
  tags?: string[]

  @Text({ ...LANGUAGE, optional: 'stays' })
  language?: string

  @Field(() => PostVisibility, { nullable: true, description: 'Who reads it once it is published.' })
  visibility?: PostVisibility | null

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('PublishPostInput', 'Which post to publish.')
export class PublishPostInput {
  @IdOf('post', 'The draft to publish.')
  postId!: string
}

@Input('SchedulePostInput', 'Which post to publish when.')
export class SchedulePostInput {
  @IdOf('post', 'The draft to publish then; one that is scheduled already is scheduled anew.')
  postId!: string

  @Field(() => Date, { description: 'When: a moment within the next year.' })
  publishAt!: Date
}

@Input('UnschedulePostInput', 'Which post not to publish by itself.')
export class UnschedulePostInput {
  @IdOf('post', 'The scheduled post.')
  postId!: string
}

@Input('ArchivePostInput', 'Which post to archive.')
export class ArchivePostInput {
  @IdOf('post', 'The published post to archive.')
  postId!: string
}

@Input('UnarchivePostInput', 'Which post to take out of the archive.')
export class UnarchivePostInput {
  @IdOf('post', 'The archived post.')
  postId!: string
}

@Input('DeletePostInput', 'Which post to move to the trash.')
export class DeletePostInput {
  @IdOf('post', 'The post to delete.')
  postId!: string
}

@Input('RestorePostInput', 'Which post to take out of the trash.')
export class RestorePostInput {
  @IdOf('post', 'The post in the trash.')
  postId!: string
}

@Input('PurgePostInput', 'Which post to delete for good.')
export class PurgePostInput {
  @IdOf('post', 'The post in the trash.')
  postId!: string
}

@Input('RestorePostRevisionInput', 'What a post is to say again.')
export class RestorePostRevisionInput {
  @IdOf('post', 'The post.')
  postId!: string

  @Field(() => Int, { description: 'The number of the revision.' })
  number!: number

  @ExpectedVersion()
  expectedVersion?: number
}

/** A tag by which posts are found. */
export const TAG: TextRules = { description: 'Only posts with this tag.', max: 40 }

@Input('PostFilter', 'Which posts to list; conditions add up.')
export class PostFilterInput implements PostFilter {
  @Field(() => PostStatus, {
    nullable: true,
    description:
      "Published posts where nothing is said; drafts, removed and held posts are their author's to see.",
  })
  status?: PostStatus

  @IdOf('user', 'Only posts of this person.', { optional: true })
  authorId?: string

  @Text({ ...TAG, optional: true })
  tag?: string
}

@ArgsType()
export class PostArguments extends PageArguments {
  @Field(() => PostFilterInput, { nullable: true, description: 'Which posts to list.' })
  filter?: PostFilterInput

  @Field(() => PostOrder, {
    nullable: true,
    description: 'The order of the list; newest first where nothing is said.',
  })
  orderBy?: PostOrder
}
