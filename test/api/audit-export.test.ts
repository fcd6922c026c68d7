import { parse } from 'csv-parse/sync'
import { HOUR, later } from '../../src/core/clock'
import type { Id } from '../../src/core/id'
import { AuditService } from '../../src/modules/audit/audit.service'
import { csvLine } from '../../src/modules/audit/export-trail'
import { storedAccessToken } from '../support/access-token'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const fetchExport = (
  person: Pick<Person, 'token'> | null,
  body: object,
  headers: Record<string, string> = {},
) =>
  fetch(new URL('/audit-export', world.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(person && { authorization: `Bearer ${person.token}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  })

const codeOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
  return [response.status, errors[0]!.extensions.code]
}

const auditor = () => world.person({ permissions: ['audit:read'] })

/** Somebody to whom so much has happened, with a reason for each. */
async function concerned(times: number, reason = 'For a test.'): Promise<Person> {
  const person = await world.person()
  await new AuditService(await world.asViewer(await world.person({ role: 'admin' }))).recordAll(
    'account.suspended',
    Array.from({ length: times }, () => ({ subjectId: person.id, details: { reason, until: null } })),
  )
  return person
}

describe('an export of the trail', () => {
  test('as NDJSON has each event that a filter leaves, once, with what is personal of it in clear', async () => {
    const subject = await concerned(250)
    const filter = { subjectId: subject.globalId, actions: ['account.suspended'], severities: ['NOTICE'] }
    const response = await fetchExport(await auditor(), { format: 'ndjson', filter })
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('cache-control'),
    ]).toEqual([200, 'application/x-ndjson', 'no-store'])
    const text = await response.text()
    expect(text.endsWith('\n')).toBe(true)
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events).toHaveLength(250)
    expect(new Set(events.map(({ id }) => id)).size).toBe(250)
    expect(events[0]).toMatchObject({
      action: 'account.suspended',
      severity: 'notice',
      outcome: 'success',
      subjectId: subject.globalId,
      details: { reason: 'For a test.', until: null },
    })
  })

  test('as CSV is read by any reader of RFC 4180, and is no formula in a spreadsheet', async () => {
    const reason = '=HYPERLINK("https://example.com"),\r\n"quoted", ü'
    const subject = await concerned(1, reason)
    const filter = { subjectId: subject.globalId, actions: ['account.suspended'] }
    const text = await (await fetchExport(await auditor(), { format: 'csv', filter })).text()
    const [row] = parse<Record<string, string>>(text, { columns: true })
    expect(row).toMatchObject({
      action: 'account.suspended',
      subjectId: subject.globalId,
      impersonatorId: '',
    })
    expect(JSON.parse(row!.details!)).toEqual({ reason, until: null })
    for (const cell of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])
      expect(csvLine([cell, 'a"b'])).toBe(`"'${cell}","a""b"\r\n`)
  })

  test('is for holders of audit:read who have just proved who they are, and for no program', async () => {
    const body = { format: 'ndjson' }
    expect(await codeOf(await fetchExport(null, body))).toEqual([401, 'UNAUTHENTICATED'])
    const stranger = await world.person()
    expect(await codeOf(await fetchExport(stranger, body))).toEqual([403, 'FORBIDDEN'])
    await until(
      async () =>
        (
          await world.db.query(
            `SELECT FROM audit_events WHERE actor_id = $1 AND action = 'access.refused' AND details -> 'fields' ? 'POST /audit-export'`,
            [stranger.id],
          )
        ).length === 1,
    )
    const stale = await auditor()
    await world.db.query('UPDATE sessions SET authenticated_at = $2 WHERE id = $1', [
      stale.sessionId,
      later(world.clock.now(), -HOUR),
    ])
    expect(await codeOf(await fetchExport(stale, body))).toEqual([401, 'REAUTHENTICATION_REQUIRED'])
    const program = await storedAccessToken(world, (await auditor()).id, { scopes: ['audit:read'] })
    expect(await codeOf(await fetchExport(program, body))).toEqual([403, 'FORBIDDEN'])
    const foreign = await fetchExport(null, body, {
      cookie: '__Host-portico=ptc_x',
      origin: 'https://evil.example',
    })
    expect(await codeOf(foreign)).toEqual([403, 'FORBIDDEN'])
  })

  test('over a group has what concerns its members', async () => {
    const [inside, outside] = [await concerned(1), await concerned(1)]
    const person = await world.person({ permissions: ['audit:read'], over: await world.group(inside) })
    const text = await (
      await fetchExport(person, { format: 'ndjson', filter: { actions: ['account.suspended'] } })
    ).text()
    expect(text).toContain(inside.globalId)
    expect(text).not.toContain(outside.globalId)
  })

  test('has no address of whoever did it for somebody over a group, and notes in their access log for whom it has', async () => {
    const [subject, staff] = [await world.person(), await world.person({ role: 'admin' })]
    const suspend =
      'mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { userErrors { code } } }'
    await staff.api.data(suspend, { input: { userId: subject.globalId, reason: 'For a test.' } })
    const body = { format: 'ndjson', filter: { subjectId: subject.globalId, actions: ['account.suspended'] } }
    const over = await world.person({ permissions: ['audit:read'], over: await world.group(subject) })
    const addressFor = async (person: Person) =>
      (JSON.parse(await (await fetchExport(person, body)).text()) as { address: string | null }).address
    expect(await addressFor(over)).toBeNull()
    const [everybodys, own] = [await auditor(), staff]
    expect(await addressFor(everybodys)).toMatch(/127\.0\.0\.1/)
    expect(await addressFor(own)).toMatch(/127\.0\.0\.1/)
    expect(
      await world.db.query(
        'SELECT reader_id, fields FROM access_records WHERE subject_id = $1 AND reader_id = ANY($2)',
        [staff.id, [over.id, everybodys.id, own.id]],
      ),
    ).toEqual([{ reader_id: everybodys.id, fields: ['AuditEvent.address'] }])
  })

  test('is cut off where whoever asked may not read the trail any more', async () => {
    const [person, subject] = [await auditor(), await concerned(12_000, 'Long. '.repeat(400))]
    const response = await fetchExport(person, { format: 'ndjson', filter: { subjectId: subject.globalId } })
    const reader = response.body!.getReader()
    await reader.read()
    await world.db.query('UPDATE sessions SET ended_at = $2 WHERE id = $1', [
      person.sessionId,
      world.clock.now(),
    ])
    const rest = async () => {
      let length = 0
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return length
        length += value.length
      }
    }
    await expect(rest()).rejects.toThrow('terminated')
  })

  test('refuses what is no filter, and records nothing then', async () => {
    const person = await auditor()
    const wrong = [
      {},
      { format: 'xml' },
      { format: 'csv', filters: {} },
      { format: 'csv', filter: { actions: ['no.such'] } },
      { format: 'csv', filter: { severity: 'INFO' } },
      { format: 'csv', filter: { severities: ['info'] } },
      { format: 'csv', filter: { since: 'yesterday' } },
      { format: 'csv', filter: { address: 'nowhere' } },
    ]
    for (const body of wrong)
      expect([body, await codeOf(await fetchExport(person, body))]).toEqual([body, [400, 'BAD_USER_INPUT']])
    expect(await eventsOf(person.id)).toEqual([])
  })

  test('R80 R85 is on the trail with its filter, and in the access log of whom it tells of', async () => {
    const [person, subject] = [await auditor(), await concerned(1)]
    await (await fetchExport(person, { format: 'csv', filter: { subjectId: subject.globalId } })).text()
    expect(await eventsOf(person.id)).toEqual([
      { details: { filter: { subjectId: subject.globalId }, format: 'csv' } },
    ])
    expect(
      await world.db.query('SELECT fields FROM access_records WHERE reader_id = $1 AND subject_id = $2', [
        person.id,
        subject.id,
      ]),
    ).toEqual([{ fields: ['AuditEvent.details'] }])
  })

  const eventsOf = (actorId: Id) =>
    world.db.query(`SELECT details FROM audit_events WHERE actor_id = $1 AND action = 'audit.exported'`, [
      actorId,
    ])
})
