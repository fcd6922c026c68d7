import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { PasskeyService, type Passkey } from './passkey.service'

export const passkeysByUser = defineLoader<Id, Passkey[], Passkey[]>(
  async (db, userIds) => grouped(await new PasskeyService(db).ofUsers(userIds), 'userId'),
  [],
)
