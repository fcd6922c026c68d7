import type { GraphQLObjectType } from 'graphql'
import { newId, toGlobalId } from '../../src/core/id'
import { declareSchema } from '../../src/graphql/schema'
import { AUDIT_ACTIONS, partsOf } from '../../src/modules/audit/audit-event'
import { AuditService } from '../../src/modules/audit/audit.service'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { columnsHolding } from '../support/database-bytes'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const PASSWORD = 'harbour lantern at dusk'

describe('reading the trail', () => {
  const LIST = `query ($filter: AuditEventFilter) { auditEvents(filter: $filter, first: 100) {
    totalCount edges { node { id action outcome occurredAt target actor { id } subject { id } } }
  } }`
  const OWN = `query ($filter: AuditEventFilter) { viewer { auditEvents(filter: $filter, first: 100) {
    totalCount edges { node { action actor { id } subject { id } } }
  } } }`

  interface Node {
    id: string
    action: string
    outcome: string
    occurredAt: string
    actor: { id: string } | null
    subject: { id: string } | null
  }
  const nodesOf = (list: { edges: { node: Node }[] }) => list.edges.map(({ node }) => node)

  /** A manager ended one session of a person, who has done something and failed at something else. */
  let admin: Person
  let manager: Person
  let person: Person
  beforeAll(async () => {
    admin = await world.person({ role: 'admin' })
    manager = await world.person({ role: 'manager' })
    person = await world.person({ password: PASSWORD })
    const { signIn } = await world.anonymous.data(SIGN_IN, {
      input: { login: person.username, password: PASSWORD },
    })
    await manager.api.data(
      'mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { userErrors { code } } }',
      { id: signIn.session.id },
    )
    await person.api.data('mutation { updateProfile(input: { bio: "New." }) { userErrors { code } } }')
    await person.api.data(
      'mutation { reauthenticate(input: { password: "not this one, I fear" }) { userErrors { code } } }',
    )
  })

  const search = async (filter: Record<string, unknown>): Promise<Node[]> => {
    const { auditEvents } = await admin.api.data(LIST, { filter })
    expect(auditEvents.totalCount).toBe(auditEvents.edges.length)
    return nodesOf(auditEvents)
  }
  // What these very tests were refused, or read, is of no interest to them.
  const actionsOf = (nodes: Node[]) =>
    nodes.map(({ action }) => action).filter((action) => !['access.refused', 'audit.read'].includes(action))

  // The order is that of the moments; what was recorded at the same one may stand in either.
  const HISTORY = [
    'profile.updated',
    'role.granted',
    'session.ended',
    'session.reauthentication-failed',
    'session.started',
    'session.started',
  ]

  test('R55 people see what they did and what concerns them, and nothing else', async () => {
    const { viewer } = await person.api.data(OWN)
    expect(actionsOf(nodesOf(viewer.auditEvents)).sort()).toEqual(HISTORY)
    expect(viewer.auditEvents.totalCount).toBe(viewer.auditEvents.edges.length)
    for (const { actor, subject } of nodesOf(viewer.auditEvents))
      expect([actor?.id, subject?.id]).toContain(person.globalId)
  })

  test('R57 no filter widens what they see, nor counts what they do not', async () => {
    const stranger = await world.person()
    for (const filter of [
      { actorId: stranger.globalId },
      { subjectId: stranger.globalId },
      { actorId: admin.globalId },
    ]) {
      expect((await person.api.data(OWN, { filter })).viewer.auditEvents).toEqual({
        totalCount: 0,
        edges: [],
      })
    }
    const { viewer } = await person.api.data(OWN, { filter: { personId: stranger.globalId } })
    expect(actionsOf(nodesOf(viewer.auditEvents)).sort()).toEqual(HISTORY)
    const byManager = (await person.api.data(OWN, { filter: { actorId: manager.globalId } })).viewer
      .auditEvents
    expect(actionsOf(nodesOf(byManager))).toEqual(['session.ended'])
  })

  test('the whole trail, and that of others, is for holders of audit:read', async () => {
    for (const { api } of [person, manager]) {
      expect(await api.errorCode(LIST)).toBe('FORBIDDEN')
      expect(
        await api.errorCode('query ($id: ID!) { user(id: $id) { auditEvents { totalCount } } }', {
          id: admin.globalId,
        }),
      ).toBe('FORBIDDEN')
    }
    expect(await world.anonymous.errorCode(LIST)).toBe('UNAUTHENTICATED')
    const { user } = await admin.api.data(
      'query ($id: ID!) { user(id: $id) { auditEvents { edges { node { action } } } } }',
      { id: person.globalId },
    )
    expect(actionsOf(nodesOf(user.auditEvents)).sort()).toEqual(HISTORY)
  })

  test('an address is shown to who acted and to holders of audit:read, not to whom it concerns', async () => {
    const query = `{ viewer { auditEvents(filter: { actions: ["session.ended", "profile.updated"] }) { edges { node { action address } } } } }`
    const { data, errors } = await person.api.send(query)
    const addresses = Object.fromEntries(
      data.viewer.auditEvents.edges.map(({ node }: { node: { action: string; address: string | null } }) => [
        node.action,
        node.address,
      ]),
    )
    expect(addresses).toEqual({
      'session.ended': null,
      'profile.updated': expect.stringMatching(/127\.0\.0\.1|::1/),
    })
    expect(errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' }, path: expect.arrayContaining(['address']) },
    ])
  })

  test('R85 filters by person, actor, subject, action, outcome and time, which add up', async () => {
    const [mine, by, about] = [
      { personId: person.globalId },
      { actorId: manager.globalId },
      { subjectId: person.globalId },
    ]
    expect(actionsOf(await search(mine)).sort()).toEqual(HISTORY)
    expect(actionsOf(await search({ ...by, ...about }))).toEqual(['session.ended'])
    expect(actionsOf(await search({ actorId: person.globalId })).sort()).toEqual([
      'profile.updated',
      'session.reauthentication-failed',
      'session.started',
      'session.started',
    ])
    expect(actionsOf(await search(about)).sort()).toEqual(HISTORY)
    expect(
      actionsOf(await search({ ...mine, actions: ['profile.updated', 'session.ended'] })).sort(),
    ).toEqual(['profile.updated', 'session.ended'])
    expect(await search({ ...mine, actions: [] })).toEqual([])
    expect(actionsOf(await search({ ...mine, outcome: 'FAILURE' }))).toEqual([
      'session.reauthentication-failed',
    ])
    for (const { action } of await search({ ...mine, outcome: 'REFUSED' }))
      expect(action).toBe('access.refused')

    const all = await search(mine)
    const pivot = all.find(({ action }) => action === 'profile.updated')!.occurredAt
    const since = await search({ ...mine, since: pivot })
    const until = await search({ ...mine, until: pivot })
    expect(since.map(({ occurredAt }) => occurredAt >= pivot)).not.toContain(false)
    expect(until.map(({ occurredAt }) => occurredAt < pivot)).not.toContain(false)
    expect([...since, ...until]).toEqual(all)
    expect(actionsOf(since)).toContain('profile.updated')
    expect(await search({ ...mine, since: pivot, until: pivot })).toEqual([])
  })

  test('the newest event comes first', async () => {
    const moments = (await search({ personId: person.globalId })).map(({ occurredAt }) => occurredAt)
    expect(moments).toEqual([...moments].sort().reverse())
  })

  test('an action that Portico does not record is refused, and told where they are listed', async () => {
    for (const actions of [
      ['post.exploded'],
      ['post.created', 'postxcreated'],
      [''],
      ["x'; DROP TABLE audit_events --"],
    ]) {
      const { errors } = await admin.api.send(LIST, { filter: { actions } })
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
    const { errors } = await admin.api.send(LIST, { filter: { actions: ['post.exploded'] } })
    expect(errors![0]!.message).toContain('`AuditEvent.action`')
    const type = declareSchema().getType('AuditEvent') as GraphQLObjectType
    const { description } = type.getFields().action!
    for (const action of Object.keys(AUDIT_ACTIONS)) expect(description).toContain(action)
    expect(
      (await admin.api.send(LIST, { filter: { actions: Object.keys(AUDIT_ACTIONS) } })).errors,
    ).toBeUndefined()
  })

  test('an id that leads to nobody finds nothing, whatever it looks like', async () => {
    for (const id of ['nonsense', toGlobalId('post', person.id), toGlobalId('user', person.sessionId)]) {
      for (const key of ['personId', 'actorId', 'subjectId']) expect(await search({ [key]: id })).toEqual([])
    }
  })
})

describe('R82 the trail', () => {
  test('cannot be changed, emptied or unguarded by the role that requests run as', async () => {
    await world.person()
    const attempts = [
      `UPDATE audit_events SET action = 'post.created'`,
      `UPDATE audit_events SET id = id WHERE false`,
      'DELETE FROM audit_events WHERE false',
      'TRUNCATE audit_events',
      'INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (id, occurred_at) DO UPDATE SET details = excluded.details',
      'SELECT * FROM audit_events FOR UPDATE',
      'ALTER TABLE audit_events DISABLE TRIGGER ALL',
      'ALTER TABLE audit_events OWNER TO current_user',
      'DROP TABLE audit_events',
      `SET session_replication_role = 'replica'`,
    ]
    for (const sql of attempts) {
      const failure = await world.db.query(sql).then(
        () => null,
        (error: { driverError: { code: string } }) => error.driverError.code,
      )
      expect([sql, failure]).toEqual([sql, '42501'])
    }
    expect(await world.db.query('SELECT FROM audit_events LIMIT 1')).toHaveLength(1)
  })

  test('holds no name, address or text of anybody', async () => {
    const person = await world.person({ password: PASSWORD })
    const text = unique('secret text ')
    await person.api.data(
      'mutation ($text: String!) { updateProfile(input: { bio: $text, displayName: $text }) { userErrors { code } } }',
      { text },
    )
    await person.api.data(
      'mutation ($text: String!) { createPost(input: { title: $text, body: $text, tags: [] }) { userErrors { code } } }',
      { text },
    )
    await world.anonymous.send(
      'mutation ($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }',
      {
        input: { login: person.email, password: text },
      },
    )
    for (const canary of [text, person.username, person.email, PASSWORD, '127.0.0.1']) {
      const columns = await columnsHolding(world.db, canary)
      expect(columns.filter((column) => column.startsWith('audit_events.'))).toEqual([])
    }
  })
})

describe('what was said of a person', () => {
  const OWN =
    '{ viewer { auditEvents(filter: { actions: ["account.suspended"] }) { edges { node { details } } } } }'
  const ABOUT = `query ($filter: AuditEventFilter) { auditEvents(filter: $filter) { edges { node { details } } } }`

  /** Somebody who was suspended with these words and reinstated, and by whom. */
  async function suspended(reason: string) {
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    await admin.api.data(
      'mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { userErrors { code } } }',
      { input: { userId: person.globalId, reason } },
    )
    await world.reinstate(person)
    const { token } = await world.db.transaction((tx) =>
      new SessionService(tx).start(person.id, Transport.BEARER, 'Again'),
    )
    return { admin, person, again: new ApiClient(world.url, token) }
  }

  const detailsShown = async (api: ApiClient, subject: Person) => [
    (await api.data(ABOUT, { filter: { subjectId: subject.globalId, actions: ['account.suspended'] } }))
      .auditEvents.edges[0].node.details,
  ]
  const own = async (api: ApiClient) =>
    (await api.data(OWN)).viewer.auditEvents.edges.map(
      ({ node }: { node: { details: object } }) => node.details,
    )

  test('is read by them and by holders of audit:read, and stands nowhere in clear', async () => {
    const reason = unique('Sent spam to ')
    const { admin, person, again } = await suspended(reason)
    expect(await own(again)).toEqual([{ reason, until: null }])
    expect(await detailsShown(admin.api, person)).toEqual([{ reason, until: null }])
    const auditor = await world.person({ permissions: ['audit:read'] })
    expect(await detailsShown(auditor.api, person)).toEqual([{ reason, until: null }])
    expect(await columnsHolding(world.db, reason)).toEqual([])
  })

  test('is under their key and not under that of who said it: destroyed, it is left out, and no row was touched', async () => {
    const reason = unique('Sent spam to ')
    const { admin, person } = await suspended(reason)
    const rows = () =>
      world.db.query('SELECT * FROM audit_events WHERE subject_id = $1 ORDER BY id', [person.id])
    const before = await rows()
    await world.db.codec.destroyKey(admin.id)
    expect(await detailsShown(admin.api, person)).toEqual([{ reason, until: null }])
    await world.db.codec.destroyKey(person.id)
    expect(await detailsShown(admin.api, person)).toEqual([{ until: null }])
    expect(await rows()).toEqual(before)
  })

  test('of a page of events is decrypted with one look-up of keys', async () => {
    const { admin, person } = await suspended('Once.')
    await suspended('Twice.')
    const audit = new AuditService(await world.asViewer(admin))
    const { rows } = await audit.list({ actions: ['account.suspended'] }, { first: 20 })
    expect(rows.length).toBeGreaterThan(1)
    const details = await world.expectQueries(1, () => audit.details(rows))
    expect(details).toContainEqual(expect.objectContaining({ reason: 'Once.' }))
    expect(rows.map(({ subjectId }) => subjectId)).toContain(person.id)
  })

  test('is readable in events from before it was encrypted', async () => {
    const person = await world.person()
    await world.db.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, subject_id, owner_id, is_security_event, details)
       VALUES ($1, now(), 'account.suspended', 'success', $2, $2, true, '{"reason": "Spam", "until": null}')`,
      [newId(), person.id],
    )
    expect(await own(person.api)).toEqual([{ reason: 'Spam', until: null }])
  })

  test('is what nobody has classified, so that no detail is kept in clear by being forgotten', () => {
    const details = { reason: 'Spam', until: null, forgotten: 'Wrote to Ada', nothing: null }
    expect(partsOf('account.suspended', details)).toEqual({
      plain: { until: null, nothing: null },
      personal: { reason: 'Spam', forgotten: 'Wrote to Ada' },
    })
    expect(partsOf('post.created', { title: 'Of Ada' } as never)).toEqual({
      plain: {},
      personal: { title: 'Of Ada' },
    })
  })
})
