import { defineRetention } from '../retention/retention'
import { KeptText } from './kept-text.entity'
import { LegalHold } from './legal-hold.entity'

export const forgetReleasedHolds = defineRetention({
  name: 'legal-hold:forget-released',
  schedule: '44 2 * * *',
  entity: LegalHold,
  retention: '6 years',
  since: 'released_at',
})

/** Held ones stay, as all that is held does. */
export const forgetKeptTexts = defineRetention({
  name: 'legal-hold:forget-kept-texts',
  schedule: '46 2 * * *',
  entity: KeptText,
  retention: '30 days',
  since: 'kept_at',
})
