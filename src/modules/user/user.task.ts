import { defineRetention } from '../retention/retention'
import { FormerUsername } from './former-username.entity'

export const forgetFormerUsernames = defineRetention({
  name: 'user:forget-former-usernames',
  schedule: '36 4 * * *',
  entity: FormerUsername,
  retention: '2 years',
  since: 'changed_at',
})
