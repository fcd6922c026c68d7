import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { EmailService, type ReadableEmail } from './email.service'

export const emailsByUser = defineLoader<Id, ReadableEmail[], ReadableEmail[]>(
  async (db, userIds) => grouped(await new EmailService(db).ofUsers(userIds), 'userId'),
  [],
)
