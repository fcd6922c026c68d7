import { defineRetention } from '../retention/retention'
import { Email } from './email.entity'

export const forgetReplacedAddresses = defineRetention({
  name: 'email:forget-replaced',
  schedule: '7 * * * *',
  entity: Email,
  retention: '7 days after it is replaced',
  since: 'replaced_at',
})
