import { MINUTE } from '../../core/clock'
import { ApiError, concerningTheWhole, rejected, UserErrorCode } from '../../core/error'
import { toGlobalId } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { withOwnProof } from '../authentication/own-proof'
import { ChallengeKind } from '../challenge/challenge-kind'
import { ChallengeService, CODE_LIFETIME, type Challenge } from '../challenge/challenge.service'
import { MailService } from '../mail/mail.service'
import { AuthenticationMethod } from '../session/authentication-method'
import { SessionService } from '../session/session.service'
import { SmsService } from '../sms/sms.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import type { AddPhoneInput, ConfirmPhoneInput } from './phone.input'
import { readMobileNumber } from './phone-number'
import { PhoneService } from './phone.service'

/**
 * Begins to add a number to the viewer's: a code goes there. An earlier one is void. Whether somebody else has the number makes no
 * difference, and is not told.
 * @throws Rejected INVALID for what takes no text messages, whose country is sent none, or that is the viewer's already; NOT_PERMITTED for too many; FROZEN. ApiError
 * UNAVAILABLE where no text messages are sent; RATE_LIMITED when too many were asked for, by this person, to this number or to
 * this country.
 */
export async function addPhone(db: Database, input: AddPhoneInput): Promise<Challenge> {
  const { userId } = requireSession(db.caller.viewer)
  const sms = new SmsService(db)
  if (!sms.isAvailable)
    throw new ApiError('UNAVAILABLE', 'No text messages can be sent here, so no phone number can be proven.')
  const { number, country } = readMobileNumber(input.number, input.country?.toUpperCase())
  const { countries } = db.tools.textLimits
  if (countries !== null && !countries.includes(country))
    throw rejected('number', UserErrorCode.INVALID, 'No text messages are sent to numbers of this country.')
  if (await sms.isRefused(number))
    throw rejected(
      'number',
      UserErrorCode.INVALID,
      'Text messages do not reach this number. Give another one.',
    )
  await new PhoneService(db).assertMayAdd(userId, number)
  await new ThrottleService(db).tryText(userId, number, country)
  return db.transaction(async (tx) => {
    await new SessionService(tx).assertMayChangeCredentials()
    const challenges = new ChallengeService(tx)
    await challenges.removeOf(userId, ChallengeKind.PHONE_VERIFICATION)
    const { challenge, code } = await challenges.begin({
      kind: ChallengeKind.PHONE_VERIFICATION,
      subjectId: userId,
      methods: [AuthenticationMethod.SMS_CODE],
      state: number,
    })
    await new AuditService(tx).record('phone.verification-requested', {
      target: toGlobalId('challenge', challenge.id),
    })
    const { locale, timeZone } = (await new UserService(tx).lookup(userId))!
    await new SmsService(tx).send({ number, locale, timeZone, userId }, 'phoneCode', {
      code,
      minutes: CODE_LIFETIME / MINUTE,
    })
    return challenge
  })
}

/**
 * Makes a number the viewer's, with the code that was sent there; a mail tells them.
 * @throws Rejected INVALID_CODE for a wrong, used or expired code, which counts; INVALID, NOT_PERMITTED as `addPhone` does; FROZEN.
 * ApiError RATE_LIMITED after too many failures, which beginning again does not take back.
 */
export async function confirmPhone(db: Database, input: ConfirmPhoneInput): Promise<void> {
  const proving = { kind: ChallengeKind.PHONE_VERIFICATION, failure: 'phone.verification-failed' } as const
  await withOwnProof(db, input, proving, async (tx, userId, number) => {
    const id = await new PhoneService(tx).add(userId, number).catch(concerningTheWhole)
    await new SmsService(tx).noteArrival(number)
    const eventId = await new AuditService(tx).record('phone.added', { target: toGlobalId('phone', id) })
    await new MailService(tx).send(userId, 'phoneAdded', { eventId })
  })
}
