import type { GraphQLObjectType } from 'graphql'
import { buildSchema as schemaFrom, graphql, type GraphQLSchema } from 'graphql'
import { applyMiddleware } from 'graphql-middleware'
import { allow, and, chain, deny, or, rule, shield } from 'graphql-shield'
import { Context } from '../../src/context/context'
import { expand, guard, type Policy } from '../../src/graphql/guard'
import { declareSchema } from '../../src/graphql/schema'
import { permissions } from '../../src/graphql/permissions'
import { anonymous } from '../../src/core/viewer'

/*
 * graphql-shield 7.6.5 does surprising things. Each test shows what shield does by itself, where it can, and that the
 * guard around it does what the policy says.
 */

const contextOf = () =>
  new Context({ caller: { viewer: anonymous, requestId: null, address: null } } as never, {} as never, {
    idempotencyKey: null,
  })

const SDL = `
  type Query { open: Thing closed: String failing: String }
  type Thing { shown: String hidden: String }
`
const resolvers: Record<string, Record<string, () => unknown>> = {
  Query: {
    open: () => ({ shown: 'shown', hidden: 'secret' }),
    closed: () => 'secret',
    failing: () => {
      throw new Error('The resolver broke.')
    },
  },
}

function bare(): GraphQLSchema {
  const schema = schemaFrom(SDL)
  for (const [type, fields] of Object.entries(resolvers)) {
    for (const [field, resolve] of Object.entries(fields))
      (schema.getType(type) as GraphQLObjectType).getFields()[field]!.resolve = resolve
  }
  return schema
}

const ask = async (schema: GraphQLSchema, source: string) => {
  const { data, errors } = await graphql({ schema, source, contextValue: contextOf() })
  return {
    data: data && (JSON.parse(JSON.stringify(data)) as unknown),
    errors: errors?.map((error) => error.message),
  }
}

const REFUSED = 'Sign in to see this.'
const complete: Policy = {
  Query: { open: allow, closed: deny, failing: allow },
  Thing: { shown: allow, hidden: deny },
}

describe('the traps of graphql-shield', () => {
  test('its default is to allow; ours is to refuse to start', async () => {
    const forgetful = { Query: { closed: deny } }
    const byItself = applyMiddleware(bare(), shield(forgetful))
    expect(await ask(byItself, '{ open { hidden } }')).toEqual({
      data: { open: { hidden: 'secret' } },
      errors: undefined,
    })
    expect(() => guard(bare(), forgetful)).toThrow(
      'The policy does not say who may see Query.open, Query.failing, Thing.shown, Thing.hidden. Add a rule for each in src/graphql/permissions.ts',
    )
  })

  test("a field's own rule replaces the '*' of its type; our policy has no '*' within a type", async () => {
    const byItself = applyMiddleware(bare(), shield({ Query: allow, Thing: { '*': deny, shown: allow } }))
    expect((await ask(byItself, '{ open { shown } }')).data).toEqual({ open: { shown: 'shown' } })
    expect(() => expand(bare(), { ...complete, Thing: { '*': deny, shown: allow } })).toThrow(/Thing\.hidden/)
    expect(Object.values(permissions).some((entry) => Object.keys(entry).includes('*'))).toBe(false)
  })

  test("its caches are keyed by the rule's name, not the field; none of our rules is cached", () => {
    const cached: string[] = []
    const visit = (entry: object) => {
      const { cache, name, rules } = entry as { cache?: string; name?: string; rules?: object[] }
      if (cache !== undefined && cache !== 'no_cache') cached.push(String(name))
      rules?.forEach(visit)
    }
    const leaves = Object.values(expand(declareSchema(), permissions)).flatMap((fields) =>
      Object.values(fields),
    )
    // `allow` and `deny` ask nothing, so shield's cache of them holds nothing.
    leaves.filter((leaf) => leaf !== allow && leaf !== deny).forEach(visit)
    expect(cached).toEqual([])
  })

  test('it takes the errors of resolvers for refusals; ours come through', async () => {
    const byItself = applyMiddleware(bare(), shield({ Query: { failing: rule()(() => true) } }))
    expect((await ask(byItself, '{ failing }')).errors).toEqual(['Not Authorised!'])
    const always = rule({ cache: 'no_cache' })(() => Promise.resolve(true))
    expect(
      (
        await ask(
          guard(bare(), { ...complete, Query: { ...complete.Query, failing: always } }),
          '{ failing }',
        )
      ).errors,
    ).toEqual(['The resolver broke.'])
  })

  test('its `chain` and `race` need a function that newer Node versions no longer have; the policy does without them', () => {
    const kinds = new Set<string>()
    const visit = (entry: object) => {
      kinds.add(entry.constructor.name)
      ;(entry as { rules?: object[] }).rules?.forEach(visit)
    }
    Object.values(expand(declareSchema(), permissions)).forEach((fields) =>
      Object.values(fields).forEach(visit),
    )
    expect([...kinds].sort()).toEqual(['Rule', 'RuleAnd', 'RuleOr', 'RuleTrue'])
    expect(chain(allow).constructor.name).toBe('RuleChain')
  })

  test('through graphql-middleware it wraps every field; ours leaves alone what everybody may see', () => {
    const schema = bare()
    guard(schema, complete, { openWithoutConsent: { Query: ['open'] } })
    const { open, closed } = schema.getQueryType()!.getFields()
    expect(open!.resolve).toBe(resolvers.Query!.open)
    expect(closed!.resolve).not.toBe(resolvers.Query!.closed)
  })

  test('a combined rule is generated in another form than a single one; both are applied', async () => {
    const no = rule('no', { cache: 'no_cache' })(() => false)
    const yes = rule('yes', { cache: 'no_cache' })(() => true)
    for (const refusing of [no, and(yes, no), or(no, no)]) {
      const schema = guard(bare(), { ...complete, Query: { open: allow, closed: refusing, failing: allow } })
      expect(await ask(schema, '{ closed }')).toEqual({ data: { closed: null }, errors: [REFUSED] })
    }
    for (const granting of [yes, and(yes, yes), or(no, yes)]) {
      const schema = guard(bare(), { ...complete, Query: { open: allow, closed: granting, failing: allow } })
      expect(await ask(schema, '{ closed }')).toEqual({ data: { closed: 'secret' }, errors: undefined })
    }
  })

  test('a rule that throws refuses', async () => {
    const broken = rule('broken', { cache: 'no_cache' })(() => Promise.reject(new Error('The rule broke.')))
    const schema = guard(bare(), { ...complete, Query: { open: allow, closed: broken, failing: allow } })
    expect(await ask(schema, '{ closed }')).toEqual({ data: { closed: null }, errors: [REFUSED] })
  })

  test('a refused field costs that field only', async () => {
    const schema = guard(bare(), complete)
    expect(await ask(schema, '{ open { shown hidden } }')).toEqual({
      data: { open: { shown: 'shown', hidden: null } },
      errors: [REFUSED],
    })
  })

  test('an entry that names no field is a mistake that is told', () => {
    expect(() => guard(bare(), { ...complete, Thing: { shown: allow, hidden: deny, gone: allow } })).toThrow(
      /has rules for Thing\.gone/,
    )
  })
})
