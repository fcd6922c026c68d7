import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { IdOf, Input, Text } from '../../api/input'
import { TAG } from './post.input'
import type { PostSearchFilter } from './post-search.service'

@Input('PostSearchFilter', 'Which posts to look through; conditions add up.')
export class PostSearchFilterInput implements PostSearchFilter {
  @Text({ ...TAG, optional: true })
  tag?: string

  @IdOf('user', 'Only posts of this person.', { optional: true })
  authorId?: string

  @Text({
    description: 'Only posts in this language, a BCP 47 tag: `pt` and `pt-BR` are the same.',
    max: 35,
    min: 2,
    optional: true,
  })
  language?: string

  @Field(() => Date, {
    nullable: true,
    description: 'Only posts that were published at or after this moment.',
  })
  publishedSince?: Date

  @Field(() => Date, { nullable: true, description: 'Only posts that were published before this moment.' })
  publishedBefore?: Date
}

@ArgsType()
export class PostSearchArguments extends PageArguments {
  @Text({
    description:
      'What to look for: all of these words in whatever form, `"one after another"`, `-without` one, `either or other`.',
    max: 200,
  })
  query!: string

  @Field(() => PostSearchFilterInput, { nullable: true, description: 'Which posts to look through.' })
  filter?: PostSearchFilterInput
}
