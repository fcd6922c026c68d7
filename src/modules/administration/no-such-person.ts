import { rejected, UserErrorCode, type Rejected } from '../../core/error'

/** The answer to an action on somebody who is not there. */
export const noSuchPerson = (): Rejected =>
  rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')
