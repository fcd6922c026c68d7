import { GlobalId, Shown, Type } from '../../api/type'
import type { ReadableEmail } from './email.service'

@Type('Email', 'An e-mail address of a person. Self, or `users:read-contact`.')
export class EmailType implements Pick<ReadableEmail, 'id' | 'address' | 'isPrimary' | 'verifiedAt'> {
  @GlobalId('email', 'The global id.')
  id!: string

  @Shown(() => String, 'The address.', true)
  address!: string | null

  @Shown(() => Boolean, 'Whether mails about the account go here.')
  isPrimary!: boolean

  @Shown(() => Date, "When it was proven to be the person's own.", true)
  verifiedAt!: Date | null
}
