import { MINUTE } from '../../src/core/clock'
import { toGlobalId } from '../../src/core/id'
import { ApiClient } from '../support/api-client'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const START = `mutation ($input: StartImpersonationInput!) { startImpersonation(input: $input) {
  user { id } session { id createdAt expiresAt } token userErrors { code } } }`
const REASON = 'Ticket 4711: cannot see the invoice'

const supporter = (...more: string[]) => world.person({ permissions: ['users:impersonate', ...more] })

/** What `startImpersonation` answers: its code, where it is refused. */
async function attempt(staff: Person, { globalId: userId }: Person, reason = REASON): Promise<string[]> {
  const { data, errors = [] } = await staff.api.send(START, { input: { userId, reason } })
  return [
    ...errors.map(({ extensions }) => extensions.code),
    ...(data?.startImpersonation?.userErrors ?? []).map(({ code }: { code: string }) => code),
  ]
}

/** The API as it is spoken by somebody of the staff who acts as a person. */
async function actAs(staff: Person, { globalId: userId }: Person) {
  const { startImpersonation } = await staff.api.data(START, { input: { userId, reason: REASON } })
  if (startImpersonation.userErrors.length > 0) throw new Error(JSON.stringify(startImpersonation.userErrors))
  return { ...startImpersonation, api: new ApiClient(world.url, startImpersonation.token) }
}

const codesOf = async (api: ApiClient, document: string) => {
  const { errors = [] } = await api.send(document)
  return errors.map(({ extensions }) => extensions.code)
}

describe('somebody of the staff who acts as a person', () => {
  test('sees what they see, is seen as who they are, and their own session goes on', async () => {
    const [staff, person] = [await supporter(), await world.person()]
    const { api, user } = await actAs(staff, person)
    expect(user).toEqual({ id: person.globalId })
    const { viewer } = await api.data('{ viewer { id username impersonator { id username } } }')
    expect(viewer).toEqual({
      id: person.globalId,
      username: person.username,
      impersonator: { id: staff.globalId, username: staff.username },
    })
    expect((await staff.api.data('{ viewer { id impersonator { id } } }')).viewer).toEqual({
      id: staff.globalId,
      impersonator: null,
    })
    expect((await person.api.data('{ viewer { impersonator { id } } }')).viewer.impersonator).toBeNull()
  })

  test('sees what is personal as far as their own permissions show it, drafts too, and the person can read that', async () => {
    const person = await world.person()
    const draft = await world.post({ author: person, publish: false })
    const PERSONAL = `{ viewer { email locale sessions { totalCount } preferences { key } roles { name } } }`
    const little = await actAs(await supporter('users:read'), person)
    const { data, errors } = await little.api.send(PERSONAL)
    expect(data.viewer).toEqual({ email: null, locale: 'en', sessions: null, preferences: null, roles: null })
    expect(new Set(errors!.map((error: { extensions: { code: string } }) => error.extensions.code))).toEqual(
      new Set(['FORBIDDEN']),
    )
    const find = (api: ApiClient) => api.data(`{ post(id: "${draft.globalId}") { id } }`)
    expect((await find(little.api)).post).toBeNull()

    const staff = await supporter('users:read', 'users:read-contact', 'posts:moderate')
    const more = await actAs(staff, person)
    expect((await more.api.data('{ viewer { email locale } }')).viewer).toEqual({
      email: person.email,
      locale: 'en',
    })
    expect((await find(more.api)).post).toEqual({ id: draft.globalId })
    const { accessLog } = (
      await person.api.data('{ viewer { accessLog { edges { node { reader { id } fields } } } } }')
    ).viewer
    expect(accessLog.edges.map(({ node }: { node: object }) => node)).toContainEqual({
      reader: { id: staff.globalId },
      fields: ['email', 'locale'],
    })
  })

  test('changes nothing, unless their permission says so, and then both stand on the trail', async () => {
    const person = await world.person()
    const change = 'mutation { updateProfile(input: { bio: "Written by staff" }) { userErrors { code } } }'
    const { api } = await actAs(await supporter(), person)
    expect(await codesOf(api, change)).toEqual(['FORBIDDEN'])
    const writer = await supporter('users:impersonate-write')
    const writing = await actAs(writer, person)
    expect(await codesOf(writing.api, change)).toEqual([])
    const { auditEvents } = (
      await person.api.data(
        `{ viewer { bio auditEvents(filter: { actions: ["profile.updated"] }) { edges { node { actor { id } impersonator { id } } } } } }`,
      )
    ).viewer
    expect(auditEvents.edges.map(({ node }: { node: object }) => node)).toEqual([
      { actor: { id: person.globalId }, impersonator: { id: writer.globalId } },
    ])
  })

  test('is where they are to themselves and to auditors alone, not to the person', async () => {
    const person = await world.person()
    const writer = await supporter('users:impersonate-write')
    const { api } = await actAs(writer, person)
    await api.data('mutation { updateProfile(input: { bio: "Written by staff" }) { userErrors { code } } }')
    const ADDRESS = `{ viewer { auditEvents(filter: { actions: ["profile.updated"] }) { edges { node { address } } } } }`
    const asPerson = await person.api.send(ADDRESS)
    expect(asPerson.data.viewer.auditEvents.edges).toEqual([{ node: { address: null } }])
    expect(asPerson.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const asStaff = (await writer.api.data(ADDRESS)).viewer.auditEvents.edges
    expect(asStaff).toEqual([{ node: { address: expect.stringMatching(/127\.0\.0\.1|::1/) } }])
  })

  test('keeps the cookie of their own session, when it begins and when it stops', async () => {
    const [staff, person] = [await supporter(), await world.person()]
    const cookie = `__Host-portico=${staff.token}`
    const inBrowser = (token?: string) =>
      new ApiClient(world.url, token, { cookie, origin: 'http://localhost:4000' })
    const input = { userId: person.globalId, reason: REASON }
    const started = await inBrowser().send(START, { input })
    const { token } = started.data.startImpersonation
    const acting = inBrowser(token)
    expect((await acting.data('{ viewer { id } }')).viewer.id).toBe(person.globalId)
    const stopped = await acting.send('mutation { stopImpersonation { userErrors { code } } }')
    expect([started, stopped].map(({ headers }) => headers.get('set-cookie'))).toEqual([null, null])
    expect((await inBrowser().data('{ viewer { id } }')).viewer.id).toBe(staff.globalId)
  })

  test.each([
    'changePassword(input: { currentPassword: "a", newPassword: "b" })',
    'changeEmail(input: { email: "a@example.com" })',
    'startTotp',
    'revokeOtherSessions',
    'createAccessToken(input: { name: "a", scopes: [] })',
    'issueServiceToken(input: { audience: "https://orders.example" })',
    'signOut',
    'rotateSession',
    'reauthenticate(input: { method: PASSWORD, password: "a" })',
    'startImpersonation(input: { userId: "user_00000000000000000000000000", reason: "a" })',
  ])('never touches how the person signs in, whatever they may: %s', async (field) => {
    const writer = await supporter('users:impersonate-write')
    const { api } = await actAs(writer, await world.person())
    expect(await codesOf(api, `mutation { ${field} { userErrors { code } } }`)).toEqual(['FORBIDDEN'])
  })

  test('cannot disown an event in the name of the person, nor listen to their sessions', async () => {
    const person = await world.person()
    const writer = await supporter('users:impersonate-write', 'security:read')
    const { api } = await actAs(writer, person)
    const { events } = (
      await person.api.data('{ viewer { security { events(first: 1) { edges { node { id } } } } } }')
    ).viewer.security
    const disown = `mutation { disownSecurityEvent(input: { eventId: "${events.edges[0].node.id}" }) { userErrors { code } } }`
    expect(await codesOf(api, disown)).toEqual(['FORBIDDEN'])
    expect((await person.api.data('{ viewer { id } }')).viewer.id).toBe(person.globalId)
  })

  test('may as the person no more than as themselves', async () => {
    const manager = await world.person({ permissions: ['users:read', 'roles:read'] })
    const staff = await world.person({
      permissions: ['users:impersonate', 'users:read', 'roles:read', 'audit:read'],
    })
    const { api } = await actAs(staff, manager)
    expect((await api.data('{ viewer { permissions } users(first: 1) { totalCount } }')).viewer).toEqual({
      permissions: ['roles:read', 'users:read'],
    })
    expect(await codesOf(api, '{ auditEvents { totalCount } }')).toEqual(['FORBIDDEN'])
  })

  test('stops when they say so, and after half an hour at the latest', async () => {
    const [staff, person] = [await supporter(), await world.person()]
    const first = await actAs(staff, person)
    expect(Date.parse(first.session.expiresAt) - Date.parse(first.session.createdAt)).toBe(30 * MINUTE)
    const stop = 'mutation { stopImpersonation { userErrors { code } } }'
    expect(await codesOf(first.api, stop)).toEqual([])
    expect((await first.api.data('{ viewer { id } }')).viewer).toBeNull()
    expect(await codesOf(staff.api, stop)).toEqual(['FORBIDDEN'])

    const second = await actAs(staff, person)
    world.clock.advance(30 * MINUTE)
    expect((await second.api.data('{ viewer { id } }')).viewer).toBeNull()
  })

  test('stops at once when they lose the permission, are suspended, or the person ends the session', async () => {
    const person = await world.person()
    const admin = await world.person({ role: 'admin' })
    const isOver = async ({ api }: { api: ApiClient }) =>
      (await api.data('{ viewer { id } }')).viewer === null

    const demoted = await supporter()
    const one = await actAs(demoted, person)
    const [{ role }] = (
      await admin.api.data(`{ user(id: "${demoted.globalId}") { roleGrants { role { id isBuiltIn } } } }`)
    ).user.roleGrants.filter((grant: { role: { isBuiltIn: boolean } }) => !grant.role.isBuiltIn)
    expect(await isOver(one)).toBe(false)
    await admin.api.data(
      `mutation { revokeRole(input: { userId: "${demoted.globalId}", roleId: "${role.id}" }) { userErrors { code } } }`,
    )
    expect(await isOver(one)).toBe(true)

    const suspended = await supporter()
    const two = await actAs(suspended, person)
    expect(await isOver(two)).toBe(false)
    await world.suspend(suspended)
    expect(await isOver(two)).toBe(true)

    const staff = await supporter()
    const three = await actAs(staff, person)
    const { sessions } = (
      await person.api.data(
        '{ viewer { sessions { edges { node { id deviceName address impersonator { id } } } } } }',
      )
    ).viewer
    expect(sessions.edges[0].node).toEqual({
      id: three.session.id,
      deviceName: `Staff: ${staff.username}`,
      address: null,
      impersonator: { id: staff.globalId },
    })
    await person.api.data(
      `mutation { revokeSession(input: { sessionId: "${three.session.id}" }) { userErrors { code } } }`,
    )
    expect(await isOver(three)).toBe(true)
  })

  test('leaves no trace of having been there in what is said of the person', async () => {
    const [staff, person] = [await supporter(), await world.person()]
    const facts = async () =>
      (await person.api.data('{ viewer { lastSeenAt lastSignInAt } }')).viewer as object
    const before = await facts()
    await actAs(staff, person)
    expect(await facts()).toEqual(before)
  })
})

describe('an Idempotency-Key', () => {
  const UPDATE =
    'mutation { updateProfile(input: { bio: "Once." }) { user { id email } userErrors { code } } }'
  const CREATE = `mutation { createPost(input: { title: "Once", body: "Body" }) { post { id } userErrors { code } } }`
  const writer = () => supporter('users:impersonate-write')

  test('of the person is another one to whoever acts as them: what they were answered is shown to nobody else', async () => {
    const [staff, person] = [await writer(), await world.person()]
    const acting = await actAs(staff, person)
    const key = { 'idempotency-key': unique('key-of-the-person-') }
    const own = await person.api.with(key).send(UPDATE)
    expect(own.data.updateProfile.user).toEqual({ id: person.globalId, email: person.email })
    const as = await acting.api.with(key).send(UPDATE)
    expect(as.data.updateProfile.user).toEqual({ id: person.globalId, email: null })
    expect((await person.api.with(key).send(UPDATE)).data).toEqual(own.data)
  })

  test('of whoever acts as somebody is answered alike as them alone, and not as another or as themselves', async () => {
    const [staff, one, other] = [await writer(), await world.person(), await world.person()]
    const [asOne, asOther] = [await actAs(staff, one), await actAs(staff, other)]
    const key = { 'idempotency-key': unique('key-of-the-staff-') }
    const made = async (api: ApiClient): Promise<string> =>
      (await api.with(key).data(CREATE)).createPost.post.id
    const posts = [await made(asOne.api), await made(asOther.api), await made(staff.api), await made(one.api)]
    expect(new Set(posts).size).toBe(4)
    expect(await made(asOne.api)).toBe(posts[0])
  })
})

describe('nobody acts as', () => {
  test('somebody above them, an equal, themselves, somebody suspended or nobody', async () => {
    const staff = await supporter('users:read')
    const above = await world.person({ role: 'manager' })
    const equal = await supporter('users:read')
    const suspended = await world.person()
    await world.suspend(suspended)
    expect(await attempt(staff, above)).toEqual(['NOT_PERMITTED'])
    expect(await attempt(staff, equal)).toEqual(['NOT_PERMITTED'])
    expect(await attempt(staff, staff)).toEqual(['NOT_PERMITTED'])
    expect(await attempt(staff, suspended)).toEqual(['NOT_FOUND'])
    expect(await attempt(staff, { globalId: toGlobalId('user', staff.sessionId) } as Person)).toEqual([
      'NOT_FOUND',
    ])
    expect(await attempt(staff, await world.person(), ' ')).toEqual(['REQUIRED'])
    const [one, other] = [await world.person({ role: 'admin' }), await world.person({ role: 'admin' })]
    expect(await attempt(one, other)).toEqual(['NOT_PERMITTED'])
    expect(await attempt(one, staff)).toEqual([])
  })

  test('anybody without the permission, or outside the group over which they hold it', async () => {
    const [member, stranger] = [await world.person(), await world.person()]
    const staff = await world.person({ permissions: ['users:impersonate'], over: await world.group(member) })
    expect(await attempt(staff, member)).toEqual([])
    expect(await attempt(staff, stranger)).toEqual(['FORBIDDEN'])
    expect(await attempt(await world.person({ role: 'manager' }), member)).toEqual(['FORBIDDEN'])
  })
})

test('the person is told by whom and why, by mail in their language and in the security inbox', async () => {
  const [staff, person] = [await supporter(), await world.person()]
  await person.api.data('mutation { updateProfile(input: { locale: "de" }) { userErrors { code } } }')
  await actAs(staff, person)
  const [mail] = world.portico.mailbox!.read(person.email)
  expect(mail!.subject).toBe('Jemand, der sich um Konten kümmert, hat deines angesehen')
  expect(mail!.text).toContain(staff.username)
  expect(mail!.text).toContain(REASON)
  const { events } = (
    await person.api.data(
      '{ viewer { security { events(first: 1) { edges { node { action message } } } } } }',
    )
  ).viewer.security
  expect(events.edges[0].node).toEqual({
    action: 'impersonation.started',
    message: expect.stringContaining('an Stelle dieser Person'),
  })
})

test('the trail of somebody of the staff holds what they did as others', async () => {
  const [staff, person] = [await supporter('users:impersonate-write'), await world.person()]
  const { api } = await actAs(staff, person)
  await api.data(
    `mutation { createPost(input: { title: "${unique('Post ')}", body: "b" }) { userErrors { code } } }`,
  )
  await api.data('mutation { stopImpersonation { userErrors { code } } }')
  const { auditEvents } = (
    await staff.api.data('{ viewer { auditEvents(first: 10) { edges { node { action actor { id } } } } } }')
  ).viewer
  const actions = auditEvents.edges.map(({ node }: { node: { action: string } }) => node.action)
  expect(actions).toEqual(
    expect.arrayContaining(['impersonation.started', 'post.created', 'impersonation.ended', 'session.ended']),
  )
})
