import { defineRetention } from '../retention/retention'
import { IdempotencyRecord } from './idempotency-record.entity'

export const forgetExpiredAnswers = defineRetention({
  name: 'idempotency:forget-expired',
  schedule: '7 * * * *',
  entity: IdempotencyRecord,
  retention: '24 hours',
  since: 'expires_at',
  isEnd: true,
})
