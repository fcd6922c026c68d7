import { MINUTE } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { noteAbout } from '../support/administration'
import { columnsHolding } from '../support/database-bytes'
import { meetingUncommitted } from '../support/race'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const NOTE = 'id body createdAt updatedAt version author { id } subject { id }'
const OPERATIONS = {
  addStaffNote: `mutation ($input: AddStaffNoteInput!) { addStaffNote(input: $input) { staffNote { ${NOTE} } userErrors { code field } } }`,
  updateStaffNote: `mutation ($input: UpdateStaffNoteInput!) { updateStaffNote(input: $input) { staffNote { ${NOTE} } userErrors { code field } } }`,
  deleteStaffNote: `mutation ($input: DeleteStaffNoteInput!) { deleteStaffNote(input: $input) { deletedStaffNoteId userErrors { code field } } }`,
}
type Operation = keyof typeof OPERATIONS

const send = async (by: Person, operation: Operation, input: object) =>
  (await by.api.data(OPERATIONS[operation], { input }))[operation]

/** What a mutation answered: `OK`, the codes of its user errors, or that of the error that refused it. */
async function outcome(by: Person, operation: Operation, input: object): Promise<string> {
  const { data, errors } = await by.api.send(OPERATIONS[operation], { input })
  if (errors) return errors[0]!.extensions.code
  const { userErrors } = data[operation] as { userErrors: { code: string }[] }
  return userErrors.map(({ code }) => code).join() || 'OK'
}

const NOTES = `query ($id: ID!, $first: Int, $after: String) {
  user(id: $id) { staffNotes(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { ${NOTE} } }
  } }
}`
const notesOf = async (by: Person, { globalId }: Person, page = {}) =>
  (await by.api.data(NOTES, { id: globalId, ...page })).user.staffNotes

const findNote = async (by: Pick<Person, 'api'>, id: string) =>
  (await by.api.data(`query ($id: ID!) { node(id: $id) { ... on StaffNote { ${NOTE} } } }`, { id })).node

const manager = () => world.person({ role: 'manager' })
const admin = () => world.person({ role: 'admin' })

describe('what staff note about somebody', () => {
  test('is there for all who may read notes, the newest first, page by page', async () => {
    const [author, reader, person] = [await manager(), await admin(), await world.person()]
    const bodies = ['Called about an invoice.', 'Called again.\nIn a hurry.', 'Paid.']
    for (const body of bodies) {
      const { staffNote, userErrors } = await send(author, 'addStaffNote', { userId: person.globalId, body })
      expect(userErrors).toEqual([])
      expect(staffNote).toEqual({
        id: expect.stringMatching(/^staff_note_/),
        body,
        createdAt: expect.any(String),
        updatedAt: staffNote.createdAt,
        version: 1,
        author: { id: author.globalId },
        subject: { id: person.globalId },
      })
      expect(await findNote(reader, staffNote.id)).toEqual(staffNote)
      world.clock.advance(1_000)
    }
    await noteAbout(world, await world.person())
    const first = await notesOf(reader, person, { first: 2 })
    expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } })
    const second = await notesOf(reader, person, { first: 2, after: first.pageInfo.endCursor })
    const read = [...first.edges, ...second.edges].map(({ node }) => node.body as string)
    expect(read).toEqual([...bodies].reverse())
  })

  test('R55 is nobody’s to see who may not read notes, and never the person’s, whatever they may read', async () => {
    const author = await admin()
    const person = await world.person({ role: 'manager' })
    const id = await noteAbout(world, person, author)
    const other = await world.person({ permissions: ['users:read', 'audit:read', 'notes:write'] })
    for (const each of [person, other]) {
      expect(await each.api.errorCode(NOTES, { id: person.globalId })).toBe('FORBIDDEN')
      expect(await findNote(each, id)).toBeNull()
      expect(await outcome(each, 'updateStaffNote', { staffNoteId: id, body: 'Mine.' })).toBe('NOT_FOUND')
      expect(await outcome(each, 'deleteStaffNote', { staffNoteId: id })).toBe('NOT_FOUND')
    }
    expect(await world.anonymous.errorCode(NOTES, { id: person.globalId })).toBe('UNAUTHENTICATED')
    expect(await findNote({ api: world.anonymous }, id)).toBeNull()
    // Others' notes are the manager's to read all the same.
    const [third, theirs] = [await world.person(), await admin()]
    await noteAbout(world, third, theirs)
    expect((await notesOf(person, third)).totalCount).toBe(1)
  })

  test('leaves nothing in the trail of the person, and everything but the text in that of who wrote it', async () => {
    const [author, person] = [await manager(), await world.person()]
    const body = unique('Secret ')
    const { staffNote } = await send(author, 'addStaffNote', { userId: person.globalId, body })
    await send(author, 'updateStaffNote', { staffNoteId: staffNote.id, body: `${body} more` })
    await send(author, 'deleteStaffNote', { staffNoteId: staffNote.id })
    const trail = async ({ api }: Person) => {
      const query = '{ viewer { auditEvents { edges { node { action target details subject { id } } } } } }'
      const { viewer } = await api.data(query)
      return (viewer.auditEvents.edges as { node: { action: string } }[])
        .map(({ node }) => node)
        .filter(({ action }) => action.startsWith('staff-note'))
    }
    expect(await trail(person)).toEqual([])
    expect(await trail(author)).toEqual(
      ['deleted', 'updated', 'added'].map((what) => ({
        action: `staff-note.${what}`,
        target: staffNote.id,
        details: { about: person.globalId },
        subject: { id: author.globalId },
      })),
    )
  })

  test('R88 is encrypted for the person, and lost with their key', async () => {
    const [author, person] = [await manager(), await world.person()]
    const body = unique('Canary ')
    const { staffNote } = await send(author, 'addStaffNote', { userId: person.globalId, body })
    expect(await columnsHolding(world.db, body)).toEqual([])
    await world.db.codec.destroyKey(person.id)
    expect(await findNote(await admin(), staffNote.id)).toMatchObject({ id: staffNote.id, body: null })
  })

  test('is written only about people who are there, not about oneself, and not about somebody above', async () => {
    const [author, above] = [await manager(), await admin()]
    const tried = (userId: string, body = 'A note.') => outcome(author, 'addStaffNote', { userId, body })
    expect(await tried(author.globalId)).toBe('NOT_PERMITTED')
    expect(await tried(above.globalId)).toBe('NOT_PERMITTED')
    expect(await tried(toGlobalId('user', author.sessionId))).toBe('NOT_FOUND')
    const { globalId } = await world.person()
    expect(await tried(globalId, ' \n ')).toBe('REQUIRED')
    expect(await tried(globalId, 'x'.repeat(5_001))).toBe('TOO_LONG')
    expect(await outcome(await world.person(), 'addStaffNote', { userId: globalId, body: 'x' })).toBe(
      'FORBIDDEN',
    )
    expect((await notesOf(above, { globalId } as Person)).totalCount).toBe(0)
  })
})

describe('a note', () => {
  test('is changed by who has written it, and nobody else', async () => {
    const [author, person] = [await manager(), await world.person()]
    const id = await noteAbout(world, person, author)
    world.clock.advance(MINUTE)
    const { staffNote } = await send(author, 'updateStaffNote', { staffNoteId: id, body: 'Changed.' })
    expect(staffNote).toMatchObject({ body: 'Changed.', version: 2, author: { id: author.globalId } })
    expect(Date.parse(staffNote.updatedAt)).toBeGreaterThan(Date.parse(staffNote.createdAt))
    for (const other of [await admin(), await manager()])
      expect(await outcome(other, 'updateStaffNote', { staffNoteId: id, body: 'Not mine.' })).toBe(
        'NOT_PERMITTED',
      )
    expect(await findNote(author, id)).toEqual(staffNote)
  })

  test('is not changed on top of another change; the conflict shows it as it is', async () => {
    const [author, person] = [await manager(), await world.person()]
    const input = { staffNoteId: await noteAbout(world, person, author), body: 'Changed.' }
    // What changes nothing is no change.
    const same = await send(author, 'updateStaffNote', { ...input, body: 'A note.' })
    expect(same.staffNote.version).toBe(1)
    expect(await outcome(author, 'updateStaffNote', { ...input, expectedVersion: 1 })).toBe('OK')
    const { errors } = await author.api.send(OPERATIONS.updateStaffNote, {
      input: { ...input, body: 'Changed again.', expectedVersion: 1 },
    })
    expect(errors).toMatchObject([
      { extensions: { code: 'CONFLICT', currentVersion: 2, current: { body: 'Changed.' } } },
    ])
  })

  test('is deleted by who has written it, or by somebody who is not below them', async () => {
    const [author, colleague, above, person] = [
      await manager(),
      await manager(),
      await admin(),
      await world.person(),
    ]
    const tried = async (by: Person, of: Person) =>
      outcome(by, 'deleteStaffNote', { staffNoteId: await noteAbout(world, person, of) })
    expect(await tried(author, author)).toBe('OK')
    expect(await tried(colleague, author)).toBe('OK')
    expect(await tried(above, author)).toBe('OK')
    expect(await tried(author, above)).toBe('NOT_PERMITTED')
    expect((await notesOf(author, person)).totalCount).toBe(1)
    const [{ count } = { count: 0 }] = await world.db.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM staff_notes WHERE subject_id = $1',
      [person.id],
    )
    expect(count).toBe(1)
  })

  test('stays where it is about somebody who has risen above who wrote it', async () => {
    const [author, person] = [await manager(), await world.person()]
    const id = await noteAbout(world, person, author)
    await world.db.query(
      `INSERT INTO role_grants (id, user_id, role_id, created_at) SELECT gen_random_uuid(), $1, id, now() FROM roles WHERE name = 'admin'`,
      [person.id],
    )
    expect(await outcome(author, 'updateStaffNote', { staffNoteId: id, body: 'Boss.' })).toBe('NOT_PERMITTED')
    expect(await outcome(author, 'deleteStaffNote', { staffNoteId: id })).toBe('NOT_PERMITTED')
    expect(await findNote(await admin(), id)).toMatchObject({ body: 'A note.', version: 1 })
  })

  test('R60 is left alone by whoever loses the permission between the policy and the change', async () => {
    const person = await world.person()
    const attempts: [Operation, (id: string) => object][] = [
      ['addStaffNote', () => ({ userId: person.globalId, body: 'Late.' })],
      ['updateStaffNote', (staffNoteId) => ({ staffNoteId, body: 'Late.' })],
      ['deleteStaffNote', (staffNoteId) => ({ staffNoteId })],
    ]
    for (const [operation, inputOf] of attempts) {
      const loser = await manager()
      const input = inputOf(await noteAbout(world, person, loser))
      const answer = await meetingUncommitted(
        world,
        ['DELETE FROM role_grants WHERE user_id = $1', loser.id],
        () => outcome(loser, operation, input),
      )
      expect([operation, answer]).toEqual([operation, 'FORBIDDEN'])
    }
    const { totalCount, edges } = await notesOf(await admin(), person)
    expect(totalCount).toBe(3)
    for (const { node } of edges) expect(node).toMatchObject({ body: 'A note.', version: 1 })
  })
})
