import { authorityOf, reasonsCount, type GrantedRole } from '../../core/authority'
import type { InSession, Recognised } from '../../core/viewer'
import { areTwoFactors, type AuthenticationMethod } from './authentication-method'

/** Somebody in a session, without what they may do there. */
export type Holder = Pick<
  InSession,
  'userId' | 'username' | 'sessionId' | 'authenticatedAt' | 'lacksConsent'
> & {
  methods: readonly AuthenticationMethod[]
}

/** Who somebody is in a session, and what they may do there. */
export type Standing = Pick<Recognised<InSession>, 'viewer' | 'withReason'>

/**
 * What somebody may do in a session by what they were granted: nothing besides what everybody may, as long as staff have to
 * prove more than they have there.
 */
export function standingOf(
  { methods, ...holder }: Holder,
  grants: readonly GrantedRole[],
  staffNeedSecondFactor: boolean,
): Standing {
  const awake = staffNeedSecondFactor && !areTwoFactors(methods) ? [] : grants
  return {
    viewer: { kind: 'signed-in', ...holder, ...authorityOf(awake) },
    withReason: reasonsCount(awake) ? authorityOf(awake, { hasReason: true }) : null,
  }
}
