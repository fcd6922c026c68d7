import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLSchema,
} from 'graphql'
import { MINUTE, SECOND } from '../core/clock'
import { ERROR_CODES } from '../core/error'
import type { Policy, ShieldRule } from './guard'
import { FRESHNESS } from '../modules/authentication/step-up'
import { demandsStepUp } from './rules'

const SCHEMA = [
  'The API of Portico: the user data of an application, guarded field by field.',
  'What the user can put right is answered as `userErrors`; all else is in `errors`, where `extensions.code` is an `ErrorCode`.',
].join('\n')

const ROOTS: Record<string, string> = {
  Query: 'What can be read. A field that the viewer may not see is null, with an error of its own.',
  Mutation: 'What can be done: each takes one `input` and answers a payload with `userErrors`.',
  Subscription: 'What can be listened to, over the protocol graphql-transport-ws on the same path.',
}

/**
 * The schema with what no module declares: the codes of `errors`, words for it and its root types, and where the policy
 * demands a fresh proof of identity.
 */
export function completeContract(schema: GraphQLSchema, policy: Policy): GraphQLSchema {
  for (const [name, description] of Object.entries(ROOTS)) schema.getType(name)!.description = description
  const { types, directives, ...config } = schema.toConfig()
  const complete = new GraphQLSchema({
    ...config,
    description: SCHEMA,
    types: [...types, errorCode()],
    directives: [...directives, stepUp],
  })
  for (const field of Object.values(complete.getMutationType()!.getFields())) {
    const rule = (policy.Mutation as Record<string, ShieldRule> | undefined)?.[field.name]
    if (!rule || !demandsStepUp(rule)) continue
    field.description += ` Asks for a proof of identity from the last ${FRESHNESS / MINUTE} minutes.`
    field.extensions = { ...field.extensions, stepUp: true }
  }
  return complete
}

/** How fresh the proof has to be, in seconds, as the directive says it. */
export const STEP_UP_WITHIN = FRESHNESS / SECOND

/** Marks what asks for a fresh proof of identity, so that clients can ask for it before they are refused. */
const stepUp = new GraphQLDirective({
  name: 'stepUp',
  description:
    'Needs a proof of identity (a sign-in, or `reauthenticate`) of the last `within` seconds, or is refused with `REAUTHENTICATION_REQUIRED`, whose `methods` say what serves as one.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    within: { type: new GraphQLNonNull(GraphQLInt), description: 'The age of the proof, in seconds.' },
  },
})

const errorCode = () =>
  new GraphQLEnumType({
    name: 'ErrorCode',
    description:
      'What `errors[].extensions.code` says. Append-only: new codes may come, none changes its meaning.',
    values: Object.fromEntries(
      Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }]),
    ),
  })
