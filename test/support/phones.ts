import { randomInt } from 'node:crypto'
import { toGlobalId, type Id } from '../../src/core/id'
import { ChallengeKind } from '../../src/modules/challenge/challenge-kind'
import { ChallengeService } from '../../src/modules/challenge/challenge.service'
import { PhoneService } from '../../src/modules/phone/phone.service'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { UserService } from '../../src/modules/user/user.service'
import type { ApiClient } from './api-client'
import type { World } from './world'

/** A mobile number of Austria that no other test has. */
export const newNumber = (): string => `+43660${randomInt(1_000_000, 9_999_999)}`

export const ADD_PHONE =
  'mutation ($input: AddPhoneInput!) { addPhone(input: $input) { challenge { id kind methods expiresAt } userErrors { code field message } } }'
export const CONFIRM_PHONE =
  'mutation ($input: ConfirmPhoneInput!) { confirmPhone(input: $input) { user { phones { id number country isPrimary verifiedAt } } userErrors { code field message } } }'

/** Begins to add a number to somebody's, and reads the text message that went there. */
export async function beginPhone(world: World, { api }: { api: ApiClient }, number = newNumber()) {
  const { addPhone } = await api.data(ADD_PHONE, { input: { number } })
  if (addPhone.userErrors.length > 0) throw new Error(JSON.stringify(addPhone.userErrors))
  const [text] = world.portico.mailbox!.read(number)
  return { number, challengeId: addPhone.challenge.id as string, code: text!.code! }
}

/** A number of somebody's, made below the API; its global id. */
export async function phoneOf(world: World, { id }: { id: Id }, number = newNumber()): Promise<string> {
  const phoneId = await world.db.transaction(async (tx) => {
    await new UserService(tx).hold(id)
    return new PhoneService(tx).add(id, number)
  })
  return toGlobalId('phone', phoneId)
}

/** What `addPhone` would have begun, without a text message and what counts them: the proof of a number that waits. */
export async function pendingPhone(world: World, { id }: { id: Id }, number = newNumber()) {
  const { challenge, code } = await new ChallengeService(world.db).begin({
    kind: ChallengeKind.PHONE_VERIFICATION,
    subjectId: id,
    methods: [AuthenticationMethod.SMS_CODE],
    state: JSON.stringify({ number }),
  })
  return { challengeId: toGlobalId('challenge', challenge.id), code }
}

/** The same in place of those that they have. */
export async function onlyPhoneOf(world: World, person: { id: Id }): Promise<string> {
  await world.db.query('DELETE FROM phones WHERE user_id = $1', [person.id])
  return phoneOf(world, person)
}

/** A number beside the primary one, in place of those that they have. */
export async function secondPhoneOf(world: World, person: { id: Id }): Promise<string> {
  await onlyPhoneOf(world, person)
  return phoneOf(world, person)
}
