import { defineRetention } from '../retention/retention'
import { AccessToken } from './access-token.entity'

export const forgetOldAccessTokens = defineRetention({
  name: 'access-token:forget-old',
  schedule: '7 * * * *',
  entity: AccessToken,
  retention: '90 days after the token expires',
  since: 'expires_at',
})
