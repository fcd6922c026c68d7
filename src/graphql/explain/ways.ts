import {
  getNamedType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'

/** A field on the way to another one. */
export interface Step {
  type: GraphQLObjectType
  field: GraphQLField<unknown, unknown>
}

/** Fields of which each leads to the next. */
export type Way = readonly Step[]

export const nameOf = ({ type, field }: Step): string => `${type.name}.${field.name}`

export const rootsOf = (schema: GraphQLSchema): GraphQLObjectType[] =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type != null,
  )

/** The field that a name such as `User.email` means. */
export function findField(schema: GraphQLSchema, name: string): Step | null {
  const [typeName = '', fieldName = '', ...rest] = name.split('.')
  const type = schema.getType(typeName)
  if (rest.length > 0 || !isObjectType(type) || type.name.startsWith('__')) return null
  const fields = type.getFields()
  return Object.hasOwn(fields, fieldName) ? { type, field: fields[fieldName]! } : null
}

/** The shortest ways from any of these types to a field; none where no field leads there. */
export function shortestWays(from: readonly GraphQLObjectType[], to: Step): Way[] {
  const seen = new Set<GraphQLObjectType>()
  let reached: { type: GraphQLObjectType; way: Way }[] = from.map((type) => ({ type, way: [] }))
  while (reached.length > 0) {
    const there = reached.filter(({ type }) => type === to.type)
    if (there.length > 0) return there.map(({ way }) => [...way, to])
    for (const { type } of reached) seen.add(type)
    reached = reached.flatMap(({ type, way }) =>
      Object.values(type.getFields()).flatMap((field) => {
        const next = getNamedType(field.type)
        return isObjectType(next) && !seen.has(next) ? [{ type: next, way: [...way, { type, field }] }] : []
      }),
    )
  }
  return []
}
