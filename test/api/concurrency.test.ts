import { neverMixedUp } from '../support/never-mixed-up'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

describe('R61 requests of many at the same time', () => {
  test('are each answered with the data of their own caller', () => neverMixedUp(world, { requests: 400 }))
})

describe('changes of the same thing at the same time', () => {
  const AT_ONCE = 20
  const UPDATE =
    'mutation ($input: UpdatePostInput!) { updatePost(input: $input) { post { version } userErrors { code } } }'

  const together = <Result>(work: (index: number) => Promise<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)))

  const actionsAbout = async (target: string, action: string) =>
    (await world.db.query('SELECT FROM audit_events WHERE target = $1 AND action = $2', [target, action]))
      .length

  test('of those who expect the same version one succeeds, and the others are told of the conflict', async () => {
    const { globalId: postId, author } = await world.post()
    const outcomes = await together(async (index) => {
      const { errors } = await author.api.send(UPDATE, {
        input: { postId, title: `Title ${index}`, expectedVersion: 1 },
      })
      return errors?.[0]?.extensions.code ?? 'OK'
    })
    expect(outcomes.sort()).toEqual([...Array.from({ length: AT_ONCE - 1 }, () => 'CONFLICT'), 'OK'])
    expect(await actionsAbout(postId, 'post.updated')).toBe(1)
  })

  test('those who expect no version all succeed, and each is counted', async () => {
    const { globalId: postId, author } = await world.post()
    const versions = await together(async (index) => {
      const { updatePost } = await author.api.data(UPDATE, { input: { postId, title: `Title ${index}` } })
      return updatePost.post.version as number
    })
    expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: AT_ONCE }, (_, index) => index + 2))
    expect(await actionsAbout(postId, 'post.updated')).toBe(AT_ONCE)
  })

  test('a draft that many publish is published once, and a post that many delete is deleted once', async () => {
    const { globalId: id, author } = await world.post({ publish: false })
    await together(() =>
      author.api.data('mutation ($id: ID!) { publishPost(input: { postId: $id }) { post { id } } }', { id }),
    )
    expect(await actionsAbout(id, 'post.published')).toBe(1)
    const outcomes = await together(async () => {
      const { errors } = await author.api.send(
        'mutation ($id: ID!) { deletePost(input: { postId: $id }) { deletedPostId } }',
        { id },
      )
      return errors?.[0]?.extensions.code ?? 'OK'
    })
    expect(outcomes.sort()).toEqual([...Array.from({ length: AT_ONCE - 1 }, () => 'NOT_FOUND'), 'OK'])
    expect(await actionsAbout(id, 'post.deleted')).toBe(1)
  })

  test('many who change different preferences of one person lose none of them', async () => {
    const person: Person = await world.person()
    const document = `mutation ($key: String!, $value: JSON!) { setPreferences(input: { preferences: [{ key: $key, value: $value }] }) { userErrors { code } } }`
    const wanted = {
      theme: 'dark',
      timeFormat: '12h',
      weekStart: 'sunday',
      pageSize: 42,
      reducedMotion: true,
    }
    await Promise.all(Object.entries(wanted).map(([key, value]) => person.api.data(document, { key, value })))
    const { viewer } = await person.api.data('{ viewer { preferences { key value } } }')
    const values = Object.fromEntries(
      viewer.preferences.map(({ key, value }: { key: string; value: unknown }) => [key, value]),
    )
    expect(values).toMatchObject(wanted)
  })

  test('one role granted many times at once is held once', async () => {
    const admin = await world.person({ role: 'admin' })
    const person = await world.person()
    const make =
      'mutation ($name: String!) { createRole(input: { name: $name, description: "", permissions: ["users:read"] }) { role { id } } }'
    const { createRole } = await admin.api.data(make, { name: unique('role ') })
    const grant =
      'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { user { id } userErrors { code } } }'
    const answers = await together(() =>
      admin.api.data(grant, { input: { userId: person.globalId, roleId: createRole.role.id } }),
    )
    for (const { grantRole } of answers) expect(grantRole.userErrors).toEqual([])
    const { viewer } = await person.api.data('{ viewer { roles { id } permissions } }')
    expect(viewer.permissions).toEqual(['users:read'])
    expect(viewer.roles).toHaveLength(2)
  })
})
