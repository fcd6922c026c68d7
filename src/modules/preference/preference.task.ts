import { defineRetention } from '../retention/retention'
import { GroupPreferenceChange } from './group-preference-change.entity'
import { PreferenceChange } from './preference-change.entity'

export const forgetOldPreferenceChanges = defineRetention({
  name: 'preference:forget-old-changes',
  schedule: '32 4 * * *',
  entity: PreferenceChange,
  retention: '2 years',
  since: 'changed_at',
})

export const forgetOldGroupPreferenceChanges = defineRetention({
  name: 'preference:forget-old-changes-of-groups',
  schedule: '34 4 * * *',
  entity: GroupPreferenceChange,
  retention: '2 years',
  since: 'changed_at',
})
