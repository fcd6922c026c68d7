import { DAY } from '../../src/core/clock'
import { newId, toGlobalId, type Id } from '../../src/core/id'
import { fromCursor, toCursor } from '../../src/core/page'
import { AuditService } from '../../src/modules/audit/audit.service'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { follow, type Follower } from '../support/follower'
import { startSecondProcess } from '../support/second-process'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

interface Told {
  cursor: string
  auditEvent: { id: string; action: string; severity: string; subject: { id: string } | null }
}

const TAIL = `subscription ($filter: AuditEventFilter, $after: String) { auditEventsRecorded(filter: $filter, after: $after) {
  cursor auditEvent { id action severity subject { id } } } }`

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0)) await end()
})

const auditor = () => world.person({ permissions: ['audit:read'] })

/** Somebody who follows the trail, once it is recorded that they do. */
async function tail(
  person: Person,
  { filter, after, at = world }: { filter?: object; after?: string; at?: { url: string } } = {},
): Promise<Follower<Told>> {
  const begun = await readings(person)
  const follower = follow<Told>(at, person, TAIL, { filter, after })
  open.push(follower.end)
  await until(async () => follower.codes.length > 0 || (await readings(person)) > begun)
  return follower
}

const readings = async ({ id }: Person): Promise<number> =>
  (await world.db.query(`SELECT FROM audit_events WHERE actor_id = $1 AND action = 'audit.read'`, [id]))
    .length

/** Records something about somebody; its global id. */
const happens = async (subjectId: Id, db = world.db): Promise<string> =>
  toGlobalId(
    'event',
    await new AuditService(db).record('profile.updated', { subjectId, details: { fields: ['bio'] } }),
  )

const idsIn = ({ told }: Follower<Told>) => told.map(({ auditEvent }) => auditEvent.id)

describe('R85 following the trail', () => {
  test('tells each event once, whichever process records it and whichever is asked', async () => {
    const subject = await world.person()
    const second = await startSecondProcess(world)
    open.push(() => second.stop())
    const filter = { subjectId: subject.globalId }
    const [here, there] = [
      await tail(await auditor(), { filter }),
      await tail(await auditor(), { filter, at: { url: `${second.url}/graphql` } }),
    ]
    const first = await happens(subject.id)
    await subject.api.data('mutation { updateProfile(input: { bio: "Here." }) { userErrors { code } } }')
    for (const follower of [here, there]) {
      await until(() => follower.told.length === 2)
      expect(idsIn(follower)[0]).toBe(first)
      expect(follower.told.map(({ auditEvent }) => auditEvent)).toMatchObject([
        { action: 'profile.updated', severity: 'INFO', subject: { id: subject.globalId } },
        { action: 'profile.updated' },
      ])
    }
  })

  test('misses nothing that was begun first and committed last', async () => {
    const subject = await world.person()
    const follower = await tail(await auditor(), { filter: { subjectId: subject.globalId } })
    let late = ''
    let early = ''
    await world.db.transaction(async (tx) => {
      late = await happens(subject.id, tx)
      early = await happens(subject.id)
      await until(() => follower.told.length === 1)
    })
    await until(() => follower.told.length === 2)
    await happens(subject.id)
    await until(() => follower.told.length === 3)
    expect(idsIn(follower).slice(0, 2)).toEqual([early, late])
  })

  test('goes on after a cursor, however much was missed, and leaves out what a filter leaves out', async () => {
    const [person, subject] = [await auditor(), await world.person()]
    const filter = { subjectId: subject.globalId, severities: ['INFO'] }
    const first = await tail(person, { filter })
    await happens(subject.id)
    await until(() => first.told.length === 1)
    await first.end()
    const many = Array.from({ length: 250 }, () => ({ subjectId: subject.id, details: { fields: [] } }))
    const ids = (await new AuditService(world.db).recordAll('profile.updated', many)).map((id) =>
      toGlobalId('event', id),
    )
    await new AuditService(world.db).record('account.reinstated', { subjectId: subject.id })
    const second = await tail(person, { filter, after: first.told[0]!.cursor })
    await until(() => second.told.length === 250)
    expect(new Set(idsIn(second))).toEqual(new Set(ids))
    const third = await tail(person, { filter, after: second.told[99]!.cursor })
    await until(() => third.told.length === 150)
    expect(idsIn(third)).toEqual(idsIn(second).slice(100))
  })

  test('is for holders of audit:read, of whom it tells nothing more to who is not any more', async () => {
    const [person, subject] = [await auditor(), await world.person()]
    expect((await tail(await world.person())).codes).toEqual(['FORBIDDEN'])
    const follower = await tail(person, { filter: { subjectId: subject.globalId } })
    await happens(subject.id)
    await until(() => follower.told.length === 1)
    const [grant] = await world.db.query<{ role_id: Id }>(
      `SELECT role_id FROM role_grants JOIN roles ON roles.id = role_id WHERE user_id = $1 AND 'audit:read' = ANY (permissions)`,
      [person.id],
    )
    await new RoleGrantService(await world.asViewer(await world.person({ role: 'admin' }))).revoke({
      userId: person.id,
      roleId: grant!.role_id,
    })
    await happens(subject.id)
    await until(() => follower.codes.length > 0)
    expect(follower.codes).toContain('FORBIDDEN')
    expect(follower.told).toHaveLength(1)
  })

  test('over a group tells of its members alone', async () => {
    const [inside, outside] = [await world.person(), await world.person()]
    const person = await world.person({ permissions: ['audit:read'], over: await world.group(inside) })
    const follower = await tail(person, { filter: { actions: ['profile.updated'] } })
    await happens(outside.id)
    const seen = await happens(inside.id)
    await until(() => follower.told.length > 0)
    expect(idsIn(follower)).toEqual([seen])
  })

  test('is recorded with what is followed', async () => {
    const [person, subject] = [await auditor(), await world.person()]
    await tail(person, { filter: { subjectId: subject.globalId, severities: ['CRITICAL'] } })
    const [event] = await world.db.query<{ details: unknown }>(
      `SELECT details FROM audit_events WHERE actor_id = $1 AND action = 'audit.read'`,
      [person.id],
    )
    expect(event!.details).toEqual({ filter: { subjectId: subject.globalId, severities: ['critical'] } })
  })

  test('refuses cursors of something else, and of more than a day ago', async () => {
    const [person, subject] = [await auditor(), await world.person()]
    const follower = await tail(person, { filter: { subjectId: subject.globalId } })
    await happens(subject.id)
    await until(() => follower.told.length === 1)
    const place = fromCursor('audit-tail', follower.told[0]!.cursor)
    const wrong = [
      'nonsense',
      toCursor('stream:ticket-queue', [0]),
      toCursor('audit-tail', []),
      toCursor('audit-tail', [`1:2:'`, ...place.slice(1)]),
      toCursor('audit-tail', [...place.slice(0, 2), '1; DROP TABLE users', ...place.slice(3)]),
      toCursor('audit-tail', [...place.slice(0, 3), 'x', place[4]!]),
      toCursor('audit-tail', [...place.slice(0, 4), (place[4] as number) - 2 * DAY]),
    ]
    for (const after of wrong)
      expect([after, (await tail(person, { after })).codes]).toEqual([after, ['BAD_USER_INPUT']])
    expect((await tail(person, { filter: { address: 'nonsense' } })).codes).toEqual(['BAD_USER_INPUT'])
    expect((await tail(person, { filter: { actions: ['no.such'] } })).codes).toEqual(['BAD_USER_INPUT'])
    expect((await tail(person, { filter: { subjectId: toGlobalId('user', newId()) } })).codes).toEqual([])
  })
})
