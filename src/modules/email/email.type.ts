import { GlobalId, Shown, Type } from '../../api/type'
import type { ReadableEmail } from './email.service'

@Type('Email', 'An e-mail address of a person. Self, or `users:read-contact`.')
export class EmailType implements Pick<
  ReadableEmail,
  'id' | 'address' | 'isPrimary' | 'verifiedAt' | 'bouncedAt' | 'complainedAt'
> {
  @GlobalId('email', 'The global id.')
  id!: string

  @Shown(() => String, 'The address.', true)
  address!: string | null

  @Shown(() => Boolean, 'Whether mails about the account go here.')
  isPrimary!: boolean

  @Shown(() => Date, "When it was proven to be the person's own.", true)
  verifiedAt!: Date | null

  @Shown(
    () => Date,
    'When it turned out that mails to it come back: nothing is sent there but what proves it anew. Null where none have since it was verified.',
    true,
  )
  bouncedAt!: Date | null

  @Shown(
    () => Date,
    'When a mail to it was called spam: nothing is sent there but what has to be. Null where none was since it was verified.',
    true,
  )
  complainedAt!: Date | null
}
