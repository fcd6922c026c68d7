import { later, RECOVERY_WINDOW } from '../../src/core/clock'
import { permissions } from '../../src/graphql/permissions'
import { freshly, isInSession } from '../../src/graphql/rules'
import { declareSchema } from '../../src/graphql/schema'
import { UserService } from '../../src/modules/user/user.service'
import { codes } from '../support/account'
import { useWorld } from '../support/world'
import { stage, type Scene } from './stage'

const world = useWorld()
const { inputs } = stage(world)

const PASSWORD = 'a rather long sentence of mine'

/** What changes how somebody signs in, or is reached, and brings its own fresh proof. */
const WITH_OWN_PROOF = ['changePassword', 'confirmEmail', 'confirmPhone']

/** What asks for a fresh proof, and changes nothing about how somebody signs in: their rights go on while it is frozen. */
const RIGHTS: readonly string[] = ['requestRectification', 'restrictProcessing', 'liftRestriction']

const mutations = declareSchema().getMutationType()!.getFields()
const rules = permissions['Mutation'] as Record<string, unknown>

const credentialChanges = [
  ...Object.keys(mutations).filter((name) => rules[name] === freshly(isInSession) && !RIGHTS.includes(name)),
  ...WITH_OWN_PROOF,
]

test('the policy says what changes credentials', () => {
  expect(credentialChanges.length).toBeGreaterThan(8)
})

test.each(credentialChanges)(
  'while credentials are frozen, %s is refused, and says until when',
  async (name) => {
    const person = await world.person({ password: PASSWORD })
    const input = await inputs[name]!({ subject: person, self: person } as unknown as Scene, 'self')
    const type = mutations[name]!.args[0]?.type
    const document = type
      ? `mutation ($input: ${type}) { ${name}(input: $input) { userErrors { code message } } }`
      : `mutation { ${name} { userErrors { code message } } }`
    const send = async () => (await person.api.data(document, { input }))[name]

    const until = later(world.clock.now(), RECOVERY_WINDOW)
    await new UserService(world.db).freezeCredentials(person.id, until)
    const refused = await send()
    expect(codes(refused)).toEqual(['FROZEN'])
    expect(refused.userErrors[0].message).toContain(until.toISOString().slice(0, 10))

    // It was the freeze that refused it, and nothing else.
    await new UserService(world.db).thawCredentials(person.id)
    expect(codes(await send())).toEqual([])
  },
)
