import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Context } from '../../context/context'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { emailsByUser } from './email.loader'
import type { ReadableEmail } from './email.service'
import { EmailType } from './email.type'

@Resolver(() => UserType)
export class EmailResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The primary e-mail address. Self, or `users:read-contact`.',
  })
  async email(@Ctx() context: Context, @Root() user: UserRow): Promise<string | null> {
    const emails = await context.load(emailsByUser, user.id)
    return emails.find((email) => email.isPrimary)?.address ?? null
  }

  @FieldResolver(() => [EmailType], {
    nullable: true,
    description:
      'All e-mail addresses, each of which signs in; mails about the account go to the primary one. Self, or `users:read-contact`.',
  })
  emails(@Ctx() context: Context, @Root() user: UserRow): Promise<ReadableEmail[]> {
    return context.load(emailsByUser, user.id)
  }
}
