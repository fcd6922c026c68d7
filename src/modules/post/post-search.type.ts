import { Float } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Shown, Type } from '../../api/type'
import type { FoundPostRow } from './post-search.service'
import { PostType } from './post.type'

@Type('FoundPost', 'A post that was found, and where.')
export class FoundPostType implements Pick<FoundPostRow, 'score' | 'isSimilar'> {
  @Shown(() => PostType, 'The post.')
  post!: PostType

  @Shown(
    () => Float,
    'By what the list is ordered: above 1 where it has the words, in the title, the tags or the text; up to 1 where its title is similar.',
  )
  score!: number

  @Shown(() => Boolean, 'Whether it does not have the words, but something similar in its title.')
  isSimilar!: boolean
}

export const FoundPostConnection = connectionOf('FoundPost', () => FoundPostType)
