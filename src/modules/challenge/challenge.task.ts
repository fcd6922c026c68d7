import { defineRetention } from '../retention/retention'
import { Challenge } from './challenge.entity'

/** What was begun and never finished holds who wanted it, a sign-up, an address; with it goes the key of whoever never came to be. */
export const forgetExpiredChallenges = defineRetention({
  name: 'challenge:forget-expired',
  schedule: '*/10 * * * *',
  entity: Challenge,
  retention: 'while the row exists',
  since: 'expires_at',
  isEnd: true,
  also: `DELETE FROM data_keys WHERE owner_id IN (SELECT subject_id FROM removed) AND wrapped IS NOT NULL
    AND NOT EXISTS (SELECT FROM users person WHERE person.id = owner_id)`,
})
