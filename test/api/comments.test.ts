import { randomUUID } from 'node:crypto'
import { idOf, type Id } from '../../src/core/id'
import { threadTopic } from '../../src/modules/comment/thread-event'
import { eraseDue } from '../../src/modules/erasure/erasure.task'
import type { ApiClient } from '../support/api-client'
import { actingAs } from '../support/administration'
import { commentOn, reactionTo } from '../support/content'
import { beginningOf, follow } from '../support/follower'
import { blockBy } from '../support/messages'
import { erasureOf } from '../support/privacy'
import { meetingUncommitted } from '../support/race'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const ADD =
  'mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { id depth body } userErrors { code field message } } }'
const EDIT =
  'mutation ($input: EditCommentInput!) { editComment(input: $input) { comment { body editedAt version mentions { username } } userErrors { code field } } }'
const DELETE =
  'mutation ($input: DeleteCommentInput!) { deleteComment(input: $input) { comment { id body deletedAt } userErrors { code } } }'
const CLOSE =
  'mutation ($input: CloseThreadInput!) { closeThread(input: $input) { post { threadClosedAt } userErrors { code } } }'
const REOPEN =
  'mutation ($input: ReopenThreadInput!) { reopenThread(input: $input) { post { threadClosedAt } userErrors { code } } }'
const THREAD = `query ($id: ID!) { post(id: $id) { commentCount comments(first: 10) { totalCount edges { node {
  id body depth replyCount deletedAt author { username } replies(first: 20) { edges { node { body author { username } } } }
} } } } }`

interface Node {
  id: string
  body: string
  deletedAt: string | null
  author: { username: string } | null
  replyCount: number
  replies: { edges: { node: { body: string; author: { username: string } | null } }[] }
}

async function threadOf(post: { globalId: string }, api: ApiClient = world.anonymous) {
  const found = (await api.data(THREAD, { id: post.globalId })).post as {
    commentCount: number
    comments: { totalCount: number; edges: { node: Node }[] }
  }
  return { ...found, nodes: found.comments.edges.map(({ node }) => node) }
}

describe('a thread', () => {
  test('is what has been said to a post, oldest first, with answers under what they answer', async () => {
    const post = await world.post()
    const [ada, bob] = [await world.person(), await world.person()]
    const first = await commentOn(world, post, ada, { body: 'First.' })
    await commentOn(world, post, bob, { body: 'Second.' })
    await commentOn(world, post, bob, { body: 'Answer.', parentId: first })
    const { commentCount, nodes } = await threadOf(post)
    expect(commentCount).toBe(3)
    expect(nodes.map(({ body, replyCount, author }) => ({ body, replyCount, by: author!.username }))).toEqual(
      [
        { body: 'First.', replyCount: 1, by: ada.username },
        { body: 'Second.', replyCount: 0, by: bob.username },
      ],
    )
    expect(nodes[0]!.replies).toEqual({
      edges: [{ node: { body: 'Answer.', author: { username: bob.username } } }],
    })
  })

  test('goes on from page to page, also from a first page that was read with those of others', async () => {
    const posts = [await world.post(), await world.post()]
    const ada = await world.person()
    for (const post of posts)
      for (const body of ['1', '2', '3', '4', '5']) await commentOn(world, post, ada, { body })
    const page = 'pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { body } }'
    const { nodes } = await world.anonymous.data(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { comments(first: 2) { ${page} } } } }`,
      { ids: posts.map(({ globalId }) => globalId) },
    )
    const bodies = (list: { edges: { node: { body: string } }[] }) => list.edges.map(({ node }) => node.body)
    for (const { comments } of nodes) {
      expect(bodies(comments)).toEqual(['1', '2'])
      expect(comments.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    }
    const { post } = await world.anonymous.data(
      `query ($id: ID!, $after: String) { post(id: $id) { comments(first: 10, after: $after) { ${page} } } }`,
      { id: posts[1]!.globalId, after: nodes[1].comments.pageInfo.endCursor },
    )
    expect(bodies(post.comments)).toEqual(['3', '4', '5'])
    expect(post.comments.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  test('counts each of many that are added at once, and no answer twice', async () => {
    const post = await world.post()
    const people = await Promise.all(Array.from({ length: 4 }, () => world.person()))
    const root = await commentOn(world, post, people[0]!)
    await Promise.all(
      people.flatMap((person) => [1, 2, 3].map(() => commentOn(world, post, person, { parentId: root }))),
    )
    const { commentCount, nodes } = await threadOf(post)
    expect(commentCount).toBe(13)
    expect(nodes[0]).toMatchObject({ replyCount: 12, replies: { edges: { length: 12 } } })
  })

  test('of a draft is seen by whoever sees the draft, and nobody else adds to it', async () => {
    const author = await world.person()
    const draft = await world.post({ author, publish: false })
    const id = await commentOn(world, draft, author, { body: 'To myself.' })
    const stranger = await world.person()
    const moderator = await world.person({ permissions: ['posts:moderate'] })
    const seen = async ({ api }: Pick<Person, 'api'>) =>
      (await api.data('query ($id: ID!) { comment(id: $id) { body } node(id: $id) { id } }', { id })) as {
        comment: { body: string } | null
        node: unknown
      }
    expect(await seen(author)).toEqual({ comment: { body: 'To myself.' }, node: { id } })
    expect(await seen(moderator)).toMatchObject({ comment: { body: 'To myself.' } })
    expect(await seen(stranger)).toEqual({ comment: null, node: null })
    expect(await seen({ api: world.anonymous })).toEqual({ comment: null, node: null })
    for (const [query, input] of [
      [ADD, { postId: draft.globalId, body: 'Me too.' }],
      [EDIT, { commentId: id, body: 'Mine.' }],
      [DELETE, { commentId: id }],
      [CLOSE, { postId: draft.globalId }],
    ] as const) {
      const { errors } = await stranger.api.send(query, { input })
      expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
    }
  })

  test('is closed and opened again by the author of the post, or a moderator', async () => {
    const [author, other] = [await world.person(), await world.person()]
    const moderator = await world.person({ permissions: ['posts:moderate'] })
    const post = await world.post({ author })
    const input = { postId: post.globalId }
    expect((await other.api.send(CLOSE, { input })).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
    expect((await author.api.data(CLOSE, { input })).closeThread.post.threadClosedAt).not.toBeNull()
    const { addComment } = await other.api.data(ADD, { input: { ...input, body: 'Too late.' } })
    expect(addComment).toMatchObject({ comment: null, userErrors: [{ code: 'NOT_PERMITTED' }] })
    expect((await threadOf(post)).commentCount).toBe(0)
    expect((await moderator.api.data(REOPEN, { input })).reopenThread.post.threadClosedAt).toBeNull()
    await commentOn(world, post, other)
  })

  test('that a moderator has closed is not opened by the author of the post', async () => {
    const [author, moderator] = [
      await world.person(),
      await world.person({ permissions: ['posts:moderate'] }),
    ]
    const input = { postId: (await world.post({ author })).globalId }
    const reopened = async ({ api }: Person) =>
      (await api.data(REOPEN, { input })).reopenThread as { post: unknown; userErrors: unknown }
    for (const closers of [[moderator], [author, moderator], [moderator, author]]) {
      for (const { api } of closers) await api.data(CLOSE, { input })
      expect(await reopened(author)).toEqual({ post: null, userErrors: [{ code: 'NOT_PERMITTED' }] })
      expect((await reopened(moderator)).post).toEqual({ threadClosedAt: null })
    }
    await author.api.data(CLOSE, { input })
    expect((await reopened(author)).post).toEqual({ threadClosedAt: null })
  })
})

describe('a comment', () => {
  test('mentions people by their usernames, once each, and nobody by what looks like an address', async () => {
    const [ada, bob, cyd] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post()
    const body = `@${bob.username} and @${bob.username.toUpperCase()}, not a@${cyd.username} or @nobody_at_all`
    const id = await commentOn(world, post, ada, { body })
    const mentions = async () =>
      (await world.anonymous.data('query ($id: ID!) { comment(id: $id) { mentions { username } } }', { id }))
        .comment.mentions as { username: string }[]
    expect(await mentions()).toEqual([{ username: bob.username }])
    const { editComment } = await ada.api.data(EDIT, {
      input: { commentId: id, body: `@${cyd.username}`, expectedVersion: 1 },
    })
    expect(editComment.comment).toMatchObject({ version: 2, mentions: [{ username: cyd.username }] })
    expect(editComment.comment.editedAt).not.toBeNull()
    const stale = await ada.api.send(EDIT, { input: { commentId: id, body: 'Old.', expectedVersion: 1 } })
    expect(stale.errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }])
  })

  test('that would mention a crowd is refused, and nothing is stored', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    const body = Array.from({ length: 21 }, (_, index) => `@name${index}`).join(' ')
    const { addComment } = await ada.api.data(ADD, { input: { postId: post.globalId, body } })
    expect(addComment).toMatchObject({ comment: null, userErrors: [{ code: 'TOO_LONG', field: ['body'] }] })
    expect((await threadOf(post)).commentCount).toBe(0)
  })

  test('is changed where something can be added alone: not in a closed thread, in the archive, or to what a blocker has written', async () => {
    const [author, ada, bob] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post({ author })
    const id = await commentOn(world, post, ada, { body: 'Before.' })
    const answer = await commentOn(world, post, ada, { parentId: await commentOn(world, post, bob) })
    const edited = async (commentId: string) =>
      (await ada.api.data(EDIT, { input: { commentId, body: 'After.' } })).editComment.userErrors as unknown
    const refused = [{ code: 'NOT_PERMITTED', field: [] }]
    await author.api.data(CLOSE, { input: { postId: post.globalId } })
    expect(await edited(id)).toEqual(refused)
    await author.api.data(REOPEN, { input: { postId: post.globalId } })
    await world.db.query(`UPDATE posts SET status = 'archived' WHERE id = $1`, [post.id])
    expect(await edited(id)).toEqual(refused)
    await world.db.query(`UPDATE posts SET status = 'published' WHERE id = $1`, [post.id])
    await blockBy(bob, ada)
    expect(await edited(answer)).toEqual(refused)
    expect(await edited(id)).toEqual([])
    await blockBy(author, ada)
    expect(await edited(answer)).toEqual(refused)
    const { deleteComment } = await ada.api.data(DELETE, { input: { commentId: answer } })
    expect(deleteComment.userErrors).toEqual([])
  })

  test('that meets a change of its post waits for it, and is added to what comes of it alone', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    const own = await commentOn(world, post, ada)
    const ways = [
      `addComment(input: { postId: "${post.globalId}", body: "Late." })`,
      `addComment(input: { postId: "${post.globalId}", parentId: "${own}", body: "Late." })`,
      `editComment(input: { commentId: "${own}", body: "Late." })`,
      `addReaction(input: { subjectId: "${post.globalId}", kind: "like" })`,
      `addReaction(input: { subjectId: "${own}", kind: "like" })`,
    ]
    const codes = async (change: string) => {
      const met: string[] = []
      for (const way of ways) {
        const { data, errors } = await meetingUncommitted(
          world,
          [`UPDATE posts SET ${change} WHERE id = $1`, post.id],
          () => ada.api.send(`mutation { ${way} { userErrors { code } } }`),
        )
        const [payload] = Object.values(data as Record<string, { userErrors: { code: string }[] } | null>)
        met.push(errors?.[0]!.extensions.code ?? payload!.userErrors[0]?.code ?? 'OK')
        await world.db.query(
          `UPDATE posts SET status = 'published', visibility = 'public', deleted_at = NULL WHERE id = $1`,
          [post.id],
        )
      }
      return met
    }
    expect(await codes(`status = 'archived'`)).toEqual(ways.map(() => 'NOT_PERMITTED'))
    expect(await codes(`visibility = 'only-me'`)).toEqual(ways.map(() => 'NOT_FOUND'))
    expect(await codes('deleted_at = now()')).toEqual(ways.map(() => 'NOT_FOUND'))
    expect((await threadOf(post)).nodes).toMatchObject([{ id: own, replyCount: 0, body: 'Words.' }])
  })

  test('is answered as deep as can be read, and no deeper', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    let parentId: string | undefined
    for (let depth = 0; depth <= 10; depth++) parentId = await commentOn(world, post, ada, { parentId })
    const { addComment } = await ada.api.data(ADD, {
      input: { postId: post.globalId, parentId, body: 'Deeper.' },
    })
    expect(addComment).toMatchObject({
      comment: null,
      userErrors: [{ code: 'INVALID', field: ['parentId'] }],
    })
    const elsewhere = await ada.api.data(ADD, {
      input: { postId: (await world.post()).globalId, parentId, body: 'Elsewhere.' },
    })
    expect(elsewhere.addComment.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['parentId'] }])
  })

  test('that is deleted leaves its place, and the answers to it', async () => {
    const [post, ada, bob] = [await world.post(), await world.person(), await world.person()]
    const id = await commentOn(world, post, ada, { body: `Regrettable, @${bob.username}.` })
    await commentOn(world, post, bob, { body: 'Indeed.', parentId: id })
    expect((await bob.api.send(DELETE, { input: { commentId: id } })).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
    const { deleteComment } = await ada.api.data(DELETE, { input: { commentId: id } })
    expect(deleteComment.comment).toMatchObject({ id, body: '' })
    const { commentCount, nodes } = await threadOf(post)
    expect(commentCount).toBe(1)
    expect(nodes).toMatchObject([{ id, body: '', replies: { edges: [{ node: { body: 'Indeed.' } }] } }])
    expect(nodes[0]!.deletedAt).not.toBeNull()
    expect(await world.db.query('SELECT user_id FROM mentions WHERE user_id = $1', [bob.id])).toEqual([])
    const gone = await ada.api.send(EDIT, { input: { commentId: id, body: 'Back.' } })
    expect(gone.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  })

  test('stays its author’s to read and delete, and a reaction its person’s to take back, though they see the post no more', async () => {
    const [author, ada, bob] = [await world.person(), await world.person(), await world.person()]
    for (const change of [`visibility = 'only-me'`, `status = 'removed'`, 'deleted_at = now()']) {
      const post = await world.post({ author })
      const id = await commentOn(world, post, ada, { body: 'Mine.' })
      await commentOn(world, post, bob, { body: 'Another.', parentId: id })
      const reacted = `mutation ($id: ID!) { addReaction(input: { subjectId: $id, kind: "like" }) { userErrors { code } } }`
      for (const subject of [post.globalId, id]) await bob.api.data(reacted, { id: subject })
      await world.db.query(`UPDATE posts SET ${change} WHERE id = $1`, [post.id])
      const seen = async ({ api }: Pick<Person, 'api'>) =>
        (
          await api.data(
            'query ($id: ID!) { comment(id: $id) { body post { id } replies { totalCount } } }',
            {
              id,
            },
          )
        ).comment as unknown
      expect(await seen(ada)).toEqual({ body: 'Mine.', post: null, replies: { totalCount: 0 } })
      expect(await seen(bob)).toBeNull()
      expect(await ada.api.errorCode(EDIT, { input: { commentId: id, body: 'Else.' } })).toBe('NOT_FOUND')
      const { deleteComment } = await ada.api.data(DELETE, { input: { commentId: id } })
      expect(deleteComment).toMatchObject({ comment: { body: '' }, userErrors: [] })
      const takeBack = `mutation ($id: ID!) { removeReaction(input: { subjectId: $id }) { post { id } comment { id } userErrors { code } } }`
      for (const subject of [post.globalId, id]) {
        expect((await bob.api.data(takeBack, { id: subject })).removeReaction).toEqual({
          post: null,
          comment: null,
          userErrors: [],
        })
        expect(await bob.api.errorCode(takeBack, { id: subject })).toBe('NOT_FOUND')
      }
      expect(
        await world.db.query('SELECT count FROM reaction_counts WHERE subject_id = $1 AND count > 0', [
          post.id,
        ]),
      ).toEqual([])
    }
  })

  test('of somebody whose processing is restricted is not shown, and mentions of them neither', async () => {
    const [post, ada, bob] = [await world.post(), await world.person(), await world.person()]
    await commentOn(world, post, bob, { body: `@${ada.username}` })
    await commentOn(world, post, ada, { body: 'Hidden.' })
    await world.db.query('UPDATE users SET restricted_at = now() WHERE id = $1', [ada.id])
    const { nodes } = await threadOf(post)
    expect(nodes.map(({ body }) => body)).toEqual([`@${ada.username}`])
    const { comment } = await world.anonymous.data(
      'query ($id: ID!) { comment(id: $id) { mentions { username } } }',
      {
        id: nodes[0]!.id,
      },
    )
    expect(comment.mentions).toEqual([])
    expect((await threadOf(post, ada.api)).nodes.map(({ body }) => body)).toContain('Hidden.')
  })

  test('is one of so many in a minute', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    const answers = []
    for (let count = 0; count < 62; count++)
      answers.push(await ada.api.send(ADD, { input: { postId: post.globalId, body: `${count}` } }))
    const codes = new Set(
      answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []),
    )
    expect(codes).toEqual(new Set(['RATE_LIMITED']))
    expect((await threadOf(post)).commentCount).toBeGreaterThanOrEqual(60)
  })

  test('is added once under one key, however often it is sent', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    const key = randomUUID()
    const send = () =>
      fetch(world.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${ada.token}`,
          'idempotency-key': key,
        },
        body: JSON.stringify({ query: ADD, variables: { input: { postId: post.globalId, body: 'Once.' } } }),
      })
    await Promise.all([send(), send(), send()])
    await send()
    expect((await threadOf(post)).commentCount).toBe(1)
  })
})

describe('whoever is kept away', () => {
  test('adds nothing to what their blocker has written, reacts to none of it, and mentions them in vain', async () => {
    const [ada, bob] = [await world.person(), await world.person()]
    const [post, other] = [await world.post({ author: ada }), await world.post()]
    const hers = await commentOn(world, other, ada)
    await blockBy(ada, bob)
    for (const input of [
      { postId: post.globalId, body: 'Let me in.' },
      { postId: other.globalId, parentId: hers, body: 'Let me in.' },
    ]) {
      const { addComment } = await bob.api.data(ADD, { input })
      expect(addComment).toMatchObject({ comment: null, userErrors: [{ code: 'NOT_PERMITTED' }] })
    }
    const { addReaction } = await bob.api.data(
      'mutation ($input: AddReactionInput!) { addReaction(input: $input) { userErrors { code } } }',
      { input: { subjectId: hers, kind: 'like' } },
    )
    expect(addReaction.userErrors).toEqual([{ code: 'NOT_PERMITTED' }])
    const id = await commentOn(world, other, bob, { body: `@${ada.username}` })
    const { comment } = await world.anonymous.data(
      'query ($id: ID!) { comment(id: $id) { mentions { username } } }',
      { id },
    )
    expect(comment.mentions).toEqual([])
    expect((await threadOf(post)).commentCount).toBe(0)
  })

  test('is not heard by whoever blocks them, in lists nor by id, and whoever mutes them has them out of lists', async () => {
    const [ada, bob, cyd] = [await world.person(), await world.person(), await world.person()]
    const post = await world.post()
    const own = await world.post({ author: bob })
    const id = await commentOn(world, post, bob, { body: 'Loud.' })
    await commentOn(world, post, cyd, { body: 'Quiet.' })
    await blockBy(ada, bob)
    await cyd.api.data('mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }', {
      id: bob.globalId,
    })
    const heard = async ({ api }: Pick<Person, 'api'>) => ({
      listed: (await threadOf(post, api)).nodes.map(({ body }) => body),
      found: (await api.data('query ($id: ID!) { comment(id: $id) { body } }', { id })).comment as unknown,
      feed: (
        (await api.data('{ posts(first: 100) { edges { node { id } } } }')).posts.edges as {
          node: { id: string }
        }[]
      ).some(({ node }) => node.id === own.globalId),
    })
    expect(await heard(ada)).toEqual({ listed: ['Quiet.'], found: null, feed: false })
    expect(await heard(cyd)).toEqual({ listed: ['Quiet.'], found: { body: 'Loud.' }, feed: false })
    expect(await heard(bob)).toEqual({ listed: ['Loud.', 'Quiet.'], found: { body: 'Loud.' }, feed: true })
    expect(await heard({ api: world.anonymous })).toMatchObject({ listed: ['Loud.', 'Quiet.'], feed: true })
  })
})

describe('a reaction', () => {
  const REACT =
    'mutation ($input: AddReactionInput!) { addReaction(input: $input) { post { reactions { kind count viewerHasReacted } } userErrors { code field message } } }'
  const TAKE_BACK =
    'mutation ($input: RemoveReactionInput!) { removeReaction(input: $input) { post { reactions { kind count viewerHasReacted } } userErrors { code } } }'

  test('is one of a person, counted, and taken back or changed', async () => {
    const [post, ada, bob] = [await world.post(), await world.person(), await world.person()]
    const subjectId = post.globalId
    await bob.api.data(REACT, { input: { subjectId, kind: 'love' } })
    const react = async (kind: string) =>
      (await ada.api.data(REACT, { input: { subjectId, kind } })).addReaction.post.reactions as unknown
    expect(await react('like')).toEqual([
      { kind: 'like', count: 1, viewerHasReacted: true },
      { kind: 'love', count: 1, viewerHasReacted: false },
    ])
    expect(await react('love')).toEqual([{ kind: 'love', count: 2, viewerHasReacted: true }])
    expect(await react('love')).toEqual([{ kind: 'love', count: 2, viewerHasReacted: true }])
    const { removeReaction } = await ada.api.data(TAKE_BACK, { input: { subjectId } })
    expect(removeReaction.post.reactions).toEqual([{ kind: 'love', count: 1, viewerHasReacted: false }])
    expect((await ada.api.data(TAKE_BACK, { input: { subjectId } })).removeReaction.userErrors).toEqual([])
  })

  test('is told of nobody to whoever acts as them', async () => {
    const [post, ada, boss] = [
      await world.post(),
      await world.person(),
      await world.person({ role: 'admin' }),
    ]
    await ada.api.data(REACT, { input: { subjectId: post.globalId, kind: 'love' } })
    const acting = await actingAs(world, boss, ada)
    const seen = async ({ api }: Pick<Person, 'api'>) =>
      (
        await api.data('query ($id: ID!) { post(id: $id) { reactions { kind count viewerHasReacted } } }', {
          id: post.globalId,
        })
      ).post.reactions as unknown
    expect(await seen(ada)).toEqual([{ kind: 'love', count: 1, viewerHasReacted: true }])
    expect(await seen(acting)).toEqual([{ kind: 'love', count: 1, viewerHasReacted: false }])
  })

  test('of a kind that is not configured is refused with those that are', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    const { addReaction } = await ada.api.data(REACT, { input: { subjectId: post.globalId, kind: 'scorn' } })
    expect(addReaction.userErrors).toMatchObject([{ code: 'INVALID', field: ['kind'] }])
    expect(addReaction.userErrors[0].message).toContain('like, love')
  })

  test('counts as many as there are, whatever many do at once, and erasure takes those of a person along', async () => {
    const post = await world.post()
    const id = await commentOn(world, post, post.author)
    const people = await Promise.all(Array.from({ length: 5 }, () => world.person()))
    await Promise.all(
      people.flatMap((person) =>
        ['like', 'love', 'laugh', 'like'].map((kind) => reactionTo(world, id, person, kind)),
      ),
    )
    const counts = () =>
      world.db.query(
        `SELECT kind, count FROM reaction_counts WHERE count <> 0 AND subject_id IN (SELECT id FROM comments WHERE post_id = $1) ORDER BY kind`,
        [post.id],
      )
    const recount = () =>
      world.db.query(
        `SELECT kind, count(*)::int AS count FROM reactions WHERE subject_id IN (SELECT id FROM comments WHERE post_id = $1) GROUP BY kind ORDER BY kind`,
        [post.id],
      )
    expect(await counts()).toEqual(await recount())
    await world.db.query('DELETE FROM reactions WHERE user_id = $1', [people[0]!.id])
    expect(await counts()).toEqual(await recount())
  })
})

describe('a feed', () => {
  const FEED = `query ($first: Int!) { posts(first: $first) { edges { node { title author { username } commentCount
    reactions { kind count viewerHasReacted } comments(first: 3) { edges { node { body author { username } } } } } } } }`

  test('with authors, counts, reactions and the first comments takes six statements, whatever its size', async () => {
    const [author, reader] = [await world.person(), await world.person()]
    const fill = async () => {
      const [post, other] = [await world.post({ author }), await world.person()]
      for (let count = 0; count < 4; count++) await commentOn(world, post, other)
      await reactionTo(world, await commentOn(world, post, reader), reader)
    }
    for (let count = 0; count < 25; count++) await fill()
    /** Who asks is looked up besides, unless that was done within the last second. */
    const read = async (first: number) => {
      let posts: { edges: { node: { comments: { edges: unknown[] } } }[] }
      const statements = await world.statements(
        async () => ({ posts } = await reader.api.data(FEED, { first })),
      )
      return { edges: posts!.edges, statements: statements.filter((sql) => !sql.includes('token_hash')) }
    }
    const { posts } = await reader.api.data('{ posts { totalCount } }')
    expect(posts.totalCount).toBeGreaterThanOrEqual(25)
    // More of it at once costs more than an operation may.
    for (const first of [1, 20, 75]) {
      const { edges, statements } = await read(first)
      expect([first, statements.length]).toEqual([first, 6])
      expect(edges.length).toBe(Math.min(first, posts.totalCount))
      for (const { node } of edges.slice(0, 20)) expect(node.comments.edges).toHaveLength(3)
    }
  })
})

describe('what moderation keeps from the readers of a comment', () => {
  test('is noted where staff read it, and nothing else is', async () => {
    const [author, staff] = [await world.person(), await world.person({ role: 'manager' })]
    const post = await world.post()
    const noted = async (change: string) => {
      const id = await commentOn(world, post, author)
      await world.db.query(`UPDATE comments SET ${change} WHERE id = $1`, [idOf('comment', id)])
      const log = async () =>
        (await author.api.data('{ viewer { accessLog { totalCount } } }')).viewer.accessLog
          .totalCount as number
      const before = await log()
      await staff.api.data('query ($id: ID!) { comment(id: $id) { body } }', { id })
      await author.api.data('query ($id: ID!) { comment(id: $id) { body } }', { id })
      return (await log()) - before
    }
    expect([
      await noted('version = 1'),
      await noted('removed_at = now()'),
      await noted('held_at = now()'),
      await noted(`removed_at = now(), deleted_at = now(), body = ''`),
    ]).toEqual([0, 1, 1, 0])
  })
})

describe('a subscription to a thread', () => {
  const FOLLOW =
    'subscription ($postId: ID!, $after: String) { threadChanged(postId: $postId, after: $after) { cursor kind comment { body } } }'

  interface Told {
    cursor: string
    kind: string
    comment: { body: string } | null
  }

  const followThread = (person: Person | null, post: { globalId: string }, after?: string) =>
    follow<Told>(world, person, FOLLOW, { postId: post.globalId, after })

  const beginning = (post: { id: Id }) => beginningOf(threadTopic(post.id))

  test('tells whoever sees the post what happens, and after a cursor what was missed', async () => {
    const [post, ada] = [await world.post(), await world.person()]
    const id = await commentOn(world, post, ada, { body: 'One.' })
    const first = followThread(null, post, beginning(post))
    await until(() => first.told.length === 1)
    await ada.api.data(EDIT, { input: { commentId: id, body: 'Two.' } })
    await until(() => first.told.length === 2)
    await first.end()
    await post.author.api.data(CLOSE, { input: { postId: post.globalId } })
    await ada.api.data(DELETE, { input: { commentId: id } })
    const again = followThread(ada, post, first.told[0]!.cursor)
    await until(() => again.told.length === 3)
    await again.end()
    expect(again.told.map(({ kind, comment }) => [kind, comment?.body])).toEqual([
      ['COMMENT_EDITED', ''],
      ['CLOSED', undefined],
      ['COMMENT_DELETED', ''],
    ])
  })

  test('tells nothing of whom the reader has muted, of whoever else it does', async () => {
    const [post, reader] = [await world.post(), await world.person()]
    const [muted, other] = [await world.person(), await world.person()]
    const MUTE = 'mutation ($id: ID!) { muteUser(input: { userId: $id }) { userErrors { code } } }'
    await reader.api.data(MUTE, { id: muted.globalId })
    await commentOn(world, post, muted, { body: 'Unheard.' })
    await commentOn(world, post, other, { body: 'Heard.' })
    const follower = followThread(reader, post, beginning(post))
    await until(() => follower.told.length > 0)
    await follower.end()
    expect(follower.told.map(({ comment }) => comment?.body)).toEqual(['Heard.'])
  })

  test('begins for nobody who does not see the post, and tells nothing to whoever does not see it any more', async () => {
    const author = await world.person()
    const [draft, post] = [await world.post({ author, publish: false }), await world.post({ author })]
    const stranger = await world.person()
    const refused = followThread(stranger, draft)
    await until(() => refused.codes.length > 0)
    expect(refused.codes).toEqual(['NOT_FOUND'])
    await refused.end()

    const [one, two] = [
      followThread(stranger, post, beginning(post)),
      followThread(author, post, beginning(post)),
    ]
    await commentOn(world, post, author, { body: 'Public.' })
    await until(() => one.told.length === 1 && two.told.length === 1)
    await world.db.query(`UPDATE posts SET status = 'draft' WHERE id = $1`, [post.id])
    const hidden = await commentOn(world, post, author, { body: 'Private.' })
    await until(() => two.told.length === 2)
    // Whoever is answered late is answered for that moment: what was said in private must not be there by then.
    await author.api.data(DELETE, { input: { commentId: hidden } })
    const kept = await world.person()
    await world.db.query('UPDATE users SET restricted_at = now() WHERE id = $1', [kept.id])
    await world.db.query(`UPDATE posts SET status = 'published' WHERE id = $1`, [post.id])
    await commentOn(world, post, kept, { body: 'Kept.' })
    await commentOn(world, post, author, { body: 'Public again.' })
    const bodies = () => one.told.map(({ comment }) => comment!.body)
    await until(() => bodies().includes('Public again.'))
    expect(bodies().filter((body) => body !== '')).toEqual(['Public.', 'Public again.'])
    await Promise.all([one.end(), two.end()])
  })
})

describe('what somebody has said', () => {
  test('is in their copy, and after their erasure its place is left, of somebody without a name', async () => {
    const [post, ada, bob] = [await world.post(), await world.person(), await world.person()]
    const id = await commentOn(world, post, ada, { body: `Unmistakable words, @${bob.username}.` })
    await commentOn(world, post, bob, { body: 'An answer.', parentId: id })
    const { erasurePlan } = (await ada.api.data('{ viewer { erasurePlan { table effect columns rows } } }'))
      .viewer
    expect(erasurePlan).toContainEqual({
      table: 'comments',
      effect: 'CLEARED',
      columns: ['body', 'body_html'],
      rows: 1,
    })
    expect(erasurePlan).toContainEqual({
      table: 'comments',
      effect: 'PSEUDONYMISED',
      columns: ['author_id'],
      rows: 1,
    })
    await erasureOf(world, ada)
    await world.db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [ada.id])
    await world.do(eraseDue, {})
    const { nodes, commentCount } = await threadOf(post)
    expect(commentCount).toBe(2)
    expect(nodes).toMatchObject([{ id, body: '', replies: { edges: [{ node: { body: 'An answer.' } }] } }])
    expect(nodes[0]!.author).toEqual({ username: expect.stringMatching(/^erased_/) })
    expect(await world.db.query('SELECT FROM mentions WHERE user_id = $1', [bob.id])).toEqual([])
  })
})
