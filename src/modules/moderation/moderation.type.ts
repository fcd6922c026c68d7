import { Field, Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { TextSegmentType } from '../../api/text-segment'
import { GlobalId, Shown, Type } from '../../api/type'
import { CaseStatus } from '../moderation-case/case-status'
import type { ModerationCaseRow, ReportRow } from '../moderation-case/moderation-case.loader'
import { QueueEventKind } from '../moderation-case/queue-event'
import { ReportReason } from '../moderation-case/report-reason'
import { ModeratedKind } from '../moderation-decision/moderated-kind'
import type { Sample } from './test-content-filter'

registerEnumType(ReportReason, {
  name: 'ReportReason',
  description: 'What somebody finds wrong.',
  valuesConfig: {
    SPAM: { description: 'It is unsolicited advertising, or says the same over and over.' },
    HARASSMENT: { description: 'It bullies or threatens somebody.' },
    HATE: { description: 'It incites hatred of people for what they are.' },
    VIOLENCE: { description: 'It shows, or calls for, violence or self-harm.' },
    SEXUAL: { description: 'It is sexual where that has no place.' },
    ILLEGAL: { description: 'It breaks the law in another way.' },
    PRIVACY: { description: 'It tells private things of somebody.' },
    OTHER: { description: 'Something else; say what.' },
  },
})

registerEnumType(CaseStatus, {
  name: 'ModerationCaseStatus',
  description: 'Where a case stands.',
  valuesConfig: {
    OPEN: { description: 'It waits for somebody to decide.' },
    DISMISSED: { description: 'Nothing was wrong.' },
    ACTED_ON: { description: 'Something was decided against the author.' },
    REVERSED: { description: 'Something was, and has been taken back.' },
  },
})

@Type(
  'ModerationCase',
  'Something that was reported. Visible to holders of `posts:moderate`, never to its author.',
  { implements: Node },
)
export class ModerationCaseType implements Pick<
  ModerationCaseRow,
  'id' | 'subjectKind' | 'status' | 'openedAt' | 'decidedAt' | 'version'
> {
  @GlobalId('moderation_case')
  id!: string

  @Shown(() => ModeratedKind, 'What was reported.')
  subjectKind!: ModeratedKind

  @Shown(() => CaseStatus, 'Where it stands.')
  status!: CaseStatus

  @Shown(() => Date, 'When it was first reported.')
  openedAt!: Date

  @Shown(() => Date, 'When it was decided; null until then.', true)
  decidedAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`; what is reported besides changes nothing.')
  version!: number
}

registerEnumType(QueueEventKind, {
  name: 'ModerationQueueEventKind',
  description: 'What happens to a case. New kinds may come.',
  valuesConfig: {
    REPORTED: { description: 'Somebody has reported it: it is new, or weighs more.' },
    CLAIMED: { description: 'A moderator has taken it.' },
    RELEASED: { description: 'A moderator has given it back.' },
    DECIDED: { description: 'It is decided.' },
    REVERSED: { description: 'What was decided has been taken back.' },
  },
})

@Type('ModerationQueueEvent', 'Something that has happened to a case that you may see.')
export class ModerationQueueEventType {
  @Shown(() => String, 'Marks this place in what happens: subscribe with it as `after` to miss nothing.')
  cursor!: string

  @Shown(() => QueueEventKind, 'What has happened.')
  kind!: QueueEventKind

  @Field(() => ModerationCaseType, { nullable: true, description: 'The case as it is by now.' })
  moderationCase!: ModerationCaseRow
}

export const ModerationCaseConnection = connectionOf('ModerationCase', () => ModerationCaseType)

@Type('ContentFilterSample', 'Something that a filter would find, as it is read by others.')
export class ContentFilterSampleType implements Pick<Sample, 'writtenAt' | 'segments'> {
  @Shown(() => Date, 'When it was published, or said.')
  writtenAt!: Date

  @Shown(
    () => [TextSegmentType],
    'What was found, and what stands around it; nothing where it was too much at once.',
  )
  segments!: TextSegmentType[]
}

@Type(
  'Report',
  'That somebody finds something wrong. Visible to them, and to holders of `posts:moderate`; never to whoever has written it.',
)
export class ReportType implements Pick<ReportRow, 'subjectKind' | 'reason' | 'status' | 'createdAt'> {
  @Shown(() => ModeratedKind, 'What they report.')
  subjectKind!: ModeratedKind

  @Shown(() => ReportReason, 'What they find wrong.')
  reason!: ReportReason

  @Shown(() => CaseStatus, 'What has come of it.')
  status!: CaseStatus

  @Shown(() => Date, 'When they have reported it.')
  createdAt!: Date
}

export const ReportConnection = connectionOf('Report', () => ReportType)
