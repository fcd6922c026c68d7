import { idOf, toGlobalId, type Id } from '../../src/core/id'
import type { Person, World } from './world'
import { DataExportService } from '../../src/modules/data-export/data-export.service'
import { eraseDue } from '../../src/modules/erasure/erasure.task'
import { ErasureService } from '../../src/modules/erasure/erasure.service'
import { LegalHoldService } from '../../src/modules/legal-hold/legal-hold.service'
import { PrivacyRequestKind } from '../../src/modules/privacy-request/privacy-request-kind'
import { PrivacyRequestService } from '../../src/modules/privacy-request/privacy-request.service'
import { UserService } from '../../src/modules/user/user.service'
import { makeDataExport } from '../../src/modules/data-export/data-export.task'

/** Something that somebody has asked about their data; its id. */
export async function privacyRequestOf(
  world: World,
  person: Person,
  kind = PrivacyRequestKind.RECTIFICATION,
  message = 'My name is spelled wrong.',
): Promise<string> {
  const requests = new PrivacyRequestService(await world.asViewer(person))
  return toGlobalId('privacy_request', (await requests.receive({ kind, userId: person.id, message })).id)
}

/** A hold on somebody's data, by an admin; its id. */
export async function legalHoldOn(
  world: World,
  { id }: Pick<Person, 'id'>,
  author?: Person,
): Promise<string> {
  const db = await world.asViewer(author ?? (await world.person({ role: 'admin' })))
  const hold = await new LegalHoldService(db).place({
    userId: id,
    reason: 'A lawsuit.',
    caseReference: '7 O 12/26',
  })
  return toGlobalId('legal_hold', hold.id)
}

/** Keeps somebody's data and does no more with it. */
export async function restricted(world: World, { id }: Pick<Person, 'id'>): Promise<void> {
  await new UserService(world.db).restrict(id)
}

/** Agrees to a purpose of every test. */
export async function consentOf({ api }: Pick<Person, 'api'>): Promise<void> {
  await api.data(
    'mutation { giveConsent(input: { purposeId: "newsletter", version: "1" }) { userErrors { code } } }',
  )
}

/** A copy of somebody's data that they have asked for and that is ready; its id. */
export async function dataExportOf(world: World, person: Person): Promise<string> {
  const { id } = await new DataExportService(await world.asViewer(person)).request()
  await world.do(makeDataExport, { dataExportId: id })
  return toGlobalId('data_export', id)
}

/** That somebody wants to be erased; its id. */
export async function erasureOf(world: World, person: Person): Promise<string> {
  return toGlobalId('erasure', (await new ErasureService(await world.asViewer(person)).request()).id)
}

export const dataExportIdOf = (globalId: string): Id => idOf('data_export', globalId)!

/** Erases somebody at once. */
export async function erased(world: World, person: Person): Promise<void> {
  await erasureOf(world, person)
  await world.db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [person.id])
  await world.do(eraseDue, {})
}
