import { Field } from 'type-graphql'
import { ExpectedVersion, IdOf, Input, Text } from '../../api/input'

const REQUIRES_REASON =
  'Whether it gives its permissions to those requests alone that say why, in the header `Access-Reason`.'

const REASON = { max: 500, optional: true } as const

const PERMISSIONS_TEXT = { max: 64, list: { max: 100 } } as const

@Input('CreateRoleInput', 'A new role.')
export class CreateRoleInput {
  @Text({ description: 'A short name, unique without regard to case.', max: 64 })
  name!: string

  @Text({ description: 'What the role is for.', max: 500, min: 0, multiline: true })
  description!: string

  @Text({ ...PERMISSIONS_TEXT, description: 'What its holders may do: permissions that you hold yourself.' })
  permissions!: string[]

  @Field(() => Boolean, { defaultValue: false, description: REQUIRES_REASON })
  requiresReason!: boolean
}

@Input('UpdateRoleInput', 'What to change in a role; what is left out stays.')
export class UpdateRoleInput {
  @IdOf('role', 'The role to change; not a built-in one.')
  roleId!: string

  @Text({ description: 'A short name, unique without regard to case.', max: 64, optional: 'stays' })
  name?: string

  @Text({ description: 'What the role is for.', max: 500, min: 0, multiline: true, optional: 'stays' })
  description?: string

  @Text({ ...PERMISSIONS_TEXT, description: 'What its holders may do, all of it.', optional: 'stays' })
  permissions?: string[]

  @Field(() => Boolean, { nullable: true, description: REQUIRES_REASON })
  requiresReason?: boolean | null

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteRoleInput', 'Which role to delete.')
export class DeleteRoleInput {
  @IdOf('role', 'The role to delete; not a built-in one.')
  roleId!: string
}

@Input('GrantTerms', 'Which role to grant, over whom and until when.')
export abstract class GrantTerms {
  @IdOf('role', 'The role.')
  roleId!: string

  @IdOf('group', 'The group to whose members it is limited; everybody where none is given.', {
    optional: true,
  })
  groupId?: string | null

  @Text({ ...REASON, description: 'Why; the person can read it.' })
  reason?: string | null

  @Field(() => Date, {
    nullable: true,
    description: 'When the grant ends by itself; never where nothing is said.',
  })
  expiresAt?: Date | null
}

@Input('GrantRoleInput', 'Which role to grant to whom.')
export class GrantRoleInput extends GrantTerms {
  @IdOf('user', 'Who gets it.')
  userId!: string
}

@Input('RevocationTerms', 'Which role to take.')
export abstract class RevocationTerms {
  @IdOf('role', 'The role.')
  roleId!: string

  @IdOf('group', 'The group to whose members the grant is limited, if it is.', { optional: true })
  groupId?: string | null

  @Text({ ...REASON, description: 'Why; it is kept on the trail.' })
  reason?: string | null
}

@Input('RevokeRoleInput', 'Which role to take from whom.')
export class RevokeRoleInput extends RevocationTerms {
  @IdOf('user', 'Who loses it.')
  userId!: string
}
