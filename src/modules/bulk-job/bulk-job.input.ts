import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { IdOf, Input } from '../../api/input'
import { EndingTerms, SuspensionTerms } from '../administration/administration.input'
import { PasswordResetTerms } from '../authentication/authentication.input'
import { GroupTerms } from '../group/group.input'
import { UserFilterInput } from '../people/people.input'
import { GrantTerms, RevocationTerms } from '../role/role.input'
import type { People } from './bulk-job.service'
import { BulkOutcome } from './bulk-outcome'

@Input('PeopleInput', 'Whom a bulk form is about: people by name, or all whom a filter finds; not both.')
export class PeopleInput implements People {
  @IdOf('user', 'These people.', { optional: true, list: { max: 500 } })
  userIds?: string[]

  @Field(() => UserFilterInput, {
    nullable: true,
    description:
      'Everybody whom `users` would list by it, with what you may do when they are looked for. It says something: for everybody, give `createdBefore`.',
  })
  filter?: UserFilterInput
}

const WhomItIsAbout = (): PropertyDecorator => Field(() => PeopleInput, { description: 'Whom it is about.' })

@Input('SuspendUsersInput', 'Whom to suspend, why, and until when.')
export class SuspendUsersInput extends SuspensionTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('ReinstateUsersInput', 'Whose suspensions to end.')
export class ReinstateUsersInput {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('RequirePasswordResetsInput', 'Who has to choose another password, and why.')
export class RequirePasswordResetsInput extends PasswordResetTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('EndSessionsOfUsersInput', 'Whose sessions to end, and why.')
export class EndSessionsOfUsersInput extends EndingTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('ResendInvitationsInput', 'Whom to invite again.')
export class ResendInvitationsInput {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('GrantRoleToUsersInput', 'Which role to grant to whom.')
export class GrantRoleToUsersInput extends GrantTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('RevokeRoleFromUsersInput', 'Which role to take from whom.')
export class RevokeRoleFromUsersInput extends RevocationTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('AddGroupMembersInput', 'Whom to put into which group.')
export class AddGroupMembersInput extends GroupTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('RemoveGroupMembersInput', 'Whom to take out of which group.')
export class RemoveGroupMembersInput extends GroupTerms {
  @WhomItIsAbout()
  people!: PeopleInput
}

@Input('CancelBulkJobInput', 'Which bulk job to stop.')
export class CancelBulkJobInput {
  @IdOf('bulk_job', 'The job.')
  bulkJobId!: string
}

@ArgsType()
export class BulkJobItemArguments extends PageArguments {
  @Field(() => BulkOutcome, { nullable: true, description: 'Only people for whom this has come of it.' })
  outcome?: BulkOutcome
}
