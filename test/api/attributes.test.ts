import { Attribute } from '../../src/modules/attribute/attribute.entity'
import { exportedTables, subjectRows, type SubjectRow } from '../../src/modules/data-export/subject-rows'
import { avatarOf } from '../support/avatars'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const SET =
  'mutation ($input: SetAttributesInput!) { setAttributes(input: $input) { user { id attributes { key value version } } userErrors { code field message } } }'
const SHOW =
  'mutation ($input: SetProfileVisibilityInput!) { setProfileVisibility(input: $input) { user { profileVisibility { bio avatar lastSeen attributes { key audience } } version } userErrors { code field } } }'

const set = async (by: Person, attributes: object[], userId?: string) =>
  (await by.api.data(SET, { input: { attributes, ...(userId && { userId }) } })).setAttributes

const show = async (by: Person, input: object) => (await by.api.data(SHOW, { input })).setProfileVisibility

const ALL = { pronouns: 'she/her', city: 'Berlin', birthday: '1990-02-03', diary: ['Dear diary.'] }
const asInput = (values: object) => Object.entries(values).map(([key, value]) => ({ key, value }))

const seen = async (by: Pick<Person, 'api'>, { globalId }: Person): Promise<Record<string, unknown>> => {
  const { data } = await by.api.send(`{ user(id: "${globalId}") { attributes { key value } } }`)
  return Object.fromEntries(
    (data!.user.attributes as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]),
  )
}

const somebody = async () => {
  const person = await world.person()
  expect((await set(person, asInput(ALL))).userErrors).toEqual([])
  return person
}

const stranger = () => ({ api: world.anonymous })

describe('attributes', () => {
  test('are set by their person, read by whom the definition says, and by nobody else', async () => {
    const person = await somebody()
    const { pronouns, city, birthday } = ALL
    expect(await seen(person, person)).toEqual(ALL)
    expect(await seen(stranger(), person)).toEqual({ pronouns })
    expect(await seen(await world.person(), person)).toEqual({ pronouns, city })
    expect(await seen(await world.person({ permissions: ['preferences:read'] }), person)).toEqual({
      pronouns,
      city,
    })
    const over = await world.group(person)
    const near = await world.person({ permissions: ['users:read'], over })
    const far = await world.person({ permissions: ['users:read'], over: await world.group() })
    expect(await seen(near, person)).toEqual({ pronouns, city, birthday })
    expect(await seen(far, person)).toEqual({ pronouns, city })
    expect(await seen(await world.person({ role: 'admin' }), person)).toEqual({ pronouns, city, birthday })
  })

  test('are refused with what is wrong and what to do, and nothing is changed', async () => {
    const person = await somebody()
    const { user, userErrors } = await set(person, [
      { key: 'pronouns', value: 7 },
      { key: 'pronons', value: 'x' },
      { key: 'rank', value: 3 },
      { key: 'city', value: 'Paris' },
      { key: 'city', value: 'Rome' },
    ])
    expect(user).toBeNull()
    expect(userErrors).toEqual([
      { code: 'INVALID', field: ['attributes', '0', 'value'], message: 'Use text of at most 40 characters.' },
      {
        code: 'NOT_FOUND',
        field: ['attributes', '1', 'key'],
        message: 'There is no such attribute. Did you mean "pronouns"?',
      },
      { code: 'INVALID', field: ['attributes', '2', 'key'], message: 'This attribute is set by staff.' },
      {
        code: 'INVALID',
        field: ['attributes', '4', 'key'],
        message: 'This attribute stands in the list twice.',
      },
    ])
    expect(await seen(person, person)).toEqual(ALL)
  })

  test('count their changes: one on top of another is a conflict; null removes one', async () => {
    const person = await somebody()
    const { user } = await set(person, [{ key: 'city', value: 'Rome', expectedVersion: 1 }])
    expect(user.attributes).toContainEqual({ key: 'city', value: 'Rome', version: 2 })
    const stale = { attributes: [{ key: 'city', value: 'Oslo', expectedVersion: 1 }] }
    const { errors } = await person.api.send(SET, { input: stale })
    expect(errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      currentVersion: 2,
      current: { value: 'Rome' },
    })
    await set(person, [{ key: 'city', value: null }])
    expect(Object.keys(await seen(person, person))).toEqual(['pronouns', 'birthday', 'diary'])
  })

  test('of others are set with users:edit over them, those of staff too', async () => {
    const person = await somebody()
    const over = await world.group(person)
    const editor = await world.person({ permissions: ['users:edit', 'users:read'], over })
    expect((await set(editor, [{ key: 'rank', value: 3 }], person.globalId)).userErrors).toEqual([])
    expect(await seen(stranger(), person)).toMatchObject({ rank: 3 })
    const input = { userId: person.globalId, attributes: [{ key: 'rank', value: 9 }] }
    for (const other of [
      await world.person(),
      await world.person({ permissions: ['users:edit'], over: await world.group() }),
      await world.person({ permissions: ['users:read'] }),
    ]) {
      const { data, errors } = await other.api.send(SET, { input })
      expect(errors?.[0]?.extensions.code ?? data!.setAttributes.userErrors[0].code).toMatch(
        /FORBIDDEN|NOT_PERMITTED|NOT_FOUND/,
      )
    }
    expect(await seen(stranger(), person)).toMatchObject({ rank: 3 })
  })

  test('are encrypted, exported and erased, also those that are defined no more', async () => {
    const person = await somebody()
    const rows = await world.db.repo(Attribute).findBy({ userId: person.id })
    for (const { sealedValue } of rows) expect(sealedValue!.toString('latin1')).not.toContain('Berlin')
    await world.db.query("UPDATE attributes SET key = 'gone' WHERE user_id = $1 AND key = 'city'", [
      person.id,
    ])
    expect(Object.keys(await seen(person, person))).toEqual(['pronouns', 'birthday', 'diary'])
    const table = exportedTables().find(({ name }) => name === 'attributes')!
    const copy = await world.db.transaction(async (tx) => {
      const found: SubjectRow[] = []
      for await (const some of subjectRows(tx, table, person.id)) found.push(...some)
      return found
    })
    expect(copy).toContainEqual(expect.objectContaining({ key: 'gone', sealedValue: '"Berlin"' }))
  })

  test('that do not fit their definition any more are kept, and not shown', async () => {
    const person = await somebody()
    const { tools } = world.db
    const before = tools.attributes
    const pronouns = { ...before.get('pronouns')!, schema: before.get('rank')!.schema }
    Object.assign(tools, { attributes: new Map([...before, ['pronouns', pronouns]]) })
    try {
      expect(Object.keys(await seen(person, person))).toEqual(['city', 'birthday', 'diary'])
    } finally {
      Object.assign(tools, { attributes: before })
    }
    expect(await seen(person, person)).toEqual(ALL)
  })

  test('are described to forms, in the language that is asked for', async () => {
    const { attributeDefinitions } = await world.anonymous.data(
      '{ attributeDefinitions(locale: "de-AT") { key label description locale purpose schema readers writers } }',
    )
    expect(attributeDefinitions).toHaveLength(5)
    expect(attributeDefinitions[4]).toEqual({
      key: 'rank',
      label: 'Das rank',
      description: null,
      locale: 'de',
      purpose: 'Why rank is kept.',
      schema: { type: 'integer', minimum: 1, maximum: 9 },
      readers: 'PUBLIC',
      writers: 'STAFF',
    })
  })
})

describe('visibility', () => {
  const bioOf = async (by: Pick<Person, 'api'>, { globalId }: Person) => {
    const { data, errors } = await by.api.send(`{ user(id: "${globalId}") { bio avatarUrl lastSeenAt } }`)
    expect(errors).toBeUndefined()
    return data!.user as { bio: string | null; avatarUrl: string | null; lastSeenAt: string | null }
  }
  const withBio = async () => {
    const person = await somebody()
    await person.api.data('mutation { updateProfile(input: { bio: "About me." }) { userErrors { code } } }')
    await world.db.query('UPDATE users SET last_seen_at = $2 WHERE id = $1', [person.id, world.clock.now()])
    await avatarOf(world, person)
    return person
  }

  test.each([
    ['PUBLIC', true, true],
    ['MEMBERS', false, true],
    ['ONLY_ME', false, false],
  ] as const)('%s: what is hidden is as if it were not set', async (audience, toStrangers, toMembers) => {
    const [person, member] = [await withBio(), await world.person()]
    const attributes = ['pronouns', 'city'].map((key) => ({ key, audience }))
    const { user, userErrors } = await show(person, {
      bio: audience,
      avatar: audience,
      lastSeen: audience,
      attributes,
    })
    expect(userErrors).toEqual([])
    const told = [...attributes].sort((one, other) => one.key.localeCompare(other.key))
    expect(user.profileVisibility).toEqual({
      bio: audience,
      avatar: audience,
      lastSeen: audience,
      attributes: told,
    })
    const shown = async (by: Pick<Person, 'api'>) => {
      const { bio, avatarUrl, lastSeenAt } = await bioOf(by, person)
      expect(avatarUrl !== null).toBe(bio !== null)
      return [bio !== null, lastSeenAt !== null, 'pronouns' in (await seen(by, person))]
    }
    expect(await shown(stranger())).toEqual([toStrangers, toStrangers, toStrangers])
    expect(await shown(member)).toEqual([toMembers, toMembers, toMembers])
    expect('city' in (await seen(member, person))).toBe(toMembers)
    expect('city' in (await seen(stranger(), person))).toBe(false)
    for (const all of [person, await world.person({ permissions: ['users:read'] })])
      expect(await shown(all)).toEqual([true, true, true])
    expect(await bioOf(await world.person({ permissions: ['preferences:read'] }), person)).toEqual(
      await bioOf(member, person),
    )
  })

  test('whoever is blocked sees what the public sees', async () => {
    const [person, other] = [await withBio(), await world.person()]
    await show(person, { bio: 'MEMBERS' })
    expect(await bioOf(other, person)).toMatchObject({ bio: 'About me.' })
    await person.api.data(
      `mutation { blockUser(input: { userId: "${other.globalId}" }) { userErrors { code } } }`,
    )
    expect(await bioOf(other, person)).toMatchObject({ bio: null })
    expect(await seen(other, person)).toEqual({ pronouns: ALL.pronouns })
  })

  test('staff who read what is shown to nobody are noted, and whoever reads what is shown to them is not', async () => {
    const person = await withBio()
    const reader = await world.person({ permissions: ['users:read'] })
    const noted = async () => {
      const rows = await world.db.query<{ fields: string[] }>(
        'SELECT * FROM access_records WHERE subject_id = $1 AND reader_id = $2',
        [person.id, reader.id],
      )
      return JSON.stringify(rows)
    }
    await reader.api.data(`{ user(id: "${person.globalId}") { bio avatarUrl } }`)
    expect(await noted()).toBe('[]')
    await show(person, {
      bio: 'ONLY_ME',
      avatar: 'ONLY_ME',
      attributes: [{ key: 'city', audience: 'ONLY_ME' }],
    })
    await reader.api.data(`{ user(id: "${person.globalId}") { bio avatarUrl attributes { value } } }`)
    expect(await noted()).toContain('bio')
    expect(await noted()).toContain('avatarUrl')
    expect(await noted()).toContain('Attribute')
  })

  test('of what no other people see anyway, and of what there is not, cannot be chosen', async () => {
    const person = await somebody()
    const attributes = ['birthday', 'nothing'].map((key) => ({ key, audience: 'PUBLIC' }))
    const { userErrors } = await show(person, { bio: 'ONLY_ME', attributes })
    expect(userErrors).toEqual([
      { code: 'INVALID', field: ['attributes', '0', 'key'] },
      { code: 'NOT_FOUND', field: ['attributes', '1', 'key'] },
    ])
    const { viewer } = await person.api.data('{ viewer { profileVisibility { bio } } }')
    expect(viewer.profileVisibility.bio).toBe('PUBLIC')
  })
})
