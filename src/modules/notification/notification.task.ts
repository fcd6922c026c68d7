import { defineRetention } from '../retention/retention'
import { Notification } from './notification.entity'

/** What people were told; what has led to it goes along. */
export const forgetOldNotifications = defineRetention({
  name: 'notification:forget-old',
  schedule: '52 4 * * *',
  entity: Notification,
  retention: '90 days',
  since: 'happened_at',
})
