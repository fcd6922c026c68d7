import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { ModeratedKind } from './moderated-kind'
import { ModerationAction } from './moderation-action'
import type { ModerationDecisionRow } from './moderation-decision.repository'

registerEnumType(ModeratedKind, {
  name: 'ModeratedKind',
  description: 'What can be reported. New kinds may come.',
  valuesConfig: {
    POST: { description: 'A post.' },
    COMMENT: { description: 'A comment.' },
    MESSAGE: { description: 'A private message, by whoever has it.' },
  },
})

registerEnumType(ModerationAction, {
  name: 'ModerationAction',
  description: 'What is decided: by a moderator, but for `HOLD`.',
  valuesConfig: {
    DISMISS: {
      description:
        'Nothing is wrong with it; its author is not told. What waits goes to its readers; what is hidden, and was not changed, stays so.',
    },
    HOLD: {
      description:
        'A filter lets it wait: its author and moderators alone see it until one of them has decided. Moderators do not decide so.',
    },
    WARN: { description: 'Its author is told which rule it breaks; it stays as with `DISMISS`.' },
    HIDE: {
      description:
        'It is hidden until its author changes what is wrong with it, which opens a case, and a moderator agrees by deciding that. Of posts that are published and of comments.',
    },
    REMOVE: { description: 'It is removed.' },
    SILENCE: { description: 'It is removed, and its author writes nothing until a moment.' },
    SUSPEND: {
      description:
        'It is removed, and its author’s account is suspended. Needs `users:suspend` and a fresh proof.',
    },
  },
})

@Type(
  'ModerationDecision',
  'A decision against somebody because of what they have written, with its reasons. Visible to the person, and to holders of `posts:moderate`.',
  { implements: Node },
)
export class ModerationDecisionType implements Omit<
  ModerationDecisionRow,
  'caseId' | 'subjectId' | 'userId' | 'decidedById' | 'brokenRule' | 'statedReasons'
> {
  @GlobalId('moderation_decision')
  id!: string

  @Shown(() => ModeratedKind, 'What it is about.')
  subjectKind!: ModeratedKind

  @Shown(() => ModerationAction, 'What was decided.')
  action!: ModerationDecisionRow['action']

  @Shown(() => Boolean, 'Whether a machine has decided it.')
  isAutomated!: boolean

  @Shown(() => Boolean, 'Whether a machine has found what it is about.')
  isDetectedAutomatically!: boolean

  @Shown(() => Date, 'When it was decided.')
  decidedAt!: Date

  @Shown(
    () => Date,
    'When it ends by itself, of what lasts, or when somebody has decided about what waited; null where nothing lasts, and where somebody has to end it.',
    true,
  )
  endsAt!: Date | null

  @Shown(
    () => Date,
    'Until when the person can appeal (`appealModerationDecision`), but for a `HOLD`, about which a person decides anyway.',
  )
  appealEndsAt!: Date

  @Shown(() => Date, 'When it was taken back; null where it was not.', true)
  reversedAt!: Date | null

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const ModerationDecisionConnection = connectionOf('ModerationDecision', () => ModerationDecisionType)
