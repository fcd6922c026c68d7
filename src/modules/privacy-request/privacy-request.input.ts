import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { PrivacyRequestKind, PrivacyRequestStatus } from './privacy-request-kind'
import type { PrivacyRequestFilter } from './privacy-request.repository'

const MESSAGE: TextRules = { description: 'What you ask for, in your words.', max: 5_000, multiline: true }
const REASON: TextRules = { description: 'Why; the person reads it.', max: 2_000, multiline: true }
const REQUEST = 'A request of somebody else.'

@Input('RequestRectificationInput', 'What about your data is wrong.')
export class RequestRectificationInput {
  @Text(MESSAGE)
  message!: string
}

@Input('ExtendPrivacyRequestInput', 'What takes longer, and why.')
export class ExtendPrivacyRequestInput {
  @IdOf('privacy_request', REQUEST)
  privacyRequestId!: string

  @Text(REASON)
  reason!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('ResolvePrivacyRequestInput', 'What has been done.')
export class ResolvePrivacyRequestInput {
  @IdOf('privacy_request', REQUEST)
  privacyRequestId!: string

  @Text({ ...REASON, description: 'What was done; the person reads it.', optional: true })
  note?: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('RefusePrivacyRequestInput', 'What is refused, and why.')
export class RefusePrivacyRequestInput {
  @IdOf('privacy_request', REQUEST)
  privacyRequestId!: string

  @Text(REASON)
  reason!: string

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('WithdrawPrivacyRequestInput', 'What you do not ask for any more.')
export class WithdrawPrivacyRequestInput {
  @IdOf('privacy_request', 'A request of your own.')
  privacyRequestId!: string
}

@Input('PrivacyRequestFilter', 'Which requests to list; conditions add up.')
export class PrivacyRequestFilterInput implements PrivacyRequestFilter {
  @Field(() => PrivacyRequestKind, { nullable: true, description: 'Only requests of this kind.' })
  kind?: PrivacyRequestKind

  @Field(() => PrivacyRequestStatus, { nullable: true, description: 'Only requests that stand so.' })
  status?: PrivacyRequestStatus

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those that should have been answered by now; or, if false, only the others.',
  })
  overdue?: boolean
}

@ArgsType()
export class PrivacyRequestArguments extends PageArguments {
  @Field(() => PrivacyRequestFilterInput, { nullable: true, description: 'Which requests to list.' })
  filter?: PrivacyRequestFilterInput
}
