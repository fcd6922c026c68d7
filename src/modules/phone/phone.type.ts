import { GlobalId, Shown, Type } from '../../api/type'
import type { ReadablePhone } from './phone.service'

@Type('Phone', 'A phone number of a person, proven by a text message. Self, or `users:read-contact`.')
export class PhoneType implements Pick<
  ReadablePhone,
  'id' | 'number' | 'country' | 'isPrimary' | 'verifiedAt'
> {
  @GlobalId('phone', 'The global id.')
  id!: string

  @Shown(() => String, 'The number as E.164 has it, e.g. `+436601234567`.', true)
  number!: string | null

  @Shown(
    () => String,
    'The country that the number belongs to, as two letters (ISO 3166-1); null where that cannot be told.',
    true,
  )
  country!: string | null

  @Shown(() => Boolean, 'Whether text messages about the account go here.')
  isPrimary!: boolean

  @Shown(() => Date, "When it was proven to be the person's own.")
  verifiedAt!: Date
}
