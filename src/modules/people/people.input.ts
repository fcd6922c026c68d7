import { ArgsType, Field } from 'type-graphql'
import { PageArguments } from '../../api/connection'
import { IdOf, Input, Text } from '../../api/input'
import { MAX_ADDRESS_LENGTH } from '../email/email-address'
import { MAX_NUMBER_LENGTH } from '../phone/phone-number'
import { UserOrder } from '../user/user.service'
import { UserStatus } from '../user/user-status'
import type { PeopleFilter } from './people.service'

@Input('UserFilter', 'Which people to list; conditions add up.')
export class UserFilterInput implements PeopleFilter {
  @Text({
    description:
      'Only people whose username or display name has all these words in it, in whatever case and with whatever accents. ' +
      'A word of one or two letters finds the beginnings of words, a longer one any part.',
    max: 80,
    optional: true,
    pattern: { matches: /[\p{L}\p{N}]/u, says: 'Use a letter or a digit at least.' },
  })
  search?: string

  @Text({ description: 'Only usernames that begin so.', max: 30, optional: true })
  usernamePrefix?: string

  @Text({
    description: 'Only who has this e-mail address. Needs `users:read-contact`.',
    max: MAX_ADDRESS_LENGTH,
    optional: true,
  })
  email?: string

  @Text({
    description:
      'Only who has this phone number, with the code of its country, e.g. `+43 660 1234567`. Needs `users:read-contact`.',
    max: MAX_NUMBER_LENGTH,
    optional: true,
  })
  phone?: string

  @IdOf('role', 'Only who holds this role at this moment. Needs `roles:read`.', { optional: true })
  roleId?: string

  @IdOf('group', 'Only who is in this group. Needs `groups:read`.', { optional: true })
  groupId?: string

  @Field(() => UserStatus, { nullable: true, description: 'Only accounts in this state.' })
  status?: UserStatus

  @Field(() => Date, { nullable: true, description: 'Only accounts made at or after this moment.' })
  createdSince?: Date

  @Field(() => Date, { nullable: true, description: 'Only accounts made before this moment.' })
  createdBefore?: Date

  @Field(() => Date, { nullable: true, description: 'Only people who were seen at or after this moment.' })
  lastSeenSince?: Date

  @Field(() => Date, {
    nullable: true,
    description:
      'Only people who have not been seen since this moment. Of somebody who was never seen, the making of the account counts.',
  })
  lastSeenBefore?: Date
}

@ArgsType()
export class UserArguments extends PageArguments {
  @Field(() => UserFilterInput, { nullable: true, description: 'Which people to list.' })
  filter?: UserFilterInput

  @Field(() => UserOrder, {
    nullable: true,
    description: 'The order of the list; newest first where nothing is said.',
  })
  orderBy?: UserOrder
}
