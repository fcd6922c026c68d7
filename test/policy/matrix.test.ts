import { readFileSync } from 'node:fs'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { useWorld } from '../support/world'
import { MUTATIONS, QUERIES, READERS, readersOf, SUBSCRIPTIONS, TYPES, WRAPPERS } from './expectations'
import { permissionsDocument } from './permissions-document'
import { at, fieldsOf, objectTypes, queries, refusalOf, selectAll, stage, type Scene } from './stage'

const world = useWorld()
const { makeScene, as, onOwnSession, anotherSession, reach, inputs } = stage(world)

describe('R52 every field has an expectation', () => {
  test('every type of the schema, and every field of it', () => {
    const missing = objectTypes
      .filter((type) => !WRAPPERS.test(type.name))
      .flatMap((type) => {
        const expected =
          type.name === 'Query'
            ? QUERIES
            : type.name === 'Mutation'
              ? MUTATIONS
              : type.name === 'Subscription'
                ? SUBSCRIPTIONS
                : (TYPES[type.name]?.fields ?? {})
        return fieldsOf(type.name)
          .filter((field) => !(field in expected))
          .map((field) => `${type.name}.${field}`)
      })
    expect(missing).toEqual([])
    // A failure here asks for a line in test/policy/expectations.ts: who may see the new field?
  })

  test('nothing is expected of fields that do not exist', () => {
    const known = new Set(
      objectTypes.flatMap((type) => fieldsOf(type.name).map((field) => `${type.name}.${field}`)),
    )
    const stated = [
      ...Object.entries(TYPES).flatMap(([type, { fields }]) =>
        Object.keys(fields).map((field) => `${type}.${field}`),
      ),
      ...Object.keys(QUERIES).map((field) => `Query.${field}`),
      ...Object.keys(MUTATIONS).map((field) => `Mutation.${field}`),
      ...Object.keys(SUBSCRIPTIONS).map((field) => `Subscription.${field}`),
    ]
    expect(stated.filter((field) => !known.has(field))).toEqual([])
  })
})

describe('R55 fields are readable exactly as declared', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))

  for (const type of Object.keys(TYPES).filter((name) => name !== 'SessionChange')) {
    test.each(READERS)(`${type} as %s`, async (reader) => {
      const api = await as(reader, scene)
      const { query, variables, path } = reach[type]!(scene)
      const { data, errors = [] } = await api.send(query, variables)
      const row = at(data, path)
      if (!TYPES[type]!.rows.includes(reader)) {
        expect(row ?? null).toBeNull()
        return
      }
      expect(row).not.toBeNull()
      const refused = new Map(errors.map((error) => [error.path!.at(-1), error.extensions.code]))
      for (const field of fieldsOf(type)) {
        const expected = readersOf(type, field).includes(reader) ? undefined : refusalOf(reader)
        expect({ field, refused: refused.get(field) }).toEqual({ field, refused: expected })
        if (expected !== undefined) expect((row as Record<string, unknown>)[field]).toBeNull()
      }
    })
  }
})

describe('R53 queries are open exactly as declared', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))

  test.each(Object.keys(QUERIES).flatMap((field) => READERS.map((reader) => [field, reader] as const)))(
    '%s as %s',
    async (field, reader) => {
      const api = await as(reader, scene)
      const { data, errors = [] } = await api.send(queries[field]!(scene))
      const expected = QUERIES[field]!.includes(reader) ? [] : [refusalOf(reader)]
      expect(errors.map((error) => error.extensions.code)).toEqual(expected)
      if (expected.length > 0) expect(data).toEqual({ [field]: null })
    },
  )
})

describe('R54 mutations act exactly for whom they may', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))

  test.each(Object.keys(MUTATIONS).flatMap((field) => READERS.map((reader) => [field, reader] as const)))(
    '%s as %s',
    async (field, reader) => {
      await as('self', scene)
      const input = await inputs[field]!(scene, reader)
      const api = await onOwnSession(reader, scene)
      const inputType = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
      const { data, errors = [] } = input
        ? await api.send(
            `mutation ($input: ${inputType}!) { ${field}(input: $input) { userErrors { code } } }`,
            { input },
          )
        : await api.send(`mutation { ${field} { userErrors { code } } }`)
      const outcome = [
        ...errors.map((error) => error.extensions.code),
        ...((data?.[field]?.userErrors ?? []) as { code: string }[]).map((problem) => problem.code),
      ]
      const { may, otherwise = 'FORBIDDEN', forPrograms = false } = MUTATIONS[field]!
      const isForeign =
        refusalOf(reader) === 'UNAUTHENTICATED' ||
        reader === 'impersonator' ||
        (reader === 'program' && !forPrograms)
      const refusal = isForeign ? refusalOf(reader) : otherwise
      expect(outcome).toEqual(may.includes(reader) ? [] : [refusal])
    },
  )
})

describe('subscriptions are open exactly as declared', () => {
  let scene: Scene
  beforeAll(async () => (scene = await makeScene()))

  test.each(READERS)('viewerSessionsChanged as %s', async (reader) => {
    await as(reader, scene)
    const token = reader === 'anonymous' ? undefined : scene[reader].token
    const client = createClient({
      url: world.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: token ? { authorization: `Bearer ${token}` } : {},
      retryAttempts: 0,
    })
    const events = client.iterate<{
      viewerSessionsChanged: { kind: string; session: { id: string } } | null
    }>({
      query: `subscription { viewerSessionsChanged { ${selectAll('SessionChange')} } }`,
    })
    const first = events.next()
    try {
      if (SUBSCRIPTIONS.viewerSessionsChanged!.includes(reader)) {
        const person = scene[reader as 'self']
        const listener = setInterval(() => void anotherSession(person), 100)
        try {
          const { value } = await first
          expect(value.errors).toBeUndefined()
          expect(value.data.viewerSessionsChanged).toMatchObject({
            kind: 'STARTED',
            session: { id: expect.any(String) },
          })
        } finally {
          clearInterval(listener)
        }
      } else {
        expect((await first).value.errors).toMatchObject([{ extensions: { code: refusalOf(reader) } }])
      }
    } finally {
      await events.return?.(undefined)
      await client.dispose()
    }
  })
})

test('schema/permissions.md says what the API does', () => {
  // `npm run update` prints it anew.
  expect(readFileSync('schema/permissions.md', 'utf8')).toBe(permissionsDocument())
})
