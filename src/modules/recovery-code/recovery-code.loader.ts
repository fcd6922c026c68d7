import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { RecoveryCodeService } from './recovery-code.service'

/** How many recovery codes somebody has left. */
export const recoveryCodesLeftByUser = defineLoader<Id, number, number>(
  async (db, userIds) => new RecoveryCodeService(db).leftOf(userIds),
  0,
)
