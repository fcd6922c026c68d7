import { DAY } from '../../src/core/clock'
import { newId } from '../../src/core/id'
import { LegalHoldService } from '../../src/modules/legal-hold/legal-hold.service'
import { forgetKeptTexts } from '../../src/modules/legal-hold/legal-hold.task'
import { UserService } from '../../src/modules/user/user.service'
import { ApiClient } from '../support/api-client'
import { commentOn } from '../support/content'
import { columnsHolding } from '../support/database-bytes'
import { conversationOf } from '../support/messages'
import { legalHoldOn } from '../support/privacy'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const HOLD = 'id reason caseReference placedAt releasedAt placedBy { id } releasedBy { id } user { id }'
const PLACE = `mutation ($input: PlaceLegalHoldInput!) { placeLegalHold(input: $input) { legalHold { ${HOLD} } userErrors { code } } }`
const RELEASE = `mutation ($input: ReleaseLegalHoldInput!) { releaseLegalHold(input: $input) { legalHold { ${HOLD} } userErrors { code } } }`

const holdsOf = async (by: Person, { globalId }: Person) =>
  (await by.api.data(`{ user(id: "${globalId}") { legalHolds { totalCount edges { node { ${HOLD} } } } } }`))
    .user.legalHolds
const officer = () => world.person({ permissions: ['holds:manage'] })
/** As erasure and retention ask. */
const isHeld = ({ id }: Pick<Person, 'id'>) =>
  world.db.transaction((tx) => new LegalHoldService(tx).isHeld(id))

test('a hold keeps data from being erased until it is released; its words are encrypted', async () => {
  const [person, staff] = [await world.person(), await officer()]
  const [reason, caseReference] = [unique('Summons '), unique('7 O ')]
  const input = { userId: person.globalId, reason, caseReference }
  const { legalHold, userErrors } = (await staff.api.data(PLACE, { input })).placeLegalHold
  expect(userErrors).toEqual([])
  expect(legalHold).toMatchObject({
    reason,
    caseReference,
    releasedAt: null,
    placedBy: { id: staff.globalId },
    user: { id: person.globalId },
  })
  expect(await holdsOf(staff, person)).toEqual({ totalCount: 1, edges: [{ node: legalHold }] })
  expect(await isHeld(person)).toBe(true)
  expect(await columnsHolding(world.db, reason)).toEqual([])
  expect(await columnsHolding(world.db, caseReference)).toEqual([])

  const other = await world.person()
  expect(await new LegalHoldService(world.db).heldAmong([person.id, other.id])).toEqual(new Set([person.id]))
  const released = await staff.api.data(RELEASE, { input: { legalHoldId: legalHold.id } })
  expect(released.releaseLegalHold.legalHold).toMatchObject({
    releasedAt: expect.any(String),
    releasedBy: { id: staff.globalId },
  })
  expect(await isHeld(person)).toBe(false)
  const again = await staff.api.data(RELEASE, { input: { legalHoldId: legalHold.id } })
  expect(again.releaseLegalHold.userErrors).toEqual([{ code: 'NOT_PERMITTED' }])
})

test('of several holds each has to be released', async () => {
  const [person, staff] = [await world.person(), await officer()]
  const [first, second] = [await legalHoldOn(world, person, staff), await legalHoldOn(world, person, staff)]
  await staff.api.data(RELEASE, { input: { legalHoldId: first } })
  expect(await isHeld(person)).toBe(true)
  await staff.api.data(RELEASE, { input: { legalHoldId: second } })
  expect(await isHeld(person)).toBe(false)
})

test('the person whom it is about finds neither the hold nor what was done, also where they may manage holds', async () => {
  const [person, staff] = [await officer(), await officer()]
  const id = await legalHoldOn(world, person, staff)
  const { data, errors } = await person.api.send(
    `{ viewer { legalHolds { totalCount } } node(id: "${id}") { id } }`,
  )
  expect(data).toEqual({ viewer: { legalHolds: null }, node: null })
  expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
  const { viewer } = await person.api.data(
    '{ viewer { auditEvents { edges { node { action } } } accessLog { edges { node { fields } } } } }',
  )
  expect(JSON.stringify(viewer)).not.toContain('legal-hold')
  expect(await person.api.data(RELEASE, { input: { legalHoldId: id } }).catch(String)).toContain('NOT_FOUND')
  const own = await person.api.data(PLACE, { input: { userId: person.globalId, reason: 'Mine.' } })
  expect(own.placeLegalHold.userErrors).toEqual([{ code: 'NOT_PERMITTED' }])
})

test('a hold that is being placed is waited for by whoever would erase, and the other way round', async () => {
  const [person, staff] = [await world.person(), await officer()]
  const asStaff = await world.asViewer(staff)
  const told: string[] = []
  let erasure: Promise<unknown>
  await asStaff.transaction(async (tx) => {
    await new LegalHoldService(tx).place({ userId: person.id, reason: 'A lawsuit.' })
    erasure = world.db.transaction(async (other) => {
      told.push(`held: ${await new LegalHoldService(other).isHeld(person.id)}`)
    })
    // Long enough for it to look, if it did not wait.
    await new Promise((resolve) => setTimeout(resolve, 200))
    told.push('placed')
  })
  await erasure!
  expect(told).toEqual(['placed', 'held: true'])

  const id = newId(world.clock.now())
  // With nothing of their own that would have to go first.
  const gone = await new UserService(world.db).create({
    id,
    username: unique('u'),
    displayName: 'Gone',
    locale: 'en',
  })
  let placing: Promise<unknown>
  await world.db.transaction(async (tx) => {
    expect(await new LegalHoldService(tx).isHeld(gone.id)).toBe(false)
    placing = new LegalHoldService(asStaff)
      .place({ userId: gone.id, reason: 'Too late.' })
      .catch((error) => error)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await tx.query('DELETE FROM users WHERE id = $1', [gone.id])
  })
  expect(String(await placing!)).toContain('no such person')
  expect(await new UserService(world.db).exists(gone.id)).toBe(false)
})

test('while one is in force, what somebody changes or deletes of what they have said is kept, sealed, until it is released', async () => {
  const [person, other] = [await world.person(), await world.person()]
  const post = await world.post()
  const before = unique('Before ')
  const words = [1, 2, 3].map(() => unique('Former '))
  const comment = await commentOn(world, post, person, { body: before })
  const { conversationId } = await conversationOf(other, [person])
  const change = async (name: string, input: object): Promise<{ message: { id: string } }> => {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`
    const result = name === 'sendMessage' ? 'message { id }' : ''
    return (
      await person.api.data(
        `mutation ($input: ${type}!) { ${name}(input: $input) { ${result} userErrors { code } } }`,
        { input },
      )
    )[name]
  }
  await change('editComment', { commentId: comment, body: words[0] })
  await legalHoldOn(world, person)
  const { message } = await change('sendMessage', { conversationId, body: words[1] })
  await change('editMessage', { messageId: message.id, body: words[2] })
  await change('deleteMessage', { messageId: message.id })
  await change('deleteComment', { commentId: comment })
  const kept = async () =>
    (await new LegalHoldService(world.db).keptOf(person.id)).map(({ id, text }) => [id, text])
  expect(await kept()).toEqual([
    [message.id, words[1]],
    [message.id, words[2]],
    [comment, words[0]],
  ])
  for (const word of [before, ...words]) expect(await columnsHolding(world.db, word)).toEqual([])
  world.clock.advance(31 * DAY)
  await world.do(forgetKeptTexts, {})
  expect(await kept()).toHaveLength(3)
  await world.db.query('UPDATE legal_holds SET released_at = now() WHERE user_id = $1', [person.id])
  await world.do(forgetKeptTexts, {})
  expect(await kept()).toEqual([])
})

test('PostgreSQL deletes nobody whose data is held', async () => {
  const person = await world.person()
  await legalHoldOn(world, person)
  await expect(world.db.query('DELETE FROM users WHERE id = $1', [person.id])).rejects.toThrow('legal hold')
})

test('nobody finds a hold on themselves: not acting as somebody else, and not in the trail that they may read', async () => {
  const permissions = ['holds:manage', 'users:impersonate', 'audit:read']
  const [staff, other] = [
    await world.person({ permissions }),
    await world.person({ permissions: ['holds:manage'] }),
  ]
  await legalHoldOn(world, staff)
  const { startImpersonation } = await staff.api.data(
    `mutation { startImpersonation(input: { userId: "${other.globalId}", reason: "A look." }) { token userErrors { code } } }`,
  )
  expect(startImpersonation.userErrors).toEqual([])
  const asOther = new ApiClient(world.url, startImpersonation.token as string)
  const { data, errors } = await asOther.send(
    `{ user(id: "${staff.globalId}") { legalHolds { edges { node { reason } } } } }`,
  )
  expect(data.user.legalHolds).toBeNull()
  expect(errors![0]!.extensions.code).toBe('FORBIDDEN')

  const TRAIL =
    '{ auditEvents(filter: { actions: ["legal-hold.placed"] }, first: 100) { edges { node { details } } } }'
  expect(JSON.stringify(await staff.api.data(TRAIL))).not.toContain(staff.globalId)
  const reader = await world.person({ permissions: ['audit:read'] })
  expect(JSON.stringify(await reader.api.data(TRAIL))).toContain(staff.globalId)
})
