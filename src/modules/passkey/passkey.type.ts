import { GlobalId, Shown, Type } from '../../api/type'
import type { Passkey } from './passkey.entity'

@Type('Passkey', 'A passkey or security key of a person (WebAuthn).')
export class PasskeyType implements Pick<Passkey, 'id' | 'name' | 'isSynced' | 'createdAt' | 'lastUsedAt'> {
  @GlobalId('passkey', 'The global id.')
  id!: string

  @Shown(() => String, 'What the person calls it.')
  name!: string

  @Shown(() => Boolean, 'Whether it is synchronised between devices, and so outlives the loss of one.')
  isSynced!: boolean

  @Shown(() => Date, 'When it was registered.')
  createdAt!: Date

  @Shown(() => Date, 'When somebody last signed in with it.', true)
  lastUsedAt!: Date | null
}
