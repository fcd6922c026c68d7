import { SIGN_IN } from '../support/account'
import { ApiClient } from '../support/api-client'
import { useWorld, type Person } from '../support/world'

const world = useWorld()
const PASSWORD = 'harbour lantern at dusk'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'

async function signedIn(person: Person): Promise<ApiClient> {
  const { signIn } = await world.anonymous
    .with({ 'user-agent': FIREFOX })
    .data(SIGN_IN, { input: { login: person.username, password: PASSWORD } })
  return new ApiClient(world.url, signIn.token)
}

const summaries = async (api: ApiClient, of: string, filter: string): Promise<string[]> => {
  const answer = await api.data(
    `{ ${of} auditEvents(${filter}) { edges { node { summary } } } ${of ? '}' : ''} }`,
  )
  return (answer.viewer ?? answer).auditEvents.edges.map(
    ({ node }: { node: { summary: string } }) => node.summary,
  )
}

test('people read what happened to them in words of their language', async () => {
  const person = await world.person({ password: PASSWORD })
  const api = await signedIn(person)
  const filter = 'filter: { actions: ["session.started"] }, first: 1'
  expect(await summaries(api, 'viewer {', filter)).toEqual(['Signed in from Firefox on Linux.'])
  await api.data('mutation { updateProfile(input: { locale: "de" }) { userErrors { code } } }')
  expect(await summaries(api, 'viewer {', filter)).toEqual(['Angemeldet von Firefox on Linux.'])
  const asked = await api.data(
    `{ viewer { auditEvents(${filter}) { edges { node { summary(locale: "en-GB") } } } } }`,
  )
  expect(asked.viewer.auditEvents.edges[0].node.summary).toBe('Signed in from Firefox on Linux.')
})

test('staff read in theirs what happened to others, without what nobody can read any more', async () => {
  const [admin, person] = [await world.person({ role: 'admin' }), await world.person()]
  await admin.api.data(
    'mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { userErrors { code } } }',
    { input: { userId: person.globalId, reason: 'Sent spam' } },
  )
  await world.reinstate(person)
  const filter = `filter: { subjectId: "${person.globalId}", actions: ["account.suspended"] }`
  expect(await summaries(admin.api, '', filter)).toEqual([
    'Somebody who looks after accounts suspended the account: Sent spam.',
  ])
  await world.db.codec.destroyKey(person.id)
  expect(await summaries(admin.api, '', filter)).toEqual([
    'Somebody who looks after accounts suspended the account.',
  ])
})
