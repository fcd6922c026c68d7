import { createLocalJWKSet, jwtVerify } from 'jose'
import { DAY, later, MINUTE } from '../../src/core/clock'
import { idOf, newId, type Id } from '../../src/core/id'
import { connected } from '../../src/db/connection'
import { personalTables } from '../../src/db/personal-tables'
import { replayLedger } from '../../src/modules/erasure/ledger'
import { Snapshot } from '../../src/modules/backup/snapshot'
import { exportFile } from '../../src/modules/data-export/export-file'
import { eraseDue, eraseRemainders } from '../../src/modules/erasure/erasure.task'
import { SIGN_IN, applicant, beginSignUp, codeSentTo, completeSignUp } from '../support/account'
import { canary } from '../support/canary'
import { columnsHolding } from '../support/database-bytes'
import { commentOn } from '../support/content'
import { conversationOf } from '../support/messages'
import { noteAbout } from '../support/administration'
import { dataExportOf, legalHoldOn } from '../support/privacy'
import { unzip } from '../support/unzip'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const ERASURE =
  'id requestedAt erasesAt cancelledAt delayedAt erasedAt certificate entries { table effect columns basis rows }'
const REQUEST = `mutation { requestErasure { erasure { ${ERASURE} } userErrors { code message } } }`
const CANCEL = `mutation { cancelErasure { erasure { ${ERASURE} } userErrors { code message } } }`
const PLAN = '{ viewer { erasurePlan { table effect columns basis rows } } }'

const request = async ({ api }: Pick<Person, 'api'>) => (await api.data(REQUEST)).requestErasure
const cancel = async ({ api }: Pick<Person, 'api'>) => (await api.data(CANCEL)).cancelErasure

interface Entry {
  table: string
  effect: string
  columns: string[]
  basis: string | null
  rows: number
}

/** Erases somebody now, as if their time had come. */
async function erase(person: Pick<Person, 'api' | 'id'>): Promise<void> {
  await request(person)
  await world.db.query(`UPDATE erasures SET erases_at = requested_at WHERE user_id = $1`, [person.id])
  await world.do(eraseDue, {})
}

const erasureOf = async (person: Pick<Person, 'globalId'>) => {
  const staff = await world.person({ permissions: ['privacy:manage'] })
  return (await staff.api.data(`{ user(id: "${person.globalId}") { erasure { ${ERASURE} } } }`)).user.erasure
}

const mailsTo = (email: string) => world.portico.mailbox!.read(email)

describe('the plan', () => {
  test('says table by table what goes, what stays and on which basis, and how many rows', async () => {
    const person = await world.person({ password: 'harbour lantern at dusk' })
    await world.post({ author: person })
    await world.post({ author: person })
    const plan = (await person.api.data(PLAN)).viewer.erasurePlan as Entry[]
    const of = (table: string) => plan.filter((entry) => entry.table === table)
    expect(of('posts')).toEqual([
      {
        table: 'posts',
        effect: 'DELETED',
        columns: expect.arrayContaining(['title', 'body']),
        basis: null,
        rows: 2,
      },
    ])
    expect(of('passwords')).toEqual([expect.objectContaining({ effect: 'DELETED', rows: 1 })])
    expect(
      of('users')
        .map(({ effect }) => effect)
        .sort(),
    ).toEqual(['CLEARED', 'KEPT', 'KEPT', 'PSEUDONYMISED', 'SHREDDED'])
    const kept = plan.filter(({ effect }) => effect === 'KEPT')
    expect(kept.map(({ table }) => table)).toEqual(expect.arrayContaining(['audit_events', 'users']))
    for (const { basis } of kept) expect(basis!.length).toBeGreaterThan(10)
    for (const { rows } of plan) expect(rows).toBeGreaterThan(0)
  })

  test('changes nothing, and is what is done', async () => {
    const person = await world.person()
    await world.post({ author: person })
    const { viewer } = await person.api.data(PLAN)
    expect((await person.api.data(PLAN)).viewer).toEqual(viewer)
    await erase(person)
    const { entries } = await erasureOf(person)
    const without = (plan: Entry[]) =>
      plan.filter(
        ({ table }) => !['audit_events', 'deliveries', 'erasures', 'privacy_requests'].includes(table),
      )
    expect(without(entries as Entry[])).toEqual(without(viewer.erasurePlan as Entry[]))
  })

  test('every column that stays says on what basis, and no other does', () => {
    for (const { name, personal } of personalTables()) {
      for (const column of personal) {
        expect([`${name}.${column.name}`, column.basis !== undefined]).toEqual([
          `${name}.${column.name}`,
          column.onErase === 'keep',
        ])
      }
    }
  })
})

describe('whoever wants to be erased', () => {
  test('has thirty days to take it back, and is told so by mail', async () => {
    const person = await world.person()
    const { erasure } = await request(person)
    expect(new Date(erasure.erasesAt).getTime() - new Date(erasure.requestedAt).getTime()).toBe(30 * DAY)
    expect((await request(person)).erasure).toEqual(erasure)
    expect(mailsTo(person.email)).toHaveLength(1)
    expect(mailsTo(person.email)[0]!.text).toContain('It was not me')
    const cancelled = (await cancel(person)).erasure
    expect(cancelled).toMatchObject({ id: erasure.id, cancelledAt: expect.any(String), erasedAt: null })
    expect((await cancel(person)).userErrors).toEqual([
      { code: 'NOT_FOUND', message: 'You have not asked for your account to be erased.' },
    ])
    await world.db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [person.id])
    await world.do(eraseDue, {})
    expect((await person.api.data('{ viewer { username } }')).viewer.username).toBe(person.username)
  })

  test('is not erased a moment before', async () => {
    const person = await world.person()
    await request(person)
    await world.db.query(`UPDATE erasures SET erases_at = $2 WHERE user_id = $1`, [
      person.id,
      later(world.clock.now(), MINUTE),
    ])
    await world.do(eraseDue, {})
    expect((await person.api.data('{ viewer { username } }')).viewer.username).toBe(person.username)
  })

  test('proves who they are', async () => {
    const person = await world.person()
    world.clock.advance(11 * MINUTE)
    expect((await person.api.send(REQUEST)).errors![0]!.extensions.code).toBe('REAUTHENTICATION_REQUIRED')
  })

  test('can say that it was not them, which takes it back', async () => {
    const person = await world.person()
    await request(person)
    const token = /#token=([^\s)]+)/.exec(mailsTo(person.email)[0]!.text)![1]!
    await world.anonymous.data(
      `mutation { disownSecurityEvent(input: { token: "${token}" }) { userErrors { code } } }`,
    )
    expect(await erasureOf(person)).toMatchObject({ cancelledAt: expect.any(String) })
  })
})

describe('R93 erasure', () => {
  test('leaves no word of the person in any table, nor in the log', async () => {
    const person = await canary(world)
    const before = await Promise.all([...person.words.values()].map((word) => columnsHolding(world.db, word)))
    expect(before.flat().length).toBeGreaterThan(8)
    const session = await world.asViewer(person)
    expect(session.caller.viewer.kind).toBe('signed-in')
    await erase(person)
    for (const [name, word] of person.words) {
      expect([name, await columnsHolding(world.db, word)]).toEqual([name, []])
    }
    const said = world.logLines.filter((line) =>
      [...person.words.values()].some((word) => line.includes(word)),
    )
    expect(said).toEqual([])
  })

  test('leaves no word of theirs in a copy that anybody gets afterwards', async () => {
    const [person, other] = [await canary(world), await world.person()]
    const said = unique('said')
    await commentOn(world, await world.post({ author: other }), person, { body: `${said} in a thread` })
    await conversationOf(person, [other], { title: `${said} in a title`, body: `${said} in a message` })
    const words = [...person.words.values(), said]
    const copyFor = async (id: Id) =>
      world.db.transaction(async (tx) => {
        const bytes: Buffer[] = []
        for await (const part of await exportFile(tx, id)) bytes.push(part)
        return Object.values(await unzip(Buffer.concat(bytes))).join('\n')
      })
    expect(words.length).toBeGreaterThan(20)
    expect(await copyFor(person.id)).toContain(said)
    await erase(person)
    const [theirs, others] = [await copyFor(person.id), await copyFor(other.id)]
    expect(words.filter((word) => theirs.includes(word))).toEqual([])
    expect(words.filter((word) => others.includes(word))).toEqual([])
    expect(others).toContain(other.username)
  })

  test('leaves a pseudonym, with which nobody signs in and nothing can be done', async () => {
    const person = await world.person({ password: 'harbour lantern at dusk' })
    await erase(person)
    const { user } = await world.anonymous.data(
      `{ user(id: "${person.globalId}") { username displayName bio posts { totalCount } } }`,
    )
    expect(user).toEqual({
      username: expect.stringMatching(/^erased_[0-9a-f]{16}$/),
      displayName: expect.stringMatching(/^erased_/),
      bio: null,
      posts: { totalCount: 0 },
    })
    expect((await person.api.data('{ viewer { id } }')).viewer).toBeNull()
    for (const login of [person.username, person.email]) {
      const { signIn } = await world.anonymous.data(SIGN_IN, {
        input: { login, password: 'harbour lantern at dusk' },
      })
      expect(signIn.token).toBeNull()
    }
    const staff = await world.person({ role: 'admin' })
    const { users } = await staff.api.data(`{ users(filter: { search: "${user.username}" }) { totalCount } }`)
    expect(users.totalCount).toBe(0)
    const reinstate = await staff.api.data(
      `mutation { reinstateUser(input: { userId: "${person.globalId}" }) { userErrors { code } } suspendUser(input: { userId: "${person.globalId}", reason: "x" }) { userErrors { code } } }`,
    )
    expect(reinstate.suspendUser.userErrors).toEqual([{ code: 'NOT_FOUND' }])
    expect((await staff.api.data(`{ user(id: "${person.globalId}") { status } }`)).user.status).toBe('ERASED')
  })

  test('keeps the trail, by ids that name nobody', async () => {
    const person = await world.person()
    const events =
      'SELECT id, action, actor_id, subject_id FROM audit_events WHERE actor_id = $1 OR subject_id = $1 ORDER BY id'
    await person.api.data('mutation { updateProfile(input: { bio: "x" }) { userErrors { code } } }')
    const before = await world.db.query(events, [person.id])
    expect(before.length).toBeGreaterThan(0)
    await erase(person)
    const after = await world.db.query<{ action: string }>(events, [person.id])
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.map(({ action }) => action)).toContain('account.erased')
    const staff = await world.person({ permissions: ['audit:read'] })
    const { auditEvents } = await staff.api.data(
      `{ auditEvents(filter: { personId: "${person.globalId}", actions: ["profile.updated"] }) { edges { node { action address actor { username } } } } }`,
    )
    expect(auditEvents.edges[0].node).toEqual({
      action: 'profile.updated',
      address: null,
      actor: { username: expect.stringMatching(/^erased_/) },
    })
  })

  test('lets the address and the name be used again', async () => {
    const person = await world.person()
    await erase(person)
    const again = applicant({ email: person.email, username: person.username })
    const challengeId = await beginSignUp(world, again)
    const { data } = await completeSignUp(world.anonymous, challengeId, codeSentTo(world, person.email))
    expect(data.completeSignUp.user.username).toBe(person.username)
    expect(data.completeSignUp.user.id).not.toBe(person.globalId)
  })

  test('ends what is open at once', async () => {
    const person = await world.person()
    const first = await person.api.data('{ viewer { id } }')
    expect(first.viewer.id).toBe(person.globalId)
    await erase(person)
    expect((await person.api.data('{ viewer { id } }')).viewer).toBeNull()
  })

  test('is certified, so that anybody can verify it, and the person has it in their last mail', async () => {
    const person = await world.person()
    await world.post({ author: person })
    await erase(person)
    const { certificate, entries, erasedAt } = await erasureOf(person)
    const keys = createLocalJWKSet(
      (await (await fetch(`${world.portico.url}/.well-known/jwks.json`)).json()) as Parameters<
        typeof createLocalJWKSet
      >[0],
    )
    const { payload } = await jwtVerify(certificate as string, keys, {
      issuer: world.portico.config.publicUrl,
      subject: person.globalId,
      typ: 'erasure-certificate+jwt',
      currentDate: world.clock.now(),
    })
    expect(payload).toMatchObject({
      entries: (entries as Entry[]).map((entry) => ({ ...entry, effect: entry.effect.toLowerCase() })),
      erasedAt,
      ledgerNumber: expect.any(Number),
      checkedAt: expect.any(String),
    })
    const [last] = mailsTo(person.email)
    expect(last!.subject).toBe('Your account has been erased')
    expect(last!.text).toContain(certificate)
    for (const word of [person.username, person.email]) expect(JSON.stringify(payload)).not.toContain(word)
  })

  test('that was cut off goes on where it stood', async () => {
    const person = await world.person()
    await erase(person)
    const { certificate } = await erasureOf(person)
    await world.db.query('UPDATE erasures SET certificate = NULL WHERE user_id = $1', [person.id])
    await world.do(eraseDue, {})
    const again = await erasureOf(person)
    expect(again.certificate).not.toBeNull()
    expect(again.certificate).not.toBe(certificate)
    expect(await world.db.query('SELECT FROM erasure_ledger WHERE user_id = $1', [person.id])).toHaveLength(1)
  })

  test('looks again for what was written meanwhile, and erases that too', async () => {
    const person = await world.person()
    await erase(person)
    await world.db.query(
      `INSERT INTO preferences (user_id, key, value, updated_at) VALUES ($1, 'theme', '"late"', now())`,
      [person.id],
    )
    await world.db.query(`UPDATE users SET bio = 'late' WHERE id = $1`, [person.id])
    await world.do(eraseRemainders, {})
    expect(await world.db.query('SELECT FROM preferences WHERE user_id = $1', [person.id])).toEqual([])
    expect(await world.db.query('SELECT bio FROM users WHERE id = $1', [person.id])).toEqual([{ bio: null }])
    const [event] = await world.db.query<{ details: object }>(
      `SELECT details FROM audit_events WHERE action = 'erasure.remains-erased' AND subject_id = $1`,
      [person.id],
    )
    expect(event!.details).toEqual({ tables: ['preferences', 'users'] })
  })

  test('of the last admin waits until there is another one, and keeps nobody else', async () => {
    const person = await world.person()
    await request(person)
    const admin = await world.person({ role: 'admin' })
    await world.db.query(
      `DELETE FROM role_grants USING roles WHERE roles.id = role_id AND roles.name = 'admin' AND user_id <> $1`,
      [admin.id],
    )
    expect((await request(admin)).userErrors).toEqual([expect.objectContaining({ code: 'LAST_ADMIN' })])
    await world.db.query(
      `INSERT INTO erasures (id, user_id, requested_at, erases_at) VALUES ($1, $2, now(), $3)`,
      [newId(), admin.id, world.clock.now()],
    )
    await world.db.query('UPDATE erasures SET erases_at = $2 WHERE user_id = $1', [
      person.id,
      world.clock.now(),
    ])
    await world.do(eraseDue, {})
    expect((await person.api.data('{ viewer { id } }')).viewer).toBeNull()
    expect((await admin.api.data('{ viewer { id } }')).viewer.id).toBe(admin.globalId)
    expect(await erasureOf(admin)).toMatchObject({ erasedAt: null, delayedAt: expect.any(String) })
    await world.db.query('DELETE FROM erasures WHERE user_id = $1', [admin.id])
  })
})

describe('somebody whose data the law wants kept', () => {
  test('is not erased but told so, once, shown to nobody meanwhile, and erased when the hold is over', async () => {
    const person = await world.person()
    const holdId = await legalHoldOn(world, person)
    const plan = JSON.stringify(await person.api.data(PLAN))
    expect(plan).not.toContain('legal_holds')
    await erase(person)
    const subjects = () => mailsTo(person.email).map(({ subject }) => subject)
    expect(subjects()[0]).toBe('Your account cannot be erased yet')
    expect(await erasureOf(person)).toMatchObject({ erasedAt: null, delayedAt: expect.any(String) })
    expect((await person.api.data('{ viewer { username } }')).viewer.username).toBe(person.username)
    expect((await world.anonymous.data(`{ user(id: "${person.globalId}") { username } }`)).user).toBeNull()

    const due = 'UPDATE erasures SET erases_at = requested_at WHERE user_id = $1'
    await world.db.query(due, [person.id])
    await world.do(eraseDue, {})
    expect(subjects().filter((subject) => subject === 'Your account cannot be erased yet')).toHaveLength(1)

    await world.db.query('UPDATE legal_holds SET released_at = now() WHERE id = $1', [
      idOf('legal_hold', holdId),
    ])
    await world.db.query(due, [person.id])
    await world.do(eraseDue, {})
    expect(await erasureOf(person)).toMatchObject({ erasedAt: expect.any(String) })
    expect(subjects()[0]).toBe('Your account has been erased')
  })

  test('learns from no answer that there is a hold, or a note', async () => {
    const person = await world.person()
    await legalHoldOn(world, person)
    await noteAbout(world, person)
    const all = JSON.stringify(await person.api.data(PLAN))
    for (const table of ['legal_holds', 'staff_notes']) expect(all).not.toContain(table)
  })
})

describe('the request', () => {
  const requestIdOf = async ({ api }: Pick<Person, 'api'>, kind: string): Promise<string> => {
    const { viewer } = await api.data('{ viewer { privacyRequests { edges { node { id kind } } } } }')
    const edges = viewer.privacyRequests.edges as { node: { id: string; kind: string } }[]
    return edges.find(({ node }) => node.kind === kind)!.node.id
  }

  test.each(['requestErasure { erasure { id } }', 'requestDataExport { dataExport { id } }'])(
    'of %s is answered by Portico itself: nobody takes it back, resolves or refuses it beside',
    async (mutation) => {
      const person = await world.person()
      await person.api.data(`mutation { ${mutation} }`)
      const id = await requestIdOf(person, mutation.startsWith('requestErasure') ? 'ERASURE' : 'EXPORT')
      const staff = await world.person({ permissions: ['privacy:manage'] })
      const tries: [Person, string][] = [
        [person, `withdrawPrivacyRequest(input: { privacyRequestId: "${id}" }) { userErrors { code } }`],
        [staff, `resolvePrivacyRequest(input: { privacyRequestId: "${id}" }) { userErrors { code } }`],
        [
          staff,
          `refusePrivacyRequest(input: { privacyRequestId: "${id}", reason: "No." }) { userErrors { code } }`,
        ],
      ]
      for (const [{ api }, attempt] of tries) {
        const data = await api.data(`mutation { ${attempt} }`)
        expect(data[attempt.split('(')[0]!].userErrors).toEqual([{ code: 'NOT_PERMITTED' }])
      }
    },
  )

  test('that is over by other means keeps nobody from cancelling, disowning or being erased', async () => {
    const [cancelling, erased] = [await world.person(), await world.person()]
    for (const person of [cancelling, erased]) {
      await request(person)
      await world.db.query(
        `UPDATE privacy_requests SET status = 'withdrawn', done_at = now() WHERE user_id = $1`,
        [person.id],
      )
    }
    expect((await cancel(cancelling)).userErrors).toEqual([])
    await erase(erased)
    expect(await erasureOf(erased)).toMatchObject({ erasedAt: expect.any(String) })
  })

  test('of a copy and of erasure stand in the queue, with when they were received, due and done (R95)', async () => {
    const person = await world.person()
    await dataExportOf(world, person)
    await request(person)
    await cancel(person)
    await erase(person)
    const staff = await world.person({ permissions: ['privacy:manage'] })
    const { user } = await staff.api.data(
      `{ user(id: "${person.globalId}") { privacyRequests { edges { node { kind status receivedAt dueAt doneAt } } } } }`,
    )
    const requests = user.privacyRequests.edges.map(({ node }: { node: object }) => node)
    const times = { receivedAt: expect.any(String), dueAt: expect.any(String), doneAt: expect.any(String) }
    expect(requests).toHaveLength(3)
    expect(requests).toEqual(
      expect.arrayContaining([
        { kind: 'EXPORT', status: 'DONE', ...times },
        { kind: 'ERASURE', status: 'WITHDRAWN', ...times },
        { kind: 'ERASURE', status: 'DONE', ...times },
      ]),
    )
  })
})

describe('an erasure beside other things', () => {
  test('does not wait for a backup that is being made', async () => {
    const person = await world.person()
    await connected(world.portico.config.databaseUrl!, async (client) => {
      await Snapshot.take(client, '1.2.3')
      await erase(person)
    })
    expect(await erasureOf(person)).toMatchObject({ erasedAt: expect.any(String) })
  })

  test('that was asked for before the backup which was restored is concluded by the ledger', async () => {
    const person = await world.person()
    await request(person)
    await world.db.query(`UPDATE erasures SET erases_at = requested_at WHERE user_id = $1`, [person.id])
    const line = { number: 1, userId: person.id, erasedAt: world.clock.now(), previous: null }
    await world.db.transaction((tx) => replayLedger(tx, tx.tools.keyring, [line]))
    await world.do(eraseDue, {})
    expect(await erasureOf(person)).toMatchObject({
      erasedAt: line.erasedAt.toISOString(),
      certificate: expect.any(String),
    })
    const requests = await world.db.query('SELECT status FROM privacy_requests WHERE user_id = $1', [
      person.id,
    ])
    expect(requests).toEqual([{ status: 'done' }])
  })

  test('is made up for where the ledger lacks its end: whose key was destroyed is erased', async () => {
    const person = await world.person()
    await world.db.transaction((tx) => tx.codec.destroyKey(person.id))
    const replay = () => world.db.transaction((tx) => replayLedger(tx, tx.tools.keyring, []))
    expect(await replay()).toBe(1)
    expect(await replay()).toBe(0)
    const [user] = await world.db.query('SELECT status FROM users WHERE id = $1', [person.id])
    expect(user).toEqual({ status: 'erased' })
  })

  test('taken back after it was delayed leaves the person as they were', async () => {
    const person = await world.person()
    await legalHoldOn(world, person)
    await erase(person)
    const restricted = async () =>
      (
        await world.db.query<{ at: Date | null }>('SELECT restricted_at AS at FROM users WHERE id = $1', [
          person.id,
        ])
      )[0]!.at
    expect(await restricted()).not.toBeNull()
    await cancel(person)
    expect(await restricted()).toBeNull()
  })

  test('taken back after it was delayed leaves a restriction that the person wanted', async () => {
    const person = await world.person()
    await legalHoldOn(world, person)
    const wanted = new Date(world.clock.now().getTime() - 60_000)
    await world.db.query('UPDATE users SET restricted_at = $2 WHERE id = $1', [person.id, wanted])
    await erase(person)
    await cancel(person)
    expect(await world.db.query('SELECT restricted_at FROM users WHERE id = $1', [person.id])).toEqual([
      { restricted_at: wanted },
    ])
  })

  test('counts each row once', async () => {
    const person = await world.person()
    const plan = (await person.api.data(PLAN)).viewer.erasurePlan as Entry[]
    await erase(person)
    const [event] = await world.db.query<{ details: { rows: number } }>(
      `SELECT details FROM audit_events WHERE action = 'account.erased' AND subject_id = $1`,
      [person.id],
    )
    const tables = new Map(plan.map(({ table, rows }) => [table, rows]))
    const before = [...tables.values()].reduce((sum, rows) => sum + rows, 0)
    // What asking for it has written since: the erasure, its request, and their events.
    expect(event!.details.rows - before).toBeGreaterThanOrEqual(2)
    expect(event!.details.rows - before).toBeLessThan(12)
  })
})

describe('the ledger', () => {
  test('has a signed line for each person, which names their id alone, and cannot be changed', async () => {
    const person = await world.person()
    await erase(person)
    const lines = await world.db.query<{ number: number; line: string }>(
      'SELECT number, line FROM erasure_ledger ORDER BY number',
    )
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1))
    const { line } = lines.at(-1)!
    const payload = JSON.parse(Buffer.from(line.split('.')[1]!, 'base64url').toString('utf8')) as object
    expect(payload).toEqual({
      number: lines.length,
      userId: person.id,
      erasedAt: expect.any(String),
      previous: lines.length === 1 ? null : expect.any(String),
    })
    for (const word of [person.username, person.email]) expect(line).not.toContain(word)
    for (const sql of ['DELETE FROM erasure_ledger', `UPDATE erasure_ledger SET line = ''`])
      await expect(world.db.query(sql)).rejects.toThrow('permission denied')
  })
})
