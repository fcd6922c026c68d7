import { HOUR, later } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { AuthenticationMethod } from '../../src/modules/session/authentication-method'
import { PRODUCTION } from '../support/production'
import { storedPasskey } from '../support/second-factor'
import { useWorld, type Person, type World } from '../support/world'
import {
  ASKS_FOR_FRESH_PROOF,
  expectationOf,
  MUTATIONS,
  OPENED_BY,
  QUERIES,
  READERS,
  readersOf,
  TYPES,
  type Reader,
} from './expectations'
import { EVENTS } from './questions'
import { stage, type Scene } from './stage'

const world = useWorld()
const { makeScene, as } = stage(world)

interface Explanation {
  field: string
  isAllowed: boolean
  rule: string
  through: string[]
  because: string
  permissions: string[]
  grants: { role: { name: string }; group: { id: string } | null; expiresAt: string | null }[]
  needsStepUp: boolean
  needsReason: boolean
  needsSecondFactor: boolean
  isSuspended: boolean
  decidedFurther: 'QUERY' | 'SERVICE' | null
}

const SELECTION = `{
  field isAllowed rule through because permissions needsStepUp needsReason needsSecondFactor isSuspended decidedFurther
  grants { role { name } group { id } expiresAt }
}`

/** As many as fit into one request. */
const AT_ONCE = 10

/** What an admin is told of somebody and these fields, of a subject where there is one. */
async function explainAll(
  admin: Person,
  viewer: Pick<Person, 'globalId'>,
  fields: readonly string[],
  subjectId: string | null,
): Promise<Explanation[]> {
  const found: Explanation[] = []
  for (let start = 0; start < fields.length; start += AT_ONCE) {
    const some = fields.slice(start, start + AT_ONCE)
    const data = await admin.api.data(
      `query ($viewerId: ID!, $subjectId: ID) {
        ${some.map((field, index) => `e${index}: explainAccess(viewerId: $viewerId, field: "${field}", subjectId: $subjectId) ${SELECTION}`).join('\n')}
      }`,
      { viewerId: viewer.globalId, subjectId },
    )
    found.push(...some.map((_, index) => data[`e${index}`] as Explanation))
  }
  return found
}

const explain = async (
  admin: Person,
  viewer: Pick<Person, 'globalId'>,
  field: string,
  subjectId: string | null = null,
): Promise<Explanation> => (await explainAll(admin, viewer, [field], subjectId))[0]!

/** Those who have sessions of their own; what a suspended person's token may, a stranger may. */
const ASKED_ABOUT = READERS.filter(
  (reader) => reader !== 'anonymous' && reader !== 'program' && reader !== 'impersonator',
)

describe('explainAccess says what execution does, about whomever the matrix asks as', () => {
  let scene: Scene
  let auditor: Person
  beforeAll(async () => {
    scene = await makeScene()
    auditor = await world.person({ role: 'admin' })
  })

  /** The thing itself where it has an id; else the person whose it is, or nobody. */
  const SUBJECTS: Record<string, (subject: Scene) => string | null> = {
    Session: ({ subject }) => toGlobalId('session', subject.sessionId),
    Post: ({ draft }) => draft.globalId,
    Comment: ({ commentId }) => commentId,
    ReactionGroup: ({ commentId }) => commentId,
    ModerationCase: ({ caseId }) => caseId,
    Report: ({ caseId }) => caseId,
    ContentFilterMatch: ({ caseId }) => caseId,
    ContentFilter: ({ filters }) => filters.words,
    WordTerms: ({ filters }) => filters.words,
    LinkTerms: ({ filters }) => filters.links,
    RateTerms: ({ filters }) => filters.rate,
    Newcomers: ({ filters }) => filters.links,
    ContentFilterSample: () => null,
    TextSegment: () => null,
    ModerationDecision: ({ decisionId }) => decisionId,
    Appeal: ({ appealId }) => appealId,
    ModerationStatistics: () => null,
    BulkJob: ({ bulkJobId }) => bulkJobId,
    Announcement: ({ announcementId }) => announcementId,
    AnnouncementText: ({ announcementId }) => announcementId,
    WebhookEndpoint: ({ endpointId }) => endpointId,
    WebhookDelivery: ({ deliveryId }) => deliveryId,
    WebhookAttempt: ({ deliveryId }) => deliveryId,
    Ticket: ({ ticketId }) => ticketId,
    TicketChange: ({ ticketId }) => ticketId,
    TicketMessage: ({ ticketMessageId }) => ticketMessageId,
    TicketNote: ({ ticketNoteId }) => ticketNoteId,
    TicketStatistics: () => null,
    Cohort: () => null,
    CohortPeriod: () => null,
    FunnelStep: () => null,
    Metric: () => null,
    MetricPoint: () => null,
    Delivery: ({ messageSentId }) => messageSentId,
    Role: ({ role }) => toGlobalId('role', role.id),
    Group: ({ groupId }) => toGlobalId('group', groupId),
    AuditEvent: ({ eventId }) => eventId,
    ConsentPurpose: () => null,
    IdentityProvider: () => null,
  }
  const subjectOf = (type: string) => (SUBJECTS[type] ?? (({ subject }: Scene) => subject.globalId))(scene)

  // Which of these somebody sees, the WHERE of what they belong to decides, and no subject names one.
  const unnamed = [
    ...Object.keys(EVENTS),
    'Attribute',
    'BulkJobItem',
    'PostRevision',
    'TextChange',
    'FoundPost',
    'TextSegment',
  ]
  const types = Object.keys(TYPES).filter((name) => !unnamed.includes(name))

  test.each(types.flatMap((type) => ASKED_ABOUT.map((reader) => [type, reader] as const)))(
    'the fields of %s, about %s',
    async (type, reader) => {
      await as(reader, scene)
      const fields = Object.keys(expectationOf(type).fields)
      // All of those that differ from each other.
      const asked =
        type === 'User'
          ? fields
          : [fields[0]!, ...fields.slice(1).filter((field) => `${type}.${field}` in OPENED_BY)]
      const names = asked.map((field) => `${type}.${field}`)
      const told = await explainAll(auditor, scene[reader as 'self'], names, subjectOf(type))
      expect(told.map(({ field, isAllowed, permissions }) => ({ field, isAllowed, permissions }))).toEqual(
        asked.map((field) => {
          const opening = OPENED_BY[`${type}.${field}`] ?? OPENED_BY[type]
          return {
            field: `${type}.${field}`,
            isAllowed: readersOf(type, field).includes(reader),
            permissions: opening ? [opening.permission] : [],
          }
        }),
      )
      for (const { isAllowed, grants, permissions } of told) {
        // The event is something that the admin did.
        const isOwn = reader === 'self' || (type === 'AuditEvent' && reader === 'admin')
        const isByRole = isAllowed && permissions.length > 0 && !isOwn
        expect(grants.length > 0).toBe(isByRole)
      }
    },
  )

  test.each(ASKED_ABOUT)('all queries, about %s', async (reader) => {
    await as(reader, scene)
    const fields = Object.keys(QUERIES)
    const told = await explainAll(
      auditor,
      scene[reader],
      fields.map((field) => `Query.${field}`),
      null,
    )
    expect(told.map(({ isAllowed }) => isAllowed)).toEqual(
      fields.map((field) => QUERIES[field]!.includes(reader)),
    )
    expect(told.map(({ permissions }) => permissions)).toEqual(
      fields.map((field) => (OPENED_BY[`Query.${field}`] ? [OPENED_BY[`Query.${field}`]!.permission] : [])),
    )
  })

  /** Whom the policy lets through; the services may have more to say. */
  const passes = (field: string, reader: Reader): boolean => {
    const { may, otherwise, notTo = [], hiddenFrom = [] } = MUTATIONS[field]!
    return (
      may.includes(reader) ||
      notTo.includes(reader) ||
      hiddenFrom.includes(reader) ||
      (otherwise !== undefined && reader !== 'suspended')
    )
  }

  test.each(ASKED_ABOUT)('all mutations, about %s', async (reader) => {
    await as(reader, scene)
    const fields = Object.keys(MUTATIONS)
    const names = fields.map((field) => `Mutation.${field}`)
    const told = await explainAll(auditor, scene[reader], names, scene.subject.globalId)
    expect(
      told.map(({ field, isAllowed, needsStepUp, decidedFurther }) => [
        field,
        isAllowed,
        needsStepUp,
        decidedFurther,
      ]),
    ).toEqual(
      fields.map((field) => {
        const isAllowed = passes(field, reader)
        return [
          `Mutation.${field}`,
          isAllowed,
          isAllowed && ASKS_FOR_FRESH_PROOF.includes(field),
          isAllowed ? 'SERVICE' : null,
        ]
      }),
    )
  })
})

describe('by which rule, role and grant', () => {
  let admin: Person
  let person: Person
  beforeAll(async () => {
    ;[admin, person] = await Promise.all([world.person({ role: 'admin' }), world.person()])
  })

  test('what is open to everybody, and what is their own, takes no role', async () => {
    const other = await world.person()
    expect(await explain(admin, other, 'User.username', person.globalId)).toMatchObject({
      isAllowed: true,
      rule: 'everybody',
      because: 'It takes no role.',
      permissions: [],
      grants: [],
      decidedFurther: null,
    })
    expect(await explain(admin, person, 'User.email', person.globalId)).toMatchObject({
      isAllowed: true,
      rule: 'the person themselves, or users:read-contact over them',
      because: 'It is their own.',
      permissions: ['users:read-contact'],
      grants: [],
    })
    expect(await explain(admin, other, 'User.email', person.globalId)).toMatchObject({
      isAllowed: false,
      because: 'It takes users:read-contact.',
    })
  })

  test('a role over a group reaches its members, and nobody else', async () => {
    const groupId = await world.group(person)
    const manager = await world.person({ role: 'manager', over: groupId })
    const expiresAt = later(world.clock.now(), HOUR)
    await world.db.query(
      `UPDATE role_grants SET expires_at = $2 WHERE user_id = $1 AND role_id = (SELECT id FROM roles WHERE name = 'manager')`,
      [manager.id, expiresAt],
    )
    expect(await explain(admin, manager, 'User.email', person.globalId)).toMatchObject({
      isAllowed: true,
      because: 'The role “manager” over a group allows it.',
      grants: [
        {
          role: { name: 'manager' },
          group: { id: toGlobalId('group', groupId) },
          expiresAt: expiresAt.toISOString(),
        },
      ],
    })
    expect(await explain(admin, manager, 'User.email', (await world.person()).globalId)).toMatchObject({
      isAllowed: false,
      because:
        'It takes users:read-contact, which they hold over the members of groups, and that does not reach this.',
      grants: [],
    })
    expect(await explain(admin, manager, 'Query.users')).toMatchObject({
      isAllowed: true,
      rule: expect.stringContaining(
        'users:read over anybody, be it everybody or the members of some group, and filters by',
      ),
      grants: [{ role: { name: 'manager' } }],
      decidedFurther: 'QUERY',
    })
  })

  test('only the grants that allow it are named', async () => {
    const manager = await world.person({ role: 'manager', permissions: ['audit:read'] })
    const { grants } = await explain(admin, manager, 'Query.auditEvents')
    expect(grants.map(({ role }) => role.name)).toEqual([expect.stringMatching(/^role /)])
    const { grants: ofManager } = await explain(admin, manager, 'User.sessions', person.globalId)
    expect(ofManager.map(({ role }) => role.name)).toEqual(['manager'])
  })

  test('a grant that has ended allows nothing any more, and is told', async () => {
    const former = await world.person({ role: 'admin' })
    const end = later(world.clock.now(), -HOUR)
    await world.db.query('UPDATE role_grants SET expires_at = $2 WHERE user_id = $1', [former.id, end])
    expect(await explain(admin, former, 'User.email', person.globalId)).toMatchObject({
      isAllowed: false,
      because: `It takes users:read-contact, which the role “admin” over everybody gave until ${end.toISOString()}.`,
      grants: [],
    })
  })

  test('a suspended account is asked about as a stranger', async () => {
    const suspended = await world.person({ role: 'admin' })
    await world.suspend(suspended)
    expect(await explain(admin, suspended, 'User.email', person.globalId)).toMatchObject({
      isAllowed: false,
      isSuspended: true,
      because:
        'The account is suspended: whoever comes with a token of theirs is a stranger. It takes users:read-contact.',
    })
    expect(await explain(admin, suspended, 'User.username', person.globalId)).toMatchObject({
      isAllowed: true,
      isSuspended: true,
    })
    await world.reinstate(suspended)
    expect(await explain(admin, suspended, 'User.email', person.globalId)).toMatchObject({
      isAllowed: true,
      isSuspended: false,
    })
  })

  test('what takes a fresh proof says so', async () => {
    expect(await explain(admin, admin, 'Mutation.createRole')).toMatchObject({
      isAllowed: true,
      rule: 'roles:write over everybody, with a proof of identity from the last 10 minutes',
      needsStepUp: true,
      because: 'The role “admin” over everybody allows it, after a fresh proof of identity.',
      decidedFurther: 'SERVICE',
    })
    expect(await explain(admin, person, 'Mutation.createRole')).toMatchObject({
      isAllowed: false,
      needsStepUp: false,
      permissions: ['roles:write'],
    })
  })

  test('what takes a reason says so', async () => {
    const careful = await world.person({ permissions: ['users:read-contact'] })
    await world.db.query(
      `UPDATE roles SET requires_reason = true WHERE id IN (SELECT role_id FROM role_grants WHERE user_id = $1) AND NOT is_built_in`,
      [careful.id],
    )
    const explanation = await explain(admin, careful, 'User.email', person.globalId)
    expect(explanation).toMatchObject({ isAllowed: true, needsReason: true })
    expect(explanation.grants).toHaveLength(1)
    expect(explanation.because).toMatch(
      /^The role “role \w+” over everybody allows it, where the request says why\.$/,
    )
    const email = `{ user(id: "${person.globalId}") { email } }`
    expect(await careful.api.errorCode(email)).toBe('REASON_REQUIRED')
    expect((await careful.api.with({ 'access-reason': 'A ticket' }).data(email)).user.email).toBe(
      person.email,
    )
  })

  test('what is reached through other fields is explained by their rules', async () => {
    await storedPasskey(world, person.id)
    const reader = await world.person({ permissions: ['security:read'] })
    const about = (viewer: Person) => explain(admin, viewer, 'Passkey.name', person.globalId)
    expect(await about(reader)).toMatchObject({
      isAllowed: true,
      through: ['User.security', 'Security.passkeys'],
      permissions: ['security:read'],
      decidedFurther: 'QUERY',
    })
    expect(await about(await world.person())).toMatchObject({
      isAllowed: false,
      permissions: ['security:read'],
    })
  })
})

describe('what is asked', () => {
  let admin: Person
  let person: Person
  beforeAll(async () => {
    ;[admin, person] = await Promise.all([world.person({ role: 'admin' }), world.person()])
  })

  const send = (asker: Person, field: string, subjectId?: string, viewerId = person.globalId) =>
    asker.api.send(
      'query ($viewerId: ID!, $field: String!, $subjectId: ID) { explainAccess(viewerId: $viewerId, field: $field, subjectId: $subjectId) { isAllowed } }',
      { viewerId, field, subjectId },
    )

  test.each([
    'User.nothing',
    'Nothing.email',
    'email',
    'User',
    'User.email.length',
    '__Type.name',
    'UserFilter.status',
    '',
  ])('has to be a field of the schema: not “%s”', async (field) => {
    const { errors } = await send(admin, field)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(errors![0]!.message).toBe(
      'Name a field of the schema with its type, such as User.email, Query.users or Mutation.grantRole.',
    )
  })

  test.each(['User.email', 'Session.address', 'Email.address', 'AuditEvent.address'])(
    'says whose it is where that makes a difference: %s',
    async (field) => {
      const { errors } = await send(admin, field)
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
      expect(errors![0]!.message).toContain(
        'give the global id of one, or of the person whose it is, as subjectId',
      )
    },
  )

  test('a thing that is itself decided about has to be named, not only whose it is', async () => {
    const { errors } = await send(admin, 'AuditEvent.address', person.globalId)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('somebody who is not there is not found, and nor is a thing that the one who asks may not see', async () => {
    const nobody = toGlobalId('user', '01890000-0000-7000-8000-000000000001')
    expect((await send(admin, 'Query.users', undefined, nobody)).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
    expect((await send(admin, 'User.email', nobody)).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
    const { globalId } = await world.post({ author: person, publish: false })
    expect((await send(admin, 'Post.title', globalId)).data).toEqual({ explainAccess: { isAllowed: true } })
    const explainer = await world.person({ permissions: ['access:explain'] })
    expect((await send(explainer, 'Post.title', globalId)).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
  })

  test('is on the trail of the person, and in their access log', async () => {
    await send(admin, 'User.email', admin.globalId)
    const [event] = await world.db.query(
      `SELECT actor_id, target, details FROM audit_events WHERE action = 'access.explained' AND subject_id = $1 ORDER BY id DESC LIMIT 1`,
      [person.id],
    )
    expect(event).toEqual({
      actor_id: admin.id,
      target: admin.globalId,
      details: { field: 'User.email', isAllowed: false },
    })
    const [record] = await world.db.query(
      'SELECT reader_id, roles, fields FROM access_records WHERE subject_id = $1 ORDER BY id DESC LIMIT 1',
      [person.id],
    )
    expect(record).toEqual({ reader_id: admin.id, roles: ['admin'], fields: ['AccessExplanation'] })
  })
})

describe('where staff have to sign in with a second factor', () => {
  const strict = useWorld({ SECOND_FACTOR: 'staff' })

  const withTwoFactors = async (inWorld: World, { id, sessionId }: Person): Promise<void> => {
    await storedPasskey(inWorld, id)
    await inWorld.db.query('UPDATE sessions SET methods = $2 WHERE id = $1', [
      sessionId,
      [AuthenticationMethod.PASSWORD, AuthenticationMethod.PASSKEY],
    ])
  }

  test('it is told of somebody who has none', async () => {
    const admin = await strict.person({ role: 'admin' })
    await withTwoFactors(strict, admin)
    const manager = await strict.person({ role: 'manager' })
    expect(await explain(admin, manager, 'Query.users')).toMatchObject({
      isAllowed: false,
      needsSecondFactor: true,
      because:
        'It takes users:read, which the role “manager” over everybody gives, but staff have to sign in with a second factor and they have none.',
    })
    await withTwoFactors(strict, manager)
    expect(await explain(admin, manager, 'Query.users')).toMatchObject({
      isAllowed: true,
      needsSecondFactor: false,
    })
    expect((await manager.api.send('{ users(first: 1) { totalCount } }')).errors).toBeUndefined()
  })
})

describe('a refusal', () => {
  const production = useWorld(PRODUCTION)

  const refusalsOf = async (inWorld: World): Promise<Map<unknown, string>> => {
    const [person, other] = [await inWorld.person(), await inWorld.person()]
    const fields = Object.keys(OPENED_BY).filter((name) => name.startsWith('User.'))
    const plain = fields
      .map((name) => name.slice('User.'.length))
      .filter((name) => /At$|^(email|locale|status|permissions|version)$/.test(name))
    const { errors = [] } = await other.api
      .with({ 'x-forwarded-proto': 'https' })
      .send(`{ user(id: "${person.globalId}") { ${plain.join(' ')} } }`)
    expect(errors.length).toBe(plain.length)
    return new Map(errors.map(({ path, message }) => [path!.at(-1), message]))
  }

  test('names the permission that is missing in development', async () => {
    for (const [field, message] of await refusalsOf(world)) {
      const { permission } = OPENED_BY[`User.${String(field)}`]!
      expect(message).toBe(`You may not see or do this. It needs ${permission}.`)
    }
  })

  test('and nothing in production', async () => {
    for (const message of (await refusalsOf(production)).values())
      expect(message).toBe('You may not see or do this.')
  })
})
