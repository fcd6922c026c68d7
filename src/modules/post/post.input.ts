import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { PostStatus } from './post-status'
import { PostOrder, type PostFilter } from './post.repository'

const TITLE: TextRules = { description: 'The title, in one line.', max: 200 }
const BODY: TextRules = { description: 'The text.', max: 20_000, multiline: true }
const TAGS: TextRules = {
  description: 'Words to find it by.',
  max: 40,
  list: { max: 10 },
  optional: true,
  pattern: { matches: /^[\p{L}\p{N}][\p{L}\p{N} ._+#-]*$/u, says: 'Begin a tag with a letter or digit.' },
}

@Input('CreatePostInput', 'A new post.')
export class CreatePostInput {
  @Text(TITLE)
  title!: string

  @Text(BODY)
  body!: string

  @Text(TAGS)
  tags?: string[]

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

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('PublishPostInput', 'Which post to publish.')
export class PublishPostInput {
  @IdOf('post', 'The draft to publish.')
  postId!: string
}

@Input('DeletePostInput', 'Which post to delete.')
export class DeletePostInput {
  @IdOf('post', 'The post to delete.')
  postId!: string
}

@Input('PostFilter', 'Which posts to list; conditions add up.')
export class PostFilterInput implements PostFilter {
  @Field(() => PostStatus, {
    nullable: true,
    description: "Published posts where nothing is said; drafts are their author's to see.",
  })
  status?: PostStatus

  @IdOf('user', 'Only posts of this person.', { optional: true })
  authorId?: string

  @Text({ description: 'Only posts with this tag.', max: 40, optional: true })
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
