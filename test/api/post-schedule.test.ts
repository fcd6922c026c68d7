import { DAY, HOUR, later, MINUTE } from '../../src/core/clock'
import { idOf } from '../../src/core/id'
import { reverseModerationAction } from '../../src/modules/moderation/reverse-decision'
import { publishDuePosts } from '../../src/modules/post/post.task'
import type { ApiClient } from '../support/api-client'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { commentOn } from '../support/content'
import { decisionAbout } from '../support/moderation'
import { useWorld } from '../support/world'

const world = useWorld()

const SCHEDULE = `mutation ($id: ID!, $publishAt: DateTime!) {
  answer: schedulePost(input: { postId: $id, publishAt: $publishAt }) { post { status publishAt version } userErrors { code field } }
}`
const CHANGE = (name: string) =>
  `mutation ($id: ID!) { answer: ${name}(input: { postId: $id }) { post { status publishAt version } userErrors { code field } } }`

const schedule = async ({ api }: { api: ApiClient }, id: string, publishAt: Date) =>
  (await api.data(SCHEDULE, { id, publishAt: publishAt.toISOString() })).answer

const read = async ({ api }: { api: ApiClient }, id: string) =>
  (await api.data('query ($id: ID!) { post(id: $id) { status publishAt publishedAt version } }', { id })).post

const publish = () => world.do(publishDuePosts, {})

const publicationsOf = async (id: string) =>
  world.db.query(
    `SELECT actor_id AS "actorId", subject_id AS "subjectId" FROM audit_events WHERE action = 'post.published' AND target = $1`,
    [id],
  )

describe('a scheduled post', () => {
  test('is published when its moment has come, once, as its author would have', async () => {
    const { globalId: id, author, publishAt } = await world.scheduledPost()
    await publish()
    expect(await read({ api: world.anonymous }, id)).toBeNull()
    expect(await read(author, id)).toMatchObject({ status: 'SCHEDULED', publishAt: publishAt.toISOString() })
    world.clock.advance(HOUR)
    await Promise.all(Array.from({ length: 4 }, publish))
    expect(await read({ api: world.anonymous }, id)).toEqual({
      status: 'PUBLISHED',
      publishAt: null,
      publishedAt: expect.any(String),
      version: 3,
    })
    expect(await publicationsOf(id)).toEqual([{ actorId: author.id, subjectId: author.id }])
  })

  test('waits while somebody is changing it, and while its author may not publish', async () => {
    const [changed, suspended, restricted, silenced] = [
      await world.scheduledPost(),
      await world.scheduledPost(),
      await world.scheduledPost(),
      await world.scheduledPost(),
    ]
    await world.suspend(suspended.author)
    const comment = await commentOn(world, await world.post(), silenced.author)
    await decisionAbout(world, comment, { action: ModerationAction.SILENCE })
    await world.db.query('UPDATE users SET restricted_at = now() WHERE id = $1', [restricted.author.id])
    world.clock.advance(HOUR)
    const statusOf = async ({ id }: { id: string }) =>
      (await world.db.query<{ status: string }>('SELECT status FROM posts WHERE id = $1', [id]))[0]!.status
    await world.db.transaction(async (tx) => {
      await tx.query('SELECT FROM posts WHERE id = $1 FOR UPDATE', [changed.id])
      await publish()
      expect(await statusOf(changed)).toBe('scheduled')
    })
    await publish()
    expect([
      await statusOf(changed),
      await statusOf(suspended),
      await statusOf(restricted),
      await statusOf(silenced),
    ]).toEqual(['published', 'scheduled', 'scheduled', 'scheduled'])
    await world.reinstate(suspended.author)
    await publish()
    expect(await statusOf(suspended)).toBe('published')
  })

  test('can be scheduled anew, published at once, or made a draft again', async () => {
    const { globalId: id, author, publishAt } = await world.scheduledPost()
    expect((await schedule(author, id, publishAt)).post).toMatchObject({ version: 2 })
    const other = later(publishAt, HOUR)
    expect((await schedule(author, id, other)).post).toEqual({
      status: 'SCHEDULED',
      publishAt: other.toISOString(),
      version: 3,
    })
    for (const _ of [1, 2])
      expect((await author.api.data(CHANGE('unschedulePost'), { id })).answer.post).toEqual({
        status: 'DRAFT',
        publishAt: null,
        version: 4,
      })
    await schedule(author, id, other)
    expect((await author.api.data(CHANGE('publishPost'), { id })).answer.post).toEqual({
      status: 'PUBLISHED',
      publishAt: null,
      version: 6,
    })
    for (const name of ['unschedulePost'])
      expect((await author.api.data(CHANGE(name), { id })).answer).toEqual({
        post: null,
        userErrors: [{ code: 'INVALID', field: ['postId'] }],
      })
    expect((await schedule(author, id, other)).userErrors).toEqual([{ code: 'INVALID', field: ['postId'] }])
  })

  test('is not published from the trash, nor after it was removed, and comes back as a draft', async () => {
    const [trashed, removed] = [await world.scheduledPost(), await world.scheduledPost()]
    const manager = await world.person({ role: 'manager' })
    const change = (api: ApiClient, name: string, id: string) =>
      api.data(`mutation ($id: ID!) { ${name}(input: { postId: $id }) { userErrors { code } } }`, { id })
    await change(trashed.author.api, 'deletePost', trashed.globalId)
    const { decision } = (
      await manager.api.data(
        'mutation ($id: ID!) { moderateContent(input: { subjectId: $id, action: REMOVE, rule: "A", messageToAuthor: "B" }) { moderationCase { decision { id } } } }',
        { id: removed.globalId },
      )
    ).moderateContent.moderationCase
    world.clock.advance(2 * HOUR)
    await publish()
    await change(trashed.author.api, 'restorePost', trashed.globalId)
    const another = await world.asViewer(await world.person({ role: 'manager' }))
    await reverseModerationAction(another, { decisionId: idOf('moderation_decision', decision.id)! })
    await publish()
    for (const { author, globalId } of [trashed, removed])
      expect(await read(author, globalId)).toMatchObject({
        status: 'DRAFT',
        publishAt: null,
        publishedAt: null,
      })
  })

  test('is scheduled for a moment within the next year', async () => {
    const { globalId: id, author } = await world.post({ publish: false })
    const now = world.clock.now()
    for (const moment of [later(now, -MINUTE), now, later(now, 365 * DAY + MINUTE), new Date(0)])
      expect(await schedule(author, id, moment)).toEqual({
        post: null,
        userErrors: [{ code: 'INVALID', field: ['publishAt'] }],
      })
    expect((await schedule(author, id, later(now, 365 * DAY - MINUTE))).userErrors).toEqual([])
  })
})
