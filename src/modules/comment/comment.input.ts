import { ArgsType } from 'type-graphql'
import { FollowArguments, ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'

const BODY: TextRules = { description: 'What to say.', max: 10_000, multiline: true }

@Input('AddCommentInput', 'Something to say to a post, or to a comment there.')
export class AddCommentInput {
  @IdOf('post', 'The post.')
  postId!: string

  @IdOf('comment', 'The comment to answer; leave it out to speak to the post itself.', { optional: true })
  parentId?: string

  @Text(BODY)
  body!: string
}

@Input('EditCommentInput', 'What a comment says from now on.')
export class EditCommentInput {
  @IdOf('comment', 'The comment to change.')
  commentId!: string

  @Text(BODY)
  body!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteCommentInput', 'Which comment to delete.')
export class DeleteCommentInput {
  @IdOf('comment', 'The comment to delete.')
  commentId!: string
}

@Input('CloseThreadInput', 'To which post nothing more is to be said.')
export class CloseThreadInput {
  @IdOf('post', 'The post.')
  postId!: string
}

@Input('ReopenThreadInput', 'To which post something may be said again.')
export class ReopenThreadInput {
  @IdOf('post', 'The post.')
  postId!: string
}

@ArgsType()
export class ThreadArguments extends FollowArguments {
  @IdOf('post', 'The global id of the post.')
  postId!: string
}
