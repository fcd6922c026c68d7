import { defineLoader } from '../../context/loader'
import type { Id } from '../../core/id'
import { EmailService, type ReadableEmail } from './email.service'

export const emailsByUser = defineLoader<Id, ReadableEmail[], ReadableEmail[]>(
  (db, userIds) => new EmailService(db).ofUsers(userIds),
  [],
)
