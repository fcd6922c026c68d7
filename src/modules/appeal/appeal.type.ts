import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { AppealRow } from './appeal.repository'
import { AppealStatus } from './appeal-status'

registerEnumType(AppealStatus, {
  name: 'AppealStatus',
  description: 'Where an appeal stands.',
  valuesConfig: {
    OPEN: { description: 'It waits for somebody to decide.' },
    UPHELD: { description: 'The decision stays.' },
    OVERTURNED: { description: 'The decision was taken back.' },
  },
})

@Type(
  'Appeal',
  'What somebody says against a decision of moderation. Visible to them, and to holders of `posts:moderate`.',
  { implements: Node },
)
export class AppealType implements Pick<AppealRow, 'id' | 'status' | 'createdAt' | 'decidedAt' | 'version'> {
  @GlobalId('appeal')
  id!: string

  @Shown(() => AppealStatus, 'Where it stands.')
  status!: AppealStatus

  @Shown(() => Date, 'When it was made.')
  createdAt!: Date

  @Shown(() => Date, 'When it was decided; null until then.', true)
  decidedAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const AppealConnection = connectionOf('Appeal', () => AppealType)

@Type(
  'ModerationStatistics',
  'How many cases and appeals there are, about the people whom your `posts:moderate` reaches.',
)
export class ModerationStatisticsType {
  @Shown(() => Int, 'Cases that wait.')
  openCases!: number

  @Shown(() => Int, 'Cases in which nothing was wrong.')
  dismissedCases!: number

  @Shown(() => Int, 'Cases in which something was decided that holds.')
  actedOnCases!: number

  @Shown(() => Int, 'Cases in which something was decided and taken back.')
  reversedCases!: number

  @Shown(() => Int, 'Appeals that wait.')
  openAppeals!: number

  @Shown(() => Int, 'Appeals after which the decision stayed.')
  upheldAppeals!: number

  @Shown(() => Int, 'Appeals after which the decision was taken back.')
  overturnedAppeals!: number
}
