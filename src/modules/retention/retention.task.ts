import { ADDRESS_RETENTION } from '../audit/address-retention'
import { defineRetention } from './retention'

/** Of the trail, which knows nothing of retention: it stands below. */
export const forgetAuditAddresses = defineRetention({
  name: 'audit:forget-addresses',
  schedule: '40 3 * * *',
  ...ADDRESS_RETENTION,
})
