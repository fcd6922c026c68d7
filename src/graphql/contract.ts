import { GraphQLEnumType, GraphQLSchema } from 'graphql'
import { ERROR_CODES } from '../core/error'

const SCHEMA = [
  'The API of Portico: the user data of an application, guarded field by field.',
  'What the user can put right is answered as `userErrors`; all else is in `errors`, where `extensions.code` is an `ErrorCode`.',
].join('\n')

const ROOTS: Record<string, string> = {
  Query: 'What can be read. A field that the viewer may not see is null, with an error of its own.',
  Mutation: 'What can be done: each takes one `input` and answers a payload with `userErrors`.',
  Subscription: 'What can be listened to, over the protocol graphql-transport-ws on the same path.',
}

/** The schema with what no module declares: the codes of `errors`, and words for it and its root types. */
export function completeContract(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, description] of Object.entries(ROOTS)) schema.getType(name)!.description = description
  const { types, ...config } = schema.toConfig()
  return new GraphQLSchema({ ...config, description: SCHEMA, types: [...types, errorCode()] })
}

const errorCode = () =>
  new GraphQLEnumType({
    name: 'ErrorCode',
    description:
      'What `errors[].extensions.code` says. Append-only: new codes may come, none changes its meaning.',
    values: Object.fromEntries(
      Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }]),
    ),
  })
