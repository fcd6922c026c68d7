import { idOf } from '../../src/core/id'
import { MailService } from '../../src/modules/mail/mail.service'
import { PrivacyRequestKind } from '../../src/modules/privacy-request/privacy-request-kind'
import { UserService } from '../../src/modules/user/user.service'
import { invited } from '../support/administration'
import { ApiClient } from '../support/api-client'
import { privacyRequestOf, restricted } from '../support/privacy'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const RESTRICT =
  'mutation ($input: RestrictProcessingInput!) { restrictProcessing(input: $input) { user { id restrictedAt } userErrors { code } } }'
const LIFT =
  'mutation ($input: LiftRestrictionInput!) { liftRestriction(input: $input) { user { id restrictedAt } userErrors { code } } }'

const find = async (by: Pick<Person, 'api'>, { globalId }: { globalId: string }) =>
  (await by.api.data(`{ user(id: "${globalId}") { id } }`)).user
const officer = () => world.person({ permissions: ['privacy:manage', 'users:read'] })
const lastMailTo = ({ email }: { email: string }) => world.portico.mailbox!.read(email)[0]?.subject

test('R94 whoever restricts what is done with their data is gone for others at once, is there for themselves, and is back at once', async () => {
  const [person, other, manager] = [
    await world.person(),
    await world.person(),
    await world.person({ role: 'manager' }),
  ]
  await world.post({ author: person })
  const listed = async () =>
    (await manager.api.data(`{ users(filter: { search: "${person.username}" }) { totalCount } }`)).users
      .totalCount
  const posts = async (by: Person) =>
    (await by.api.data(`{ posts(filter: { authorId: "${person.globalId}" }) { totalCount } }`)).posts
      .totalCount
  expect([await listed(), await posts(other)]).toEqual([1, 1])

  const { restrictProcessing } = await person.api.data(RESTRICT, { input: { message: 'You use too much.' } })
  expect(restrictProcessing).toEqual({
    user: { id: person.globalId, restrictedAt: expect.any(String) },
    userErrors: [],
  })
  expect([await listed(), await posts(other), await find(other, person)]).toEqual([0, 0, null])
  expect([await posts(person), await find(person, person)]).toEqual([1, { id: person.globalId }])
  expect(await find(await officer(), person)).toEqual({ id: person.globalId })
  const { viewer } = await person.api.data(
    '{ viewer { privacyRequests { edges { node { kind status message } } } } }',
  )
  expect(viewer.privacyRequests.edges).toEqual([
    { node: { kind: 'RESTRICTION', status: 'DONE', message: 'You use too much.' } },
  ])

  const { liftRestriction } = await person.api.data(LIFT, { input: {} })
  expect(liftRestriction.user).toEqual({ id: person.globalId, restrictedAt: null })
  expect(lastMailTo(person)).toBe('Your data is used again')
  expect([await listed(), await posts(other), await find(other, person)]).toEqual([
    1,
    1,
    { id: person.globalId },
  ])
})

test('staff restrict and lift for a request that they handle, of people whom they reach', async () => {
  const [person, staff, other] = [await world.person(), await officer(), await world.person()]
  const open = await privacyRequestOf(world, person, PrivacyRequestKind.RESTRICTION)
  const input = { privacyRequestId: open }
  expect(await other.api.data(RESTRICT, { input }).catch(String)).toContain('NOT_FOUND')
  const nowhere = await world.person({ permissions: ['privacy:manage'], over: await world.group() })
  expect(await nowhere.api.data(RESTRICT, { input }).catch(String)).toContain('NOT_FOUND')
  const { restrictProcessing } = await staff.api.data(RESTRICT, { input })
  expect(restrictProcessing.user).toEqual({ id: person.globalId, restrictedAt: expect.any(String) })
  expect(await find(other, person)).toBeNull()
  const [request] = await world.db.query('SELECT status FROM privacy_requests WHERE id = $1', [
    idOf('privacy_request', open),
  ])
  expect(request).toEqual({ status: 'done' })
  await staff.api.data(LIFT, { input })
  expect(await find(other, person)).toEqual({ id: person.globalId })

  // While something is disputed, without answering that.
  const disputed = await privacyRequestOf(world, person)
  await staff.api.data(RESTRICT, { input: { privacyRequestId: disputed } })
  expect(await find(other, person)).toBeNull()
  expect(lastMailTo(person)).toBe('Your data is kept, and not used')
})

test('a restricted person is written to about the safety of their account and their rights, and nothing else', async () => {
  const person = await world.person()
  await restricted(world, person)
  const send = (work: (mails: MailService) => Promise<void>) =>
    world.db.transaction((tx) => work(new MailService(tx)))
  await send((mails) =>
    mails.send(person.id, 'invitation', { link: 'https://x.example', days: 7, username: 'x' }),
  )
  expect(lastMailTo(person)).toBeUndefined()
  await send((mails) => mails.send(person.id, 'passwordBreached'))
  expect(lastMailTo(person)).toBeDefined()
})

test('nobody acts on a restricted person by name but to protect others', async () => {
  const [person, staff] = [
    await world.person(),
    await world.person({
      permissions: [
        'notes:write',
        'users:edit',
        'users:suspend',
        'users:impersonate',
        'groups:write',
        'users:read',
      ],
    }),
  ]
  await restricted(world, person)
  const asks = [
    `addStaffNote(input: { userId: "${person.globalId}", body: "A note." }) { userErrors { code } }`,
    `updateUser(input: { userId: "${person.globalId}", bio: "A bio." }) { userErrors { code } }`,
    `startImpersonation(input: { userId: "${person.globalId}", reason: "A look." }) { userErrors { code } }`,
  ]
  for (const ask of asks) {
    const data = await staff.api.data(`mutation { ${ask} }`)
    expect(data).toEqual({ [ask.split('(')[0]!]: { userErrors: [{ code: 'NOT_FOUND' }] } })
  }
  await staff.api.data(
    `mutation { suspendUser(input: { userId: "${person.globalId}", reason: "Threats." }) { userErrors { code } } }`,
  )
  const suspended = (await new UserService(world.db).suspensions([person.id])).get(person.id)
  expect(suspended).toMatchObject({ reason: 'Threats.' })
})

test('somebody who comes in restricted, and changes so, is in no list either', async () => {
  const person = await invited(world)
  await restricted(world, person)
  await world.db.query("UPDATE users SET display_name = 'Somebody Else' WHERE id = $1", [person.id])
  expect(await world.db.query('SELECT FROM user_search WHERE id = $1', [person.id])).toEqual([])
  await new UserService(world.db).liftRestriction(person.id)
  expect(await world.db.query('SELECT search_text FROM user_search WHERE id = $1', [person.id])).toEqual([
    { search_text: expect.stringContaining('somebody else') },
  ])
})

test('whoever acts as somebody is out when that person restricts what is done with their data', async () => {
  const [person, support] = [
    await world.person(),
    await world.person({ permissions: ['users:impersonate', 'users:read'] }),
  ]
  const { startImpersonation } = await support.api.data(
    `mutation { startImpersonation(input: { userId: "${person.globalId}", reason: "A look." }) { token } }`,
  )
  const acting = new ApiClient(world.url, startImpersonation.token)
  expect((await acting.data('{ viewer { id } }')).viewer).toEqual({ id: person.globalId })
  await person.api.data(RESTRICT, { input: {} })
  expect((await acting.data('{ viewer { id } }')).viewer).toBeNull()
  expect((await person.api.data('{ viewer { id } }')).viewer).toEqual({ id: person.globalId })
})
