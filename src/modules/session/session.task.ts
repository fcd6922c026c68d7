import { defineRetention } from '../retention/retention'
import { Session } from './session.entity'
import { SupersededToken } from './superseded-token.entity'

export const forgetOldSessions = defineRetention({
  name: 'session:forget-old',
  schedule: '7 * * * *',
  entity: Session,
  retention: '90 days after the session ends or expires',
  since: 'coalesce(ended_at, expires_at)',
  // Each half has an index of its own.
  isDue: (moment) => `ended_at <= ${moment} OR ended_at IS NULL AND expires_at <= ${moment}`,
  parts: { entity: SupersededToken, column: 'session_id' },
})
