import { Int } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import type { ReactionGroupRow } from './reaction.service'

@Type('ReactionGroup', 'How many react to something in one way. Who they are, nobody is told.')
export class ReactionGroupType implements Omit<ReactionGroupRow, 'subjectId'> {
  @Shown(() => String, 'The way; one of `reactionKinds`.')
  kind!: string

  @Shown(() => Int, 'How many people react so.')
  count!: number

  @Shown(() => Boolean, 'Whether you are one of them.')
  viewerHasReacted!: boolean
}
