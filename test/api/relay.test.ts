import fc from 'fast-check'
import { isObjectType } from 'graphql'
import { toConnection } from '../../src/api/connection'
import { newId, toGlobalId, type IdKind } from '../../src/core/id'
import type { PageRequest } from '../../src/core/page'
import { declareSchema } from '../../src/graphql/schema'
import { Post } from '../../src/modules/post/post.entity'
import { PostOrder } from '../../src/modules/post/post.repository'
import { PostService } from '../../src/modules/post/post.service'
import { newPost, published } from '../../src/modules/post/new-post'
import { announcementBy } from '../support/announcements'
import { bulkJobOf, noteAbout } from '../support/administration'
import { contentFilter, uniqueWord } from '../support/content-filter'
import { appealOf, caseAbout, decisionAbout } from '../support/moderation'
import { consentOf, dataExportOf, erasureOf, legalHoldOn, privacyRequestOf } from '../support/privacy'
import { commentOn } from '../support/content'
import { notificationOf } from '../support/notifications'
import { answerIn, noteIn, ticketOf } from '../support/tickets'
import { deadLetterTo } from '../support/deliveries'
import { deliveryTo, quietEndpoint } from '../support/webhooks'
import { useWorld, type Person } from '../support/world'
import { blockBy, conversationOf, writeTo } from '../support/messages'

const world = useWorld()

const PAGE = `
  edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

interface Connection {
  edges: { cursor: string; node: { id: string } }[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}

/** `count` published posts of one author, of which some were published at the same moment. */
async function publish(author: Person, count: number): Promise<void> {
  const now = world.clock.now()
  const posts = Array.from({ length: count }, (_, index): Post => {
    const at = new Date(now.getTime() - Math.floor(index / 2) * 1_000)
    const written = { authorId: author.id, title: 'Title', body: 'Body', tags: [], language: 'en' }
    return { ...newPost(written, at), ...published(at) }
  })
  if (posts.length > 0) await world.db.repo(Post).insert(posts)
}

describe('R103 connections', () => {
  const LONGEST = 7
  const authors: Person[] = []
  beforeAll(async () => {
    for (let count = 0; count <= LONGEST; count++) {
      const author = await world.person()
      await publish(author, count)
      authors.push(author)
    }
  })

  const LIST = `query ($id: ID!, $order: PostOrder, $first: Int, $after: String, $last: Int, $before: String) {
    user(id: $id) { posts(orderBy: $order, first: $first, after: $after, last: $last, before: $before) { ${PAGE} } }
  }`
  const list = async (author: Person, page: Record<string, unknown>): Promise<Connection> =>
    (await world.anonymous.data(LIST, { id: author.globalId, ...page })).user.posts

  /** The same page without HTTP, which has nothing to do with what is on it. */
  async function read(author: Person, order: PostOrder, page: PageRequest): Promise<Connection> {
    const found = await new PostService(world.db).list({ authorId: author.id }, order, page)
    const { edges, pageInfo } = toConnection(found, () =>
      Promise.reject(new Error('Nobody has asked for the count.')),
    )
    return {
      edges: edges.map(({ cursor, node }) => ({ cursor, node: { id: toGlobalId('post', node.id) } })),
      pageInfo: {
        hasNextPage: await pageInfo.hasNextPage(),
        hasPreviousPage: await pageInfo.hasPreviousPage(),
        startCursor: pageInfo.startCursor,
        endCursor: pageInfo.endCursor,
      },
    }
  }

  test('every page is what the algorithm of the specification selects, with exact flags at every edge', async () => {
    const orders = Object.values(PostOrder)
    const wholes = new Map<string, Connection['edges']>()
    for (const [count, author] of authors.entries()) {
      for (const order of orders) {
        const whole = await list(author, { order })
        expect(whole.edges).toHaveLength(count)
        expect(await read(author, order, {})).toEqual(whole)
        wholes.set(`${count} ${order}`, whole.edges)
      }
    }
    const cases = fc.nat(LONGEST).chain((count) => {
      const place = count === 0 ? fc.constant(null) : fc.option(fc.nat(count - 1))
      const size = fc.oneof(
        fc.record({ first: fc.nat(LONGEST + 1) }),
        fc.record({ last: fc.nat(LONGEST + 1) }),
        fc.constant({}),
      )
      return fc.record({
        count: fc.constant(count),
        order: fc.constantFrom(...orders),
        size,
        after: place,
        before: place,
      })
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, order, size, after, before }) => {
        const whole = wholes.get(`${count} ${order}`)!
        const cursors = {
          after: after === null ? null : whole[after]!.cursor,
          before: before === null ? null : whole[before]!.cursor,
        }
        const page = await read(authors[count]!, order, { ...size, ...cursors })
        const { first, last } = size as { first?: number; last?: number }
        // GraphQL Cursor Connections Specification §4.4, with the positions of both ends kept.
        let start = after === null ? 0 : after + 1
        let end = before ?? count
        if (first !== undefined) end = Math.min(end, start + first)
        if (last !== undefined) start = Math.max(start, end - last)
        const expected = whole.slice(start, Math.max(start, end))
        expect(page).toEqual({
          edges: expected,
          pageInfo: {
            hasNextPage: end < count,
            hasPreviousPage: start > 0,
            startCursor: expected[0]?.cursor ?? null,
            endCursor: expected.at(-1)?.cursor ?? null,
          },
        })
      }),
      { numRuns: 400 },
    )
  })

  test('walking in either direction visits every item once', async () => {
    const author = authors[LONGEST]!
    const all = (await list(author, {})).edges.map((edge) => edge.node.id)
    for (const size of [1, 2, 3, LONGEST]) {
      const forwards: string[] = []
      let page: Connection | undefined
      do {
        page = await list(author, { first: size, after: page?.pageInfo.endCursor })
        forwards.push(...page.edges.map((edge) => edge.node.id))
      } while (page.pageInfo.hasNextPage)
      expect(forwards).toEqual(all)

      const backwards: string[] = []
      page = undefined
      do {
        page = await list(author, { last: size, before: page?.pageInfo.startCursor })
        backwards.unshift(...page.edges.map((edge) => edge.node.id))
      } while (page.pageInfo.hasPreviousPage)
      expect(backwards).toEqual(all)
    }
  })

  test('the cursor of an item that is gone still marks its place', async () => {
    const author = await world.person()
    await publish(author, 5)
    const { edges } = await list(author, {})
    const ids = edges.map((edge) => edge.node.id)
    const { cursor, node } = edges[2]!
    await author.api.data(`mutation ($id: ID!) { deletePost(input: { postId: $id }) { deletedPostId } }`, {
      id: node.id,
    })
    const following = await list(author, { after: cursor })
    expect(following.edges.map((edge) => edge.node.id)).toEqual(ids.slice(3))
    expect(following.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false })
    const preceding = await list(author, { last: 1, before: cursor })
    expect(preceding.edges.map((edge) => edge.node.id)).toEqual([ids[1]])
    expect(preceding.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true })
  })

  test('sizes beyond 0 to 100, and both ends at once, are refused', async () => {
    const author = authors[1]!
    for (const page of [{ first: -1 }, { first: 101 }, { last: -1 }, { last: 101 }, { first: 1, last: 1 }]) {
      expect(await world.anonymous.errorCode(LIST, { id: author.globalId, ...page })).toBe('BAD_USER_INPUT')
    }
    expect((await list(author, { first: 100 })).edges).toHaveLength(1)
    expect((await list(author, { last: 100 })).edges).toHaveLength(1)
  })

  test('the items are counted, and what lies beyond the page looked up, only for those who ask', async () => {
    const author = authors[4]!
    const [first] = (await list(author, {})).edges
    const ask = (selection: string, page: string) =>
      world.anonymous.data(`query ($id: ID!) { posts(filter: { authorId: $id } ${page}) { ${selection} } }`, {
        id: author.globalId,
      })
    const onward = `first: 2, after: "${first!.cursor}"`
    await world.expectQueries(1, () => ask(PAGE, 'first: 2'))
    await world.expectQueries(1, () =>
      ask('edges { node { id } } pageInfo { hasNextPage endCursor }', onward),
    )
    await world.expectQueries(2, () => ask('pageInfo { hasPreviousPage }', onward))
    const { posts } = await world.expectQueries(2, () => ask('edges { cursor } totalCount', onward))
    expect(posts).toMatchObject({ totalCount: 4, edges: [{}, {}] })
  })
})

describe('R68 cursors', () => {
  let admin: Person
  let subject: Person
  let draftCursor: string
  let conversationId: string
  let endpointId: string
  let ticketId: string

  /** Every list of the API, as a query that takes a cursor; each has an order of its own. */
  const LISTS = {
    'posts, newest first': '{ posts(first: 1, after: $after) { edges { cursor } } }',
    'posts, oldest first': '{ posts(orderBy: OLDEST_FIRST, first: 1, after: $after) { edges { cursor } } }',
    drafts: '{ posts(filter: { status: DRAFT }, first: 1, after: $after) { edges { cursor } } }',
    'people, newest first': '{ users(first: 1, after: $after) { edges { cursor } } }',
    'people, oldest first': '{ users(orderBy: OLDEST_FIRST, first: 1, after: $after) { edges { cursor } } }',
    'people by name': '{ users(orderBy: USERNAME, first: 1, after: $after) { edges { cursor } } }',
    events: '{ auditEvents(first: 1, after: $after) { edges { cursor } } }',
    sessions: '{ viewer { sessions(first: 1, after: $after) { edges { cursor } } } }',
    requests: '{ privacyRequests(first: 1, after: $after) { edges { cursor } } }',
    filters: '{ contentFilters(first: 1, after: $after) { edges { cursor } } }',
    cases: '{ moderationCases(first: 1, after: $after) { edges { cursor } } }',
    appeals: '{ moderationAppeals(first: 1, after: $after) { edges { cursor } } }',
    decisions:
      '{ node(id: "SUBJECT") { ... on User { moderationDecisions(first: 1, after: $after) { edges { cursor } } } } }',
    'requests of a person':
      '{ node(id: "SUBJECT") { ... on User { privacyRequests(first: 1, after: $after) { edges { cursor } } } } }',
    consents:
      '{ node(id: "SUBJECT") { ... on User { consentHistory(first: 1, after: $after) { edges { cursor } } } } }',
    activity:
      '{ node(id: "SUBJECT") { ... on User { activity(first: 1, after: $after) { edges { cursor } } } } }',
    conversations: '{ viewer { conversations(first: 1, after: $after) { edges { cursor } } } }',
    messages:
      '{ node(id: "CONVERSATION") { ... on Conversation { messages(first: 1, after: $after) { edges { cursor } } } } }',
    reports: '{ viewer { reports(first: 1, after: $after) { edges { cursor } } } }',
    announcements: '{ announcements(first: 1, after: $after) { edges { cursor } } }',
    endpoints: '{ webhookEndpoints(first: 1, after: $after) { edges { cursor } } }',
    deliveries:
      '{ node(id: "ENDPOINT") { ... on WebhookEndpoint { deliveries(first: 1, after: $after) { edges { cursor } } } } }',
    notifications: '{ viewer { notifications(first: 1, after: $after) { edges { cursor } } } }',
    'tickets, due first': '{ tickets(first: 1, after: $after) { edges { cursor } } }',
    'tickets, urgent first': '{ tickets(orderBy: PRIORITY, first: 1, after: $after) { edges { cursor } } }',
    'tickets of a person, last message first':
      '{ node(id: "SUBJECT") { ... on User { tickets(first: 1, after: $after) { edges { cursor } } } } }',
    'history of a ticket':
      '{ ticket(id: "TICKET") { history(first: 1, after: $after) { edges { cursor } } } }',
    'messages sent': '{ deliveries(first: 1, after: $after) { edges { cursor } } }',
    blocked: '{ viewer { blockedUsers(first: 1, after: $after) { edges { cursor } } } }',
    holds:
      '{ node(id: "SUBJECT") { ... on User { legalHolds(first: 1, after: $after) { edges { cursor } } } } }',
    notes:
      '{ node(id: "SUBJECT") { ... on User { staffNotes(first: 1, after: $after) { edges { cursor } } } } }',
  }
  const ask = (list: string, after: string | null) =>
    admin.api.send(
      `query ($after: String) ${list.replace('SUBJECT', subject.globalId).replace('CONVERSATION', conversationId).replace('ENDPOINT', endpointId).replace('TICKET', ticketId)}`,
      { after },
    )
  const cursorIn = (data: Record<string, unknown>): string =>
    /"cursor":"([^"]+)"/.exec(JSON.stringify(data))![1]!

  beforeAll(async () => {
    admin = await world.person({ role: 'admin' })
    subject = await world.person()
    await noteAbout(world, subject)
    await privacyRequestOf(world, subject)
    await consentOf(subject)
    await legalHoldOn(world, subject)
    ;({ conversationId } = await writeTo(admin, [await world.person()]))
    await announcementBy(world, admin)
    endpointId = (await quietEndpoint(world, admin)).id
    await deliveryTo(world, endpointId, admin)
    await blockBy(admin, subject)
    ticketId = await ticketOf(world, subject)
    await answerIn(world, ticketId, admin)
    await noteIn(world, ticketId, admin)
    const post = await world.post({ author: subject })
    const { decisionId } = await decisionAbout(world, post.globalId)
    await appealOf(world, subject, decisionId)
    await caseAbout(world, (await world.post()).globalId, admin)
    await contentFilter(world, { words: [uniqueWord()], isEnabled: false })
    await notificationOf(world, admin, await world.post({ author: admin }))
    await world.post({ author: admin, publish: false })
    draftCursor = cursorIn((await ask(LISTS.drafts, null)).data)
  })

  test('a cursor is taken by its own list and order, and refused by every other', async () => {
    const cursors = new Map<string, string>()
    for (const [name, list] of Object.entries(LISTS))
      cursors.set(name, cursorIn((await ask(list, null)).data))
    for (const [of, cursor] of cursors) {
      for (const [name, list] of Object.entries(LISTS)) {
        const { errors } = await ask(list, cursor)
        const codes = errors?.map((error) => error.extensions.code)
        expect([of, name, codes]).toEqual([of, name, of === name ? undefined : ['BAD_USER_INPUT']])
      }
    }
  })

  test('whatever a cursor is made to hold, it is refused before the database sees it', async () => {
    const [list, moment, id] = JSON.parse(Buffer.from(draftCursor, 'base64url').toString()) as [
      string,
      number,
      string,
    ]
    const forged: unknown[] = [
      [list],
      [list, moment],
      [list, moment, id, id],
      [list, id, moment],
      [list, 'yesterday', id],
      [list, 1.5, id],
      [list, -1, id],
      [list, 8.64e15, id],
      [list, 1e308, id],
      [list, null, id],
      [list, moment, null],
      [list, moment, 'x'],
      [list, moment, `${id}'; DROP TABLE posts --`],
      [list, moment, id.toUpperCase()],
      [list, { toString: 'x' }, id],
      [list, [moment], id],
      { 0: list, 1: moment, 2: id, length: 3 },
      list,
      null,
    ]
    const texts = [
      ...forged.map((content) => Buffer.from(JSON.stringify(content)).toString('base64url')),
      '',
      '💥',
      "' OR 1=1 --",
    ]
    const statements = await world.statements(async () => {
      for (const text of texts) {
        const { errors } = await ask(LISTS.drafts, text)
        expect([text, errors?.map((error) => error.extensions.code)]).toEqual([text, ['BAD_USER_INPUT']])
      }
    })
    expect(statements.filter((sql) => sql.includes('"posts"'))).toEqual([])
  })

  test('a forged text in a cursor is a text and nothing more', async () => {
    const [list] = JSON.parse(
      Buffer.from(cursorIn((await ask(LISTS['people by name'], null)).data), 'base64url').toString(),
    ) as [string]
    const cursorOf = (text: string) => Buffer.from(JSON.stringify([list, text])).toString('base64url')
    const everyone = await ask(LISTS['people by name'], cursorOf(`' OR ''='`))
    expect(everyone.errors).toBeUndefined()
    for (const text of ['a\0b', '\ud800']) {
      const { errors } = await ask(LISTS['people by name'], cursorOf(text))
      expect(errors?.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT'])
    }
  })
})

describe('R103 nodes', () => {
  interface Sample {
    globalId: string
    /** Who sees it. */
    viewer: Person
    /** Who does not; absent where everybody does. */
    stranger?: Person
  }

  /** One visible thing of every kind that has a global id to be found by. */
  const SAMPLES: Record<string, () => Promise<Sample>> = {
    User: async () => {
      const person = await world.person()
      return { globalId: person.globalId, viewer: await world.person() }
    },
    Post: async () => {
      const draft = await world.post({ publish: false })
      return { globalId: draft.globalId, viewer: draft.author, stranger: await world.person() }
    },
    Comment: async () => {
      const draft = await world.post({ publish: false })
      const globalId = await commentOn(world, draft, draft.author)
      return { globalId, viewer: draft.author, stranger: await world.person() }
    },
    Session: async () => {
      const viewer = await world.person()
      return { globalId: toGlobalId('session', viewer.sessionId), viewer, stranger: await world.person() }
    },
    Group: async () => {
      const viewer = await world.person()
      const globalId = toGlobalId('group', await world.group(viewer))
      return { globalId, viewer, stranger: await world.person() }
    },
    Role: async () => {
      const viewer = await world.person({ role: 'manager' })
      const { roles } = await viewer.api.data(`{ roles { id name } }`)
      const { id } = roles.find((role: { name: string }) => role.name === 'manager')
      return { globalId: id, viewer, stranger: await world.person() }
    },
    AuditEvent: async () => {
      const viewer = await world.person()
      const { viewer: found } = await viewer.api.data(
        `{ viewer { auditEvents(first: 1) { edges { node { id } } } } }`,
      )
      return { globalId: found.auditEvents.edges[0].node.id, viewer, stranger: await world.person() }
    },
    Announcement: async () => {
      const viewer = await world.person({ role: 'admin' })
      return { globalId: await announcementBy(world, viewer), viewer, stranger: await world.person() }
    },
    BulkJob: async () => {
      const viewer = await world.person({ role: 'manager' })
      return { globalId: await bulkJobOf(world, viewer), viewer, stranger: await world.person() }
    },
    DataExport: async () => {
      const viewer = await world.person()
      return { globalId: await dataExportOf(world, viewer), viewer, stranger: await world.person() }
    },
    Erasure: async () => {
      const viewer = await world.person()
      return { globalId: await erasureOf(world, viewer), viewer, stranger: await world.person() }
    },
    Conversation: async () => {
      const viewer = await world.person()
      const { conversationId: globalId } = await conversationOf(viewer, [await world.person()])
      return { globalId, viewer, stranger: await world.person() }
    },
    Message: async () => {
      const viewer = await world.person()
      const { messageId: globalId } = await conversationOf(viewer, [await world.person()])
      return { globalId, viewer, stranger: await world.person() }
    },
    LegalHold: async () => {
      const [viewer, stranger] = [await world.person({ role: 'admin' }), await world.person()]
      return { globalId: await legalHoldOn(world, stranger), viewer, stranger }
    },
    ContentFilter: async () => {
      const [viewer, stranger] = [
        await world.person({ role: 'admin' }),
        await world.person({ role: 'manager' }),
      ]
      return {
        globalId: await contentFilter(world, { words: [uniqueWord()], isEnabled: false }),
        viewer,
        stranger,
      }
    },
    ModerationCase: async () => {
      const [viewer, post] = [await world.person({ role: 'manager' }), await world.post()]
      return { globalId: await caseAbout(world, post.globalId), viewer, stranger: post.author }
    },
    ModerationDecision: async () => {
      const { globalId, author: viewer } = await world.post()
      const { decisionId } = await decisionAbout(world, globalId)
      return { globalId: decisionId, viewer, stranger: await world.person() }
    },
    Appeal: async () => {
      const { globalId, author: viewer } = await world.post()
      const { decisionId } = await decisionAbout(world, globalId)
      const appealId = await appealOf(world, viewer, decisionId)
      return { globalId: appealId, viewer, stranger: await world.person() }
    },
    Ticket: async () => {
      const viewer = await world.person()
      return { globalId: await ticketOf(world, viewer), viewer, stranger: await world.person() }
    },
    TicketMessage: async () => {
      const [viewer, agent] = [await world.person(), await world.person({ role: 'manager' })]
      const globalId = await answerIn(world, await ticketOf(world, viewer), agent)
      return { globalId, viewer, stranger: await world.person() }
    },
    TicketNote: async () => {
      const [viewer, stranger] = [await world.person({ role: 'manager' }), await world.person()]
      return { globalId: await noteIn(world, await ticketOf(world, stranger), viewer), viewer, stranger }
    },
    WebhookEndpoint: async () => {
      const { id, by: viewer } = await quietEndpoint(world)
      return { globalId: id, viewer, stranger: await world.person({ role: 'manager' }) }
    },
    WebhookDelivery: async () => {
      const { id, by: viewer } = await quietEndpoint(world)
      const globalId = await deliveryTo(world, id, viewer)
      return { globalId, viewer, stranger: await world.person({ role: 'manager' }) }
    },
    Notification: async () => {
      const viewer = await world.person()
      const globalId = await notificationOf(world, viewer, await world.post({ author: viewer }))
      return { globalId, viewer, stranger: await world.person() }
    },
    Delivery: async () => {
      const globalId = await deadLetterTo(world, await world.person())
      const viewer = await world.person({ role: 'admin' })
      return { globalId, viewer, stranger: await world.person({ role: 'manager' }) }
    },
    PrivacyRequest: async () => {
      const viewer = await world.person()
      return { globalId: await privacyRequestOf(world, viewer), viewer, stranger: await world.person() }
    },
    StaffNote: async () => {
      const [viewer, stranger] = [await world.person({ role: 'manager' }), await world.person()]
      return { globalId: await noteAbout(world, stranger, viewer), viewer, stranger }
    },
  }

  const NODE = `query ($id: ID!) { node(id: $id) { __typename id } }`
  const schema = declareSchema()
  const kinds = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => type.getInterfaces().some(({ name }) => name === 'Node'))
    .map(({ name }) => name)

  test('every type that is a Node has a sample here', () => {
    const missing = kinds.filter((kind) => !SAMPLES[kind])
    if (missing.length > 0)
      throw new Error(
        `Add a sample of ${missing.join(', ')} to SAMPLES in this file: how one comes into being, and who may see it.`,
      )
    expect(Object.keys(SAMPLES).sort()).toEqual([...kinds].sort())
  })

  test.each(kinds)(
    'R31 R59 a %s is found by its id, and a foreign, missing or malformed one answers alike',
    async (kind) => {
      const { globalId, viewer, stranger } = await SAMPLES[kind]!()
      expect(await viewer.api.data(NODE, { id: globalId })).toEqual({
        node: { __typename: kind, id: globalId },
      })
      const prefix = globalId.slice(0, globalId.lastIndexOf('_')) as IdKind
      const missing = toGlobalId(prefix, newId())
      const viewers = [world.anonymous, (stranger ?? viewer).api]
      for (const api of viewers) {
        const ids = [missing, ...(stranger ? [globalId] : [])]
        const statements: string[][] = []
        for (const id of ids) {
          statements.push(
            await world.statements(async () =>
              expect((await api.send(NODE, { id })).data).toEqual({ node: null }),
            ),
          )
        }
        // The same work, so that not even the time tells them apart; who asks may be known from the request before.
        const work = statements.map((of) => of.filter((sql) => !sql.includes('token_hash')))
        for (const other of work) expect(other).toEqual(work[0])
        for (const id of [
          `${prefix}_`,
          globalId.slice(0, -1),
          `x${globalId}`,
          globalId.toUpperCase(),
          '',
          '💥',
        ]) {
          expect((await api.send(NODE, { id })).data).toEqual({ node: null })
        }
      }
    },
  )

  test('an id that is right but of something that is no Node answers null', async () => {
    const person = await world.person()
    const { viewer } = await person.api.data(`{ viewer { emails { id } } }`)
    expect(await person.api.data(NODE, { id: viewer.emails[0].id })).toEqual({ node: null })
  })

  test('what is found by id has all the fields that it has elsewhere', async () => {
    const person = await world.person({ password: 'correct horse battery staple' })
    const { signIn } = await world.anonymous.data(
      `mutation ($login: String!) { signIn(input: { login: $login, password: "correct horse battery staple" }) { session { id address } } }`,
      { login: person.username },
    )
    expect(signIn.session.address).toBe('127.0.0.0/24')
    const found = await person.api.data(
      `query ($id: ID!) { node(id: $id) { ... on Session { id address } } }`,
      { id: signIn.session.id },
    )
    expect(found.node).toEqual(signIn.session)
  })

  test('many are answered in the order of their ids, repeated ones repeatedly, with one statement a kind', async () => {
    const reader = await world.person()
    const [first, second] = [await world.post(), await world.post()]
    const hidden = await world.post({ publish: false })
    const ids = [
      second.globalId,
      first.globalId,
      reader.globalId,
      hidden.globalId,
      second.globalId,
      'nonsense',
      first.author.globalId,
    ]
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`
    const statements = await world.statements(async () => {
      const { nodes } = await reader.api.data(query, { ids })
      expect(nodes.map((node: { id: string } | null) => node?.id ?? null)).toEqual([
        second.globalId,
        first.globalId,
        reader.globalId,
        null,
        second.globalId,
        null,
        first.author.globalId,
      ])
    })
    expect(statements.filter((sql) => sql.includes('FROM "posts"'))).toHaveLength(1)
    expect(statements.filter((sql) => sql.includes('FROM "users"'))).toHaveLength(1)
  })

  test('a hundred are answered at once, and one more is refused', async () => {
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`
    const { globalId } = await world.person()
    const hundred = Array.from({ length: 100 }, () => globalId)
    expect((await world.anonymous.data(query, { ids: hundred })).nodes).toHaveLength(100)
    expect((await world.anonymous.data(query, { ids: [] })).nodes).toEqual([])
    expect(await world.anonymous.errorCode(query, { ids: [...hundred, globalId] })).toBe('BAD_USER_INPUT')
  })
})
