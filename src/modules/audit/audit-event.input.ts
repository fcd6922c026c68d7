import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { checkInput, FollowArguments, IdOf, Input, Text } from '../../api/input'
import { parseSought } from './address-index'
import { ALL_ACTIONS, AuditOutcome, AuditSeverity, type AuditAction } from './audit-event'
import type { AuditEventFilter } from './audit-event.repository'

const ACTION = {
  matches: new RegExp(`^(?:${ALL_ACTIONS.join('|').replaceAll('.', '\\.')})$`),
  says: 'Portico records no such action; the description of `AuditEvent.action` lists them.',
}

@Input('AuditEventFilter', 'Which events to list; conditions add up.')
export class AuditEventFilterInput implements AuditEventFilter {
  @IdOf('user', 'Only events that this person caused or that concern them.', { optional: true })
  personId?: string

  @IdOf('user', 'Only events that this person caused.', { optional: true })
  actorId?: string

  @IdOf('user', 'Only events that this person caused while acting as somebody else.', { optional: true })
  impersonatorId?: string

  @IdOf('user', 'Only events that concern this person.', { optional: true })
  subjectId?: string

  @Text({
    description: 'Only these actions.',
    max: 64,
    optional: true,
    list: { max: ALL_ACTIONS.length },
    pattern: ACTION,
  })
  actions?: AuditAction[]

  @Field(() => [AuditSeverity], { nullable: true, description: 'Only events that matter so much.' })
  severities?: AuditSeverity[]

  @Field(() => AuditOutcome, { nullable: true, description: 'Only events that ended so.' })
  outcome?: AuditOutcome

  @Text({
    description:
      'Only events of the last two years that came from this address, or this network of 24 bits (of IPv6: 48), such as `203.0.113.0/24`. Whoever may not see an address finds nothing by it.',
    max: 64,
    optional: true,
  })
  address?: string

  @Text({
    description: 'Only events of this request, as the server log and the answer name it.',
    max: 100,
    optional: true,
  })
  requestId?: string

  @Field(() => Date, { nullable: true, description: 'Only events at or after this moment.' })
  since?: Date

  @Field(() => Date, { nullable: true, description: 'Only events before this moment.' })
  until?: Date
}

@ArgsType()
export class AuditEventArguments extends PageArguments {
  @Field(() => AuditEventFilterInput, { nullable: true, description: 'Which events to list.' })
  filter?: AuditEventFilterInput
}

@ArgsType()
export class AuditTailArguments extends FollowArguments {
  @Field(() => AuditEventFilterInput, { nullable: true, description: 'Which events to tell.' })
  filter?: AuditEventFilterInput
}

/**
 * A filter that was given elsewhere than to a query, and that nobody has looked at yet.
 * @throws Rejected; ApiError BAD_USER_INPUT for what is no address
 */
export function checkedFilter(given: object | null | undefined): AuditEventFilter {
  const filter = Object.assign(new AuditEventFilterInput(), given)
  checkInput(filter)
  if (filter.address !== undefined) parseSought(filter.address)
  return filter
}
