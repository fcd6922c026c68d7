import { useWorld } from '../support/world'

const world = useWorld()

const CREATE = `mutation ($input: CreatePostInput!) {
  createPost(input: $input) { post { id slug title status version author { username } } userErrors { code field } }
}`

describe('posts', () => {
  test('an author writes a draft, which nobody else sees until it is published', async () => {
    const author = await world.person()
    const reader = await world.person()
    const { createPost } = await author.api.data(CREATE, { input: { title: 'A quiet morning', body: 'It rained.' } })
    expect(createPost).toMatchObject({ userErrors: [], post: { status: 'DRAFT', version: 1, author: { username: author.username } } })
    const { id } = createPost.post

    const read = `query ($id: ID!) { post(id: $id) { title } node(id: $id) { id } }`
    expect(await reader.api.data(read, { id })).toEqual({ post: null, node: null })
    expect(await author.api.data(read, { id })).toEqual({ post: { title: 'A quiet morning' }, node: { id } })

    await author.api.data(`mutation ($id: ID!) { publishPost(input: { postId: $id }) { userErrors { code } } }`, { id })
    expect(await reader.api.data(read, { id })).toEqual({ post: { title: 'A quiet morning' }, node: { id } })
  })
})
