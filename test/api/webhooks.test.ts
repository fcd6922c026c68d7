import { readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { DAY, HOUR } from '../../src/core/clock'
import { idOf, toGlobalId } from '../../src/core/id'
import type { InSession } from '../../src/core/viewer'
import { AuditService } from '../../src/modules/audit/audit.service'
import { WebhookEndpointService } from '../../src/modules/webhook/webhook-endpoint.service'
import { forgetOldWebhooks } from '../../src/modules/webhook/webhook.task'
import { noteAbout } from '../support/administration'
import { columnsHolding, transactionOf } from '../support/database-bytes'
import { blockBy, writeTo } from '../support/messages'
import { reportOf } from '../support/moderation'
import { erased, legalHoldOn, restricted } from '../support/privacy'
import {
  endpointAt,
  RECEIVERS_ARE_LOCAL,
  sendDue,
  useReceivers,
  verified,
  type Received,
} from '../support/webhooks'
import { webhookVerifier } from '../../examples/verify-webhook'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld(RECEIVERS_ARE_LOCAL)
const receiver = useReceivers(world)

const typesOf = (secret: string, received: readonly Received[]) =>
  received.map((message) => verified(secret, message).type)

const endpointsOf = async (id: string) => {
  const [row] = await world.db.query<{ secret: Buffer; previous: Buffer | null }>(
    'SELECT signing_secret AS secret, previous_signing_secret AS previous FROM webhook_endpoints WHERE id = $1',
    [idOf('webhook_endpoint', id)],
  )
  return row
}

const change = (by: Person, field: string, input: object) => {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
  const shown = {
    deleteWebhookEndpoint: 'deletedWebhookEndpointId',
    rotateWebhookSecret: 'secret webhookEndpoint { previousSecretExpiresAt version }',
  }[field]
  return by.api.data(
    `mutation ($input: ${type}!) { ${field}(input: $input) {
      ${shown ?? 'webhookEndpoint { url description events isEnabled version }'} userErrors { code field message }
    } }`,
    { input },
  )
}

describe('what another system is told', () => {
  test('is signed, so that the package `standardwebhooks` verifies it, and nothing else', async () => {
    const there = await receiver()
    const { secret } = await endpointAt(world, there.url, { events: ['post.published'] })
    const post = await world.post()
    await sendDue(world)
    const [message, ...more] = there.received
    expect(more).toEqual([])
    const author = post.author.globalId
    expect(verified(secret, message!)).toEqual({
      type: 'post.published',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        id: message!.id,
        outcome: 'SUCCESS',
        actorId: author,
        impersonatorId: null,
        subjectId: author,
        target: post.globalId,
      },
    })
    expect(message!.headers).toMatchObject({ 'content-type': 'application/json' })
    expect(message!.headers['user-agent']).toMatch(/^Portico\/\d/)

    const changed = { ...message!, body: message!.body.replace('SUCCESS', 'FAILURE') }
    expect(() => verified(secret, changed)).toThrow('No matching signature')
    const renamed = { ...message!, headers: { ...message!.headers, 'webhook-id': 'event_other' } }
    expect(() => verified(secret, renamed)).toThrow('No matching signature')
    const late = String(Number(message!.headers['webhook-timestamp']) - 3_600)
    const old = { ...message!, headers: { ...message!.headers, 'webhook-timestamp': late } }
    expect(() => verified(secret, old)).toThrow('too old')
    const other = (await endpointAt(world, there.url, { events: ['post.published'] })).secret
    expect(() => verified(other, message!)).toThrow('No matching signature')
  })

  test('is verified by the lines of the README', async () => {
    const lines = readFileSync('examples/verify-webhook.ts', 'utf8')
    expect(readFileSync('README.md', 'utf8')).toContain(`\`\`\`ts\n${lines}\`\`\``)
    const there = await receiver()
    const { secret } = await endpointAt(world, there.url, { events: ['post.published'] })
    await world.post()
    await sendDue(world)
    const [{ body, headers, id }] = there.received as [Received]
    expect(webhookVerifier(secret)(body, headers)).toMatchObject({ type: 'post.published', data: { id } })
    expect(() => webhookVerifier(secret)(`${body} `, headers)).toThrow('No matching signature')
  })

  test('has a secret of 256 bits, another one each time', async () => {
    const secrets = await Promise.all(
      [1, 2].map(async () => (await endpointAt(world, 'https://example.com/')).secret),
    )
    expect(new Set(secrets).size).toBe(2)
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_/)
      expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
      expect(new Webhook(secret)).toBeDefined()
    }
  })

  test('is what was chosen: an action, all of one noun, or all', async () => {
    const [one, noun, all] = [await receiver(), await receiver(), await receiver()]
    await endpointAt(world, one.url, { events: ['post.published', 'group.created'] })
    await endpointAt(world, noun.url, { events: ['post.*'] })
    await endpointAt(world, all.url, { events: ['*'] })
    const post = await world.post()
    await sendDue(world)
    const of = (there: typeof one) =>
      there.received
        .map(({ body }) => JSON.parse(body) as { type: string; data: { target: string } })
        .filter(({ data }) => data.target === post.globalId)
        .map(({ type }) => type)
        .sort()
    expect(of(one)).toEqual(['post.published'])
    expect(of(noun)).toEqual(['post.created', 'post.published'])
    expect(of(all)).toEqual(['post.created', 'post.published'])
    expect(noun.received).toHaveLength(2)
    expect(all.received.length).toBeGreaterThan(2)
  })

  test('is each event by one id, whoever is told', async () => {
    const [one, other] = [await receiver(), await receiver()]
    await endpointAt(world, one.url, { events: ['post.published'] })
    await endpointAt(world, other.url, { events: ['post.published'] })
    await world.post()
    await sendDue(world)
    expect(one.received.map(({ id }) => id)).toEqual(other.received.map(({ id }) => id))
    expect(one.received[0]!.id).toMatch(/^event_/)
  })

  test('commits with the event that it tells of, and is never told of one that was taken back', async () => {
    const there = await receiver()
    await endpointAt(world, there.url, { events: ['group.created'] })
    const taken = toGlobalId('group', '00000000-0000-7000-8000-000000000001')
    const failing = world.db.transaction(async (tx) => {
      await new AuditService(tx).record('group.created', { target: taken, details: { name: 'Engine' } })
      throw new Error('Taken back.')
    })
    await expect(failing).rejects.toThrow('Taken back.')
    const eventId = await new AuditService(world.db).record('group.created', { details: { name: 'Engine' } })
    const [delivery] = await world.db.query<{ id: string }>(
      'SELECT id FROM webhook_deliveries WHERE event_id = $1',
      [eventId],
    )
    expect(await transactionOf(world.db, 'webhook_deliveries', delivery!.id)).toBe(
      await transactionOf(world.db, 'audit_events', eventId),
    )
    await sendDue(world)
    expect(there.received.map(({ id }) => id)).toEqual([toGlobalId('event', eventId)])
  })

  test('costs whoever records an event no statement, nor do many events at once', async () => {
    const happened = [{ details: { name: 'Engine' } }, { details: { name: 'Wheel' } }]
    const record = () => new AuditService(world.db).recordAll('group.created', happened)
    const before = await world.statements(record)
    const there = await receiver()
    await endpointAt(world, there.url, { events: ['group.created'] })
    expect(await world.statements(record)).toHaveLength(before.length)
    await sendDue(world)
    expect(there.received).toHaveLength(2)
  })

  test('names whoever acts as somebody else', async () => {
    const there = await receiver()
    await endpointAt(world, there.url, { events: ['profile.updated'] })
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const { caller } = await world.asViewer(person)
    const impersonator = { userId: admin.id, username: admin.username, permissions: new Set<never>() }
    const asPerson = world.db.as({ ...caller, viewer: { ...(caller.viewer as InSession), impersonator } })
    await new AuditService(asPerson).record('profile.updated', { details: { fields: ['bio'] } })
    await sendDue(world)
    expect(JSON.parse(there.received[0]!.body)).toMatchObject({
      data: { subjectId: person.globalId, actorId: person.globalId, impersonatorId: admin.globalId },
    })
  })
})

describe('people', () => {
  const all = async () => {
    const there = await receiver()
    await endpointAt(world, there.url)
    return there
  }
  const words = (received: readonly Received[]) =>
    received.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n')

  test('are told of by ids alone, whatever staff say of them', async () => {
    const there = await all()
    const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
    const reason = unique('because ')
    await admin.api.data(
      'mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { userErrors { code } } }',
      { input: { userId: person.globalId, reason } },
    )
    const post = await world.post()
    await sendDue(world)
    expect(there.of('account.suspended')).toHaveLength(1)
    expect(words(there.received)).toContain(person.globalId)
    for (const word of [reason, person.username, person.email, post.title, post.slug, '127.0.0.1":'])
      expect(words(there.received)).not.toContain(word)
  })

  test('whose private matters these are have them told nowhere, whatever was chosen', async () => {
    const there = await all()
    const [person, other] = [await world.person(), await world.person()]
    await writeTo(person, [other])
    await blockBy(person, other)
    await noteAbout(world, person)
    await legalHoldOn(world, person)
    await reportOf(world, (await world.post()).globalId, { by: person })
    await sendDue(world)
    const told = new Set(there.received.map(({ body }) => (JSON.parse(body) as { type: string }).type))
    const kept = [
      'user.blocked',
      'conversation.started',
      'staff-note.added',
      'legal-hold.placed',
      'content.reported',
    ]
    const recorded = await world.db.query<{ action: string }>(
      'SELECT DISTINCT action FROM audit_events WHERE action = ANY($1)',
      [kept],
    )
    expect(recorded).toHaveLength(kept.length)
    expect(kept.filter((action) => told.has(action))).toEqual([])
    expect(told.has('post.published')).toBe(true)
    expect(await waiting()).toBe(0)
  })

  test('whose data is kept and no more are told of no more, but that it is so, and erased', async () => {
    const there = await all()
    const person = await world.person()
    await sendDue(world)
    there.received.length = 0
    await person.api.data('mutation { restrictProcessing(input: {}) { userErrors { code } } }')
    await new AuditService(await world.asViewer(person)).record('profile.updated', {
      details: { fields: ['bio'] },
    })
    await new AuditService(world.db).record('account.erased', {
      subjectId: person.id,
      details: { ledgerNumber: 1, rows: 1 },
    })
    await sendDue(world)
    const types = there.received
      .map(({ body }) => JSON.parse(body) as { type: string; data: { subjectId: string } })
      .filter(({ data }) => data.subjectId === person.globalId)
      .map(({ type }) => type)
    expect(types.sort()).toEqual(['account.erased', 'processing.restricted'])
    expect(await waiting()).toBe(0)
  })

  test('who were restricted before something waiting was sent are left out of it, too', async () => {
    const there = await all()
    const person = await world.person()
    await restricted(world, person)
    await sendDue(world)
    expect(words(there.received)).not.toContain(person.globalId)
  })

  test('who are erased before something waiting was sent are ids that lead to nobody', async () => {
    const there = await all()
    const person = await world.person()
    await world.post({ author: person })
    await erased(world, person)
    await sendDue(world)
    expect(there.of('account.erased')).toHaveLength(1)
    expect(
      there
        .of('post.published')
        .map(({ body }) => body)
        .join(),
    ).toContain(person.globalId)
    for (const word of [person.username, person.email]) expect(words(there.received)).not.toContain(word)
  })

  const waiting = async () => {
    const [row] = await world.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM webhook_deliveries JOIN webhook_endpoints endpoint ON endpoint.id = endpoint_id AND is_enabled
       WHERE status = 'pending'`,
    )
    return row!.count
  }
})

describe('an endpoint', () => {
  test('is refused with what is wrong with it, and where', async () => {
    const admin = await world.person({ role: 'admin' })
    const create = async (input: object) =>
      (
        await change(admin, 'createWebhookEndpoint', {
          url: 'https://example.com/',
          description: '',
          events: ['*'],
          ...input,
        })
      ).createWebhookEndpoint
    const problems = async (input: object) => {
      const { webhookEndpoint, userErrors } = await create(input)
      expect(webhookEndpoint).toBeNull()
      return userErrors
    }
    expect(await problems({ url: 'http://example.com/' })).toEqual([
      { code: 'INVALID', field: ['url'], message: 'It has to begin with https://.' },
    ])
    expect(
      await problems({
        url: 'https://169.254.169.254/latest',
        events: ['post.teleported', 'user.*', 'message.edited'],
      }),
    ).toEqual([
      { code: 'INVALID', field: ['url'], message: expect.stringContaining('WEBHOOK_ALLOWED_HOSTS') },
      { code: 'INVALID', field: ['events', '0'], message: expect.stringContaining('no such event') },
      { code: 'INVALID', field: ['events', '1'], message: expect.stringContaining('no such event') },
      { code: 'INVALID', field: ['events', '2'], message: 'No other system is told of this.' },
    ])
    expect(await problems({ events: [] })).toMatchObject([{ code: 'REQUIRED', field: ['events'] }])
    expect(
      (await create({ url: 'https://bücher.example./x', events: ['post.*', 'account.created', 'post.*'] }))
        .webhookEndpoint,
    ).toEqual({
      url: 'https://xn--bcher-kva.example/x',
      description: '',
      events: ['account.created', 'post.*'],
      isEnabled: true,
      version: 1,
    })
  })

  test('is changed, under a version, and what waits goes to where it leads then', async () => {
    const [before, after] = [await receiver(), await receiver()]
    const { id, by } = await endpointAt(world, before.url, { events: ['post.published'] })
    await world.post()
    const { updateWebhookEndpoint } = await change(by, 'updateWebhookEndpoint', {
      webhookEndpointId: id,
      url: after.url,
      expectedVersion: 1,
    })
    expect(updateWebhookEndpoint.webhookEndpoint).toMatchObject({ url: after.url, version: 2 })
    await sendDue(world)
    expect([before.received.length, after.received.length]).toEqual([0, 1])

    const stale = await by.api.send(
      'mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { userErrors { code } } }',
      { input: { webhookEndpointId: id, description: 'Another.', expectedVersion: 1 } },
    )
    expect(stale.errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      currentVersion: 2,
      current: { url: after.url, isEnabled: true },
    })
    const same = await change(by, 'updateWebhookEndpoint', { webhookEndpointId: id, url: after.url })
    expect(same.updateWebhookEndpoint.webhookEndpoint.version).toBe(2)
  })

  test('that is disabled is told nothing of what happens meanwhile', async () => {
    const there = await receiver()
    const { id, by } = await endpointAt(world, there.url, { events: ['post.published'] })
    await change(by, 'updateWebhookEndpoint', { webhookEndpointId: id, isEnabled: false })
    await world.post()
    await change(by, 'updateWebhookEndpoint', { webhookEndpointId: id, isEnabled: true })
    const post = await world.post()
    await sendDue(world)
    expect(there.received).toHaveLength(1)
    expect(there.received[0]!.body).toContain(post.globalId)
  })

  test('that is deleted is told nothing, not even what waits; its secret is worthless and its rows go', async () => {
    const there = await receiver()
    const { id, by } = await endpointAt(world, there.url, { events: ['post.published'] })
    const kept = await endpointAt(world, there.url, { events: ['post.published'], by })
    await world.post()
    await sendDue(world)
    await world.post()
    const { deleteWebhookEndpoint } = await change(by, 'deleteWebhookEndpoint', { webhookEndpointId: id })
    expect(deleteWebhookEndpoint.deletedWebhookEndpointId).toBe(id)
    there.received.length = 0
    await sendDue(world)
    expect(there.received).toHaveLength(1)
    expect((await by.api.data('query ($id: ID!) { node(id: $id) { id } }', { id })).node).toBeNull()
    const keys = await world.db.query('SELECT FROM data_keys WHERE owner_id = $1 AND wrapped IS NOT NULL', [
      idOf('webhook_endpoint', id),
    ])
    expect(keys).toEqual([])

    await world.do(forgetOldWebhooks, {})
    const left = await world.db.query<{ id: string; count: number }>(
      `SELECT endpoint.id, count(*)::int AS count FROM webhook_endpoints endpoint JOIN webhook_deliveries ON endpoint_id = endpoint.id
       WHERE endpoint.id = ANY($1) GROUP BY 1`,
      [[id, kept.id].map((each) => idOf('webhook_endpoint', each))],
    )
    expect(left).toEqual([{ id: idOf('webhook_endpoint', kept.id), count: 2 }])
    expect(await endpointsOf(id)).toBeUndefined()
  })

  test('stays when whoever has made it leaves', async () => {
    const there = await receiver()
    const maker = await world.person({ permissions: ['webhooks:manage'] })
    const { id, secret } = await endpointAt(world, there.url, { events: ['post.published'], by: maker })
    await erased(world, maker)
    await world.post()
    await sendDue(world)
    expect(typesOf(secret, there.received)).toEqual(['post.published'])
    const admin = await world.person({ role: 'admin' })
    const { node } = await admin.api.data(
      'query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { createdBy { id } } } }',
      { id },
    )
    expect(node).toEqual({ createdBy: { id: maker.globalId } })
  })

  test('is one of a hundred at most', async () => {
    const admin = await world.person({ role: 'admin' })
    const db = await world.asViewer(admin)
    const input = { url: 'https://example.com/', description: '', events: ['*'] }
    const tooMany = db.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO webhook_endpoints (id, url, description, events, signing_secret, is_enabled, created_at, version)
         SELECT gen_random_uuid(), '', '', '{}', '', false, now(), 1 FROM generate_series(1, 100)`,
      )
      await new WebhookEndpointService(tx).create(input)
    })
    await expect(tooMany).rejects.toThrow('There are 100 endpoints.')
  })
})

describe('a secret', () => {
  test('is shown once, and stands nowhere in clear', async () => {
    const { id, secret, by } = await endpointAt(world, 'https://example.com/')
    const [bytes, text] = [Buffer.from(secret.slice(6), 'base64'), secret.slice(6)]
    expect(await columnsHolding(world.db, bytes)).toEqual([])
    expect(await columnsHolding(world.db, text)).toEqual([])
    expect(world.logLines.join('\n')).not.toContain(text)
    world.portico.log.warn({ note: `with ${secret}` }, `A message with ${secret}`)
    expect(world.logLines.at(-1)).not.toContain(text)
    const shown = await by.api.data(
      `query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { id url description events version } } }`,
      { id },
    )
    expect(JSON.stringify(shown)).not.toContain(text)
  })

  test('that is replaced counts for a day beside the new one', async () => {
    const there = await receiver()
    const { id, secret: first, by } = await endpointAt(world, there.url, { events: ['post.published'] })
    const rotated = await change(by, 'rotateWebhookSecret', { webhookEndpointId: id })
    const { secret: second, webhookEndpoint } = rotated.rotateWebhookSecret
    expect(second).not.toBe(first)
    expect(
      new Date(webhookEndpoint.previousSecretExpiresAt).getTime() - world.clock.now().getTime(),
    ).toBeGreaterThan(DAY - HOUR)
    await world.post()
    await sendDue(world)
    const message = there.received.pop()!
    expect(message.headers['webhook-signature']!.split(' ')).toHaveLength(2)
    for (const secret of [first, second]) expect(verified(secret, message).type).toBe('post.published')

    await world.db.query('UPDATE webhook_endpoints SET previous_secret_expires_at = $2 WHERE id = $1', [
      idOf('webhook_endpoint', id),
      world.clock.now(),
    ])
    await world.post()
    await sendDue(world)
    const later = there.received.pop()!
    expect(verified(second, later).type).toBe('post.published')
    expect(() => verified(first, later)).toThrow('No matching signature')
    await world.do(forgetOldWebhooks, {})
    expect((await endpointsOf(id))!.previous).toBeNull()
  })

  test('that has leaked is worthless once it was replaced twice', async () => {
    const there = await receiver()
    const { id, secret: leaked, by } = await endpointAt(world, there.url, { events: ['post.published'] })
    const rotate = async () =>
      (await change(by, 'rotateWebhookSecret', { webhookEndpointId: id })).rotateWebhookSecret
        .secret as string
    const [second, third] = [await rotate(), await rotate()]
    await world.post()
    await sendDue(world)
    expect(() => verified(leaked, there.received[0]!)).toThrow('No matching signature')
    for (const secret of [second, third])
      expect(verified(secret, there.received[0]!).type).toBe('post.published')
  })
})

describe('whoever manages webhooks', () => {
  const LIST = '{ webhookEndpoints { totalCount } }'
  const CREATE = `mutation { createWebhookEndpoint(input: { url: "https://example.com/", description: "", events: ["*"] }) { secret } }`
  const codes = async (person: Person, document: string) =>
    ((await person.api.send(document)).errors ?? []).map(({ extensions }) => extensions.code)

  test('may do so over everybody, and asks the API for what they may not see of the events', async () => {
    const there = await receiver()
    const manager = await world.person({ permissions: ['webhooks:manage'] })
    const { id } = await endpointAt(world, there.url, { events: ['post.published'], by: manager })
    const post = await world.post()
    const { node } = await manager.api.data(
      `query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { deliveries { totalCount edges { node { action event { id } } } } } } }`,
      { id },
    )
    expect(node.deliveries).toEqual({
      totalCount: 1,
      edges: [{ node: { action: 'post.published', event: null } }],
    })
    const auditor = await world.person({ permissions: ['webhooks:manage', 'audit:read'] })
    const { node: seen } = await auditor.api.data(
      `query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { deliveries { edges { node { messageId event { id target } } } } } } }`,
      { id },
    )
    const [{ node: delivery }] = seen.deliveries.edges
    expect(delivery.event).toEqual({ id: delivery.messageId, target: post.globalId })
  })

  test('cannot over a group alone, nor can managers', async () => {
    const group = await world.group()
    const ofGroup = await world.person({ permissions: ['webhooks:manage'], over: group })
    const manager = await world.person({ role: 'manager' })
    for (const person of [ofGroup, manager, await world.person()]) {
      expect(await codes(person, LIST)).toEqual(['FORBIDDEN'])
      expect(await codes(person, CREATE)).toEqual(['FORBIDDEN'])
    }
  })

  test('proves anew who they are before anything is changed', async () => {
    const admin = await world.person({ role: 'admin', password: 'harbour lantern at dusk' })
    await world.db.query(
      `UPDATE sessions SET authenticated_at = authenticated_at - interval '11 minutes' WHERE id = $1`,
      [admin.sessionId],
    )
    expect(await codes(admin, CREATE)).toEqual(['REAUTHENTICATION_REQUIRED'])
    expect(await codes(admin, LIST)).toEqual([])
  })
})
