import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { DAY, HOUR, later, MINUTE } from '../../src/core/clock'
import { idOf } from '../../src/core/id'
import { publishDuePosts } from '../../src/modules/post/post.task'
import { FilterAction, FilteredKind } from '../../src/modules/content-filter/filter-terms'
import { testContentFilter } from '../../src/modules/moderation/test-content-filter'
import { contentFilter, uniqueWord } from '../support/content-filter'
import { ApiClient } from '../support/api-client'
import { commentOn } from '../support/content'
import { startSecondProcess } from '../support/second-process'
import type { Portico } from '../../src/server/portico'
import { caseAbout } from '../support/moderation'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

// A filter is about everybody, so each test leaves none behind.
afterEach(() => world.db.query('UPDATE content_filters SET is_enabled = false, version = version + 1'))

const ERRORS = 'userErrors { code field message }'
const POST = 'post { id status title publishedAt }'
const WRITE = {
  createPost: `mutation ($input: CreatePostInput!) { createPost(input: $input) { ${POST} ${ERRORS} } }`,
  updatePost: `mutation ($input: UpdatePostInput!) { updatePost(input: $input) { ${POST} ${ERRORS} } }`,
  publishPost: `mutation ($input: PublishPostInput!) { publishPost(input: $input) { ${POST} ${ERRORS} } }`,
  schedulePost: `mutation ($input: SchedulePostInput!) { schedulePost(input: $input) { ${POST} ${ERRORS} } }`,
  restorePostRevision: `mutation ($input: RestorePostRevisionInput!) { restorePostRevision(input: $input) { ${POST} ${ERRORS} } }`,
  deletePost: `mutation ($input: DeletePostInput!) { deletePost(input: $input) { deletedPostId ${ERRORS} } }`,
  restorePost: `mutation ($input: RestorePostInput!) { restorePost(input: $input) { ${POST} ${ERRORS} } }`,
  addComment: `mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { id body heldAt } ${ERRORS} } }`,
  editComment: `mutation ($input: EditCommentInput!) { editComment(input: $input) { comment { id body heldAt } ${ERRORS} } }`,
  sendMessage: `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } ${ERRORS} } }`,
  editMessage: `mutation ($input: EditMessageInput!) { editMessage(input: $input) { message { id } ${ERRORS} } }`,
  startConversation: `mutation ($input: StartConversationInput!) { startConversation(input: $input) { conversation { id } message { id } ${ERRORS} } }`,
  renameConversation: `mutation ($input: RenameConversationInput!) { renameConversation(input: $input) { conversation { id } ${ERRORS} } }`,
  resolveModerationCase: `mutation ($input: ResolveModerationCaseInput!) { resolveModerationCase(input: $input) { moderationCase { id status } ${ERRORS} } }`,
  appealModerationDecision: `mutation ($input: AppealModerationDecisionInput!) { appealModerationDecision(input: $input) { appeal { id } ${ERRORS} } }`,
  reverseModerationAction: `mutation ($input: ReverseModerationActionInput!) { reverseModerationAction(input: $input) { decision { id } ${ERRORS} } }`,
} as const

const send = async ({ api }: Person, name: keyof typeof WRITE, input: object) =>
  (await api.data(WRITE[name], { input }))[name]

const told = (errors: { code: string; field: string[] }[]) =>
  errors.map(({ code, field }) => [code, ...field].join(' ')).join() || 'OK'

const outcome = async (person: Person, name: keyof typeof WRITE, input: object): Promise<string> =>
  told((await send(person, name, input)).userErrors)

const publish = (person: Person, body: string, title = unique('Title ')) =>
  send(person, 'createPost', { title, body, publish: true })

const moderator = () => world.person({ permissions: ['posts:moderate'] })

const CASES = `{ moderationCases(last: 40, filter: { foundByFilter: true }) { edges { node { id weight version post { id } comment { id }
  filterMatches { filterName action found filter { id } } } } } }`

interface FoundCase {
  id: string
  weight: number
  version: number
  post: { id: string } | null
  comment: { id: string } | null
  filterMatches: { filterName: string; action: string; found: string[]; filter: { id: string } | null }[]
}

/** The case that a filter has opened about a thing, as a moderator finds it; undefined where there is none. */
async function caseOf(judge: Person, subjectId: string) {
  const { moderationCases } = await judge.api.data(CASES)
  return moderationCases.edges
    .map(({ node }: { node: FoundCase }) => node)
    .find(({ post, comment }: FoundCase) => (post ?? comment)?.id === subjectId)
}

/** What comes of deciding in the case about a thing that nothing is wrong with it, by whoever has read the case as it is. */
async function dismiss(judge: Person, subjectId: string): Promise<string> {
  const { id: caseId, version: expectedVersion } = await caseOf(judge, subjectId)
  return outcome(judge, 'resolveModerationCase', { caseId, action: 'DISMISS', expectedVersion })
}

const seenBy = async ({ api }: Pick<Person, 'api'>, id: string) =>
  (
    await api.data(
      'query ($id: ID!) { node(id: $id) { id ... on Post { status } ... on Comment { body } } }',
      { id },
    )
  ).node

describe('a filter of words', () => {
  test('refuses a post, a comment and a message, says where, and nothing is stored', async () => {
    const word = uniqueWord()
    const all = Object.values(FilteredKind)
    await contentFilter(world, { words: [word], covers: all })
    const [author, reader] = [await world.person(), await world.person()]
    const post = await world.post({ author: reader })
    const before = await world.db.query(
      'SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM comments) AS n',
    )
    expect(await outcome(author, 'createPost', { title: `So ${word}`, body: 'x', publish: true })).toBe(
      'FILTERED title',
    )
    const refused = await publish(author, `It is **${word}** indeed.`)
    expect(refused).toMatchObject({
      post: null,
      userErrors: [{ code: 'FILTERED', field: ['body'], message: expect.stringContaining(word) }],
    })
    expect(
      await outcome(author, 'createPost', { title: 'x', body: 'x', tags: ['fine', word], publish: true }),
    ).toBe('FILTERED tags')
    expect(await outcome(author, 'addComment', { postId: post.globalId, body: word })).toBe('FILTERED body')
    expect(await outcome(author, 'startConversation', { userIds: [reader.globalId], body: word })).toBe(
      'FILTERED body',
    )
    expect(
      await world.db.query('SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM comments) AS n'),
    ).toEqual(before)
    expect(
      await world.db.query('SELECT FROM conversation_participants WHERE user_id = $1', [author.id]),
    ).toEqual([])
    const { conversation, message } = await send(author, 'startConversation', {
      userIds: [reader.globalId],
      body: 'Fine.',
    })
    expect(await outcome(author, 'sendMessage', { conversationId: conversation.id, body: `${word}!` })).toBe(
      'FILTERED body',
    )
    expect(await outcome(author, 'editMessage', { messageId: message.id, body: word })).toBe('FILTERED body')
    const group = { userIds: [reader.globalId], title: 'Fine', body: 'Fine.' }
    expect(await outcome(author, 'startConversation', { ...group, title: word })).toBe('FILTERED title')
    const { conversation: named } = await send(author, 'startConversation', group)
    expect(
      await outcome(author, 'renameConversation', { conversationId: named.id, title: `So ${word}` }),
    ).toBe('FILTERED title')
  })

  test('flags: it is published, and moderators find a case with the filter and its words', async () => {
    const word = uniqueWord()
    const filter = await contentFilter(world, { words: [word], action: FilterAction.FLAG })
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const { post } = await publish(author, `Here is ${word.toUpperCase()} for you.`)
    expect(post.status).toBe('PUBLISHED')
    expect(await seenBy(reader, post.id)).toMatchObject({ status: 'PUBLISHED' })
    const found = await caseOf(judge, post.id)
    expect(found).toMatchObject({
      weight: 10,
      filterMatches: [{ action: 'FLAG', found: [word.toUpperCase()], filter: null }],
    })
    const admin = await world.person({ role: 'admin' })
    expect((await caseOf(admin, post.id)).filterMatches[0].filter).toEqual({ id: filter })
    expect(await author.api.errorCode(CASES)).toBe('FORBIDDEN')
  })

  test('tells whose post or comment it holds why, that a machine has, and what a person makes of it', async () => {
    const [word, other] = [uniqueWord(), uniqueWord()]
    await contentFilter(world, {
      words: [word],
      action: FilterAction.HOLD,
      messageToAuthor: 'No games of chance.',
    })
    await contentFilter(world, { words: [other], action: FilterAction.HOLD })
    const [author, judge] = [await world.person(), await moderator()]
    const mails = () => world.portico.mailbox!.read(author.email)
    const DECISIONS = `{ viewer { moderationDecisions { edges { node {
      id action rule reasons isAutomated isDetectedAutomatically endsAt reversedAt subjectId
    } } } } }`
    const decisions = async (): Promise<{ id: string; action: string }[]> => {
      const { viewer } = await author.api.data(DECISIONS)
      return viewer.moderationDecisions.edges.map(({ node }: { node: unknown }) => node)
    }
    const { post } = await publish(author, `Here is ${word}.`)
    const [hold] = await decisions()
    expect(hold).toEqual({
      id: expect.any(String),
      action: 'HOLD',
      rule: 'No games of chance.',
      reasons: `A filter, which is a machine, has found “${word}” in it.`,
      isAutomated: true,
      isDetectedAutomatically: true,
      endsAt: null,
      reversedAt: null,
      subjectId: post.id,
    })
    expect(mails()).toHaveLength(1)
    for (const said of [
      'a machine has decided that',
      'No games of chance.',
      word,
      'You are told what becomes of it',
    ])
      expect(mails()[0]!.text).toContain(said)
    for (const [by, name, input] of [
      [author, 'appealModerationDecision', { decisionId: hold!.id, text: 'It is a novel.' }],
      [judge, 'reverseModerationAction', { decisionId: hold!.id }],
    ] as const)
      expect(await outcome(by, name, input)).toBe('NOT_PERMITTED decisionId')
    const { id: caseId } = await caseOf(judge, post.id)
    expect(
      await outcome(judge, 'resolveModerationCase', {
        caseId,
        action: 'HOLD',
        rule: 'R',
        messageToAuthor: 'M',
      }),
    ).toBe('INVALID action')
    expect(await dismiss(judge, post.id)).toBe('OK')
    expect(await decisions()).toEqual([{ ...hold, endsAt: expect.any(String) }])
    expect(mails()[0]!.subject).toBe('A decision about something that you have written was taken back')

    const { comment } = await send(author, 'addComment', { postId: post.id, body: `So ${other}.` })
    const { id: second } = await caseOf(judge, comment.id)
    const removal = { action: 'REMOVE', rule: 'No.', messageToAuthor: 'Not here.' }
    expect(await outcome(judge, 'resolveModerationCase', { caseId: second, ...removal })).toBe('OK')
    expect(await decisions()).toMatchObject([
      { action: 'REMOVE', isAutomated: false, isDetectedAutomatically: true, endsAt: null },
      {
        action: 'HOLD',
        rule: 'Some words are looked at before others read them.',
        endsAt: expect.any(String),
      },
      { action: 'HOLD' },
    ])
    const { node } = await judge.api.data(
      'query ($id: ID!) { node(id: $id) { ... on ModerationCase { decision { action } } } }',
      { id: second },
    )
    expect(node.decision).toEqual({ action: 'REMOVE' })
  })

  test('writes once within an hour about what it holds of one person, however much that is, and states each decision', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const intoHour = world.clock.now().getTime() % HOUR
    world.clock.advance(HOUR - intoHour)
    const [author, other] = [await world.person(), await world.person()]
    const mailsTo = ({ email }: Person) => world.portico.mailbox!.read(email).length
    for (let count = 0; count < 3; count++) await publish(author, `Here is ${word}.`)
    await publish(other, word)
    expect([mailsTo(author), mailsTo(other)]).toEqual([1, 1])
    world.clock.advance(HOUR)
    const posts = await Promise.all(Array.from({ length: 8 }, () => world.post()))
    const several = posts.map(({ globalId: postId }) => outcome(author, 'addComment', { postId, body: word }))
    expect(await Promise.all(several)).toEqual(several.map(() => 'OK'))
    expect([mailsTo(author), mailsTo(other)]).toEqual([2, 1])
    const stated = '{ viewer { moderationDecisions { totalCount } } }'
    expect((await author.api.data(stated)).viewer.moderationDecisions.totalCount).toBe(11)
  })

  test('holds a post: its author and moderators see it, nobody else does, until it is approved', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const { post } = await publish(author, `Here is ${word}.`)
    expect(post).toMatchObject({ status: 'HELD', publishedAt: null })
    expect(await seenBy(author, post.id)).toMatchObject({ status: 'HELD' })
    expect(await seenBy(judge, post.id)).toMatchObject({ status: 'HELD' })
    const hidden = async ({ api }: Pick<Person, 'api'>) => {
      const { node, posts, user, bySlug } = await api.data(
        `query ($id: ID!, $author: ID!, $slug: String!) { node(id: $id) { id } bySlug: postBySlug(slug: $slug) { id }
           posts(filter: { authorId: $author }) { totalCount edges { node { id } } }
           user(id: $author) { posts { totalCount } held: posts(filter: { status: HELD }) { totalCount } } }`,
        { id: post.id, author: author.globalId, slug: await slugOf(post.id) },
      )
      return {
        node,
        bySlug,
        listed: posts.totalCount,
        edges: posts.edges,
        ofAuthor: user.posts.totalCount,
        held: user.held.totalCount,
      }
    }
    const nowhere = { node: null, bySlug: null, listed: 0, edges: [], ofAuthor: 0, held: 0 }
    expect(await hidden(reader)).toEqual(nowhere)
    expect(await hidden({ api: world.anonymous })).toEqual(nowhere)
    expect(await hidden(author)).toMatchObject({ node: { id: post.id }, listed: 0, held: 1 })
    expect(await outcome(author, 'addComment', { postId: post.id, body: 'x' })).toBe('NOT_PERMITTED')
    // What waits is decided about as it was read.
    expect(await outcome(author, 'updatePost', { postId: post.id, body: 'Other.' })).toBe(
      'NOT_PERMITTED postId',
    )
    expect(await outcome(author, 'publishPost', { postId: post.id })).toBe('NOT_PERMITTED postId')

    expect((await caseOf(judge, post.id)).weight).toBe(20)
    world.clock.advance(MINUTE)
    expect(await dismiss(judge, post.id)).toBe('OK')
    expect(await hidden(reader)).toMatchObject({ node: { id: post.id }, listed: 1, ofAuthor: 1, held: 0 })
    const { post: shown } = await reader.api.data(
      'query ($id: ID!) { post(id: $id) { publishedAt createdAt } }',
      {
        id: post.id,
      },
    )
    expect(Date.parse(shown.publishedAt) - Date.parse(shown.createdAt)).toBeGreaterThanOrEqual(MINUTE)
    // It was approved, and says nothing new.
    expect(await outcome(author, 'updatePost', { postId: post.id, title: 'Another title' })).toBe('OK')
    expect(await seenBy(reader, post.id)).toMatchObject({ status: 'PUBLISHED' })
  })

  test('holds what its author wants to be removed, which is told as found by a machine and decided by a person', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const { post } = await publish(author, word)
    const { id: caseId } = await caseOf(judge, post.id)
    const removal = { caseId, action: 'REMOVE', rule: 'No spam.', messageToAuthor: 'It is spam.' }
    expect(await outcome(judge, 'resolveModerationCase', removal)).toBe('OK')
    expect(await seenBy(author, post.id)).toMatchObject({ status: 'REMOVED' })
    const decisions =
      '{ viewer { moderationDecisions { edges { node { id isAutomated isDetectedAutomatically } } } } }'
    const [{ node: decision }] = (await author.api.data(decisions)).viewer.moderationDecisions.edges
    expect(decision).toMatchObject({ isAutomated: false, isDetectedAutomatically: true })
    expect(world.portico.mailbox!.read(author.email)[0]!.text).toMatch(
      /A filter, which is a machine, has found it/,
    )
    expect(await outcome(judge, 'reverseModerationAction', { decisionId: decision.id })).toBe('OK')
    expect(await seenBy(reader, post.id)).toMatchObject({ status: 'PUBLISHED' })

    const other = await world.post()
    const reported = await caseAbout(world, other.globalId)
    await send(judge, 'resolveModerationCase', { ...removal, caseId: reported })
    const [{ node: plain }] = (await other.author.api.data(decisions)).viewer.moderationDecisions.edges
    expect(plain).toMatchObject({ isAutomated: false, isDetectedAutomatically: false })
    expect(world.portico.mailbox!.read(other.author.email)[0]!.text).not.toMatch(/filter/)
  })

  test('holds a comment: it is not counted, not told and in no list until it is approved, and then is', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post()
    const first = await commentOn(world, post, reader)
    const { comment } = await send(author, 'addComment', {
      postId: post.globalId,
      parentId: first,
      body: `${word} for @${reader.username}`,
    })
    expect(comment.heldAt).not.toBeNull()
    const thread = async ({ api }: Pick<Person, 'api'>) => {
      const { post: found, node } = await api.data(
        `query ($id: ID!, $comment: ID!) { node(id: $comment) { id ... on Comment { body mentions { id } } }
           post(id: $id) { commentCount comments(first: 1) { edges { node { replyCount replies(first: 2) { totalCount edges { node { id } } } } } } } }`,
        { id: post.globalId, comment: comment.id },
      )
      const [{ node: parent }] = found.comments.edges
      return {
        node,
        commentCount: found.commentCount,
        replyCount: parent.replyCount,
        replies: parent.replies.totalCount,
        listed: parent.replies.edges.length,
      }
    }
    const hidden = { node: null, commentCount: 1, replyCount: 0, replies: 0, listed: 0 }
    expect(await thread(reader)).toEqual(hidden)
    expect(await thread({ api: world.anonymous })).toEqual(hidden)
    expect(await thread(author)).toMatchObject({
      node: { body: comment.body, mentions: [] },
      replies: 1,
      commentCount: 1,
    })
    expect(
      await outcome(author, 'addComment', { postId: post.globalId, parentId: comment.id, body: 'x' }),
    ).toBe('NOT_PERMITTED parentId')
    expect(await outcome(author, 'editComment', { commentId: comment.id, body: 'x' })).toBe(
      'NOT_PERMITTED commentId',
    )
    expect(await eventsOf(post.id)).toEqual(['comment-added'])

    expect(await dismiss(judge, comment.id)).toBe('OK')
    expect(await thread(reader)).toEqual({
      node: { id: comment.id, body: comment.body, mentions: [{ id: reader.globalId }] },
      commentCount: 2,
      replyCount: 1,
      replies: 1,
      listed: 1,
    })
    expect(await eventsOf(post.id)).toEqual(['comment-added', 'comment-added'])
  })

  test('of a comment that was changed the place stays, without its text, and nothing of one that nobody saw', async () => {
    const word = uniqueWord()
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post()
    const changed = await commentOn(world, post, author)
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    await send(author, 'editComment', { commentId: changed, body: word })
    const { comment: unseen } = await send(author, 'addComment', { postId: post.globalId, body: word })
    const read = async () =>
      (
        await reader.api.data(
          'query ($id: ID!) { post(id: $id) { commentCount comments { edges { node { id body bodyHtml } } } } }',
          { id: post.globalId },
        )
      ).post
    const empty = { id: changed, body: '', bodyHtml: '' }
    expect(await read()).toEqual({ commentCount: 0, comments: { edges: [{ node: empty }] } })
    const removal = { action: 'REMOVE', rule: 'No.', messageToAuthor: 'No.' }
    await send(judge, 'resolveModerationCase', { caseId: (await caseOf(judge, unseen.id)).id, ...removal })
    expect(await seenBy(reader, unseen.id)).toBeNull()
    expect(await dismiss(judge, changed)).toBe('OK')
    expect(await read()).toMatchObject({
      commentCount: 1,
      comments: { edges: [{ node: { id: changed, body: word } }] },
    })
    expect(await eventsOf(post.id)).toEqual([
      'comment-added',
      'comment-held',
      'comment-removed',
      'comment-approved',
    ])
  })

  test('whoever follows the thread is told of what waits when it is approved, and of a changed one without its text', async () => {
    const word = uniqueWord()
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post()
    const changed = await commentOn(world, post, author, { body: 'Before.' })
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const client = createClient({
      url: world.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${reader.token}` },
    })
    const told: unknown[] = []
    const after = Buffer.from(JSON.stringify([`stream:thread:${post.id}`, 0])).toString('base64url')
    const query =
      'subscription ($postId: ID!, $after: String) { threadChanged(postId: $postId, after: $after) { kind comment { body } } }'
    const stop = client.subscribe<{ threadChanged: unknown }>(
      { query, variables: { postId: post.globalId, after } },
      {
        next: ({ data }) => data?.threadChanged && told.push(data.threadChanged),
        error: () => undefined,
        complete: () => undefined,
      },
    )
    await until(() => told.length === 1)
    const { comment: unseen } = await send(author, 'addComment', { postId: post.globalId, body: word })
    await send(author, 'editComment', { commentId: changed, body: word })
    await until(() => told.length === 2)
    expect(await dismiss(judge, unseen.id)).toBe('OK')
    await until(() => told.length === 3)
    expect(told.slice(1)).toEqual([
      { kind: 'COMMENT_HELD', comment: { body: '' } },
      { kind: 'COMMENT_ADDED', comment: { body: word } },
    ])
    stop()
    await client.dispose()
  })

  test('sees through markup, entities and what shows nothing, and reads what is shown', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word] })
    const author = await world.person()
    const [head, tail] = [word.slice(0, 3), word.slice(3)]
    const tried = async (body: string) => told((await publish(author, body)).userErrors)
    for (const body of [
      `${head}**${tail}**`,
      `${head}*${tail[0]}*${tail.slice(1)}`,
      `&#${head.charCodeAt(0)};${word.slice(1)}`,
      `[a ${head}\u200b${tail} b](https://example.com)`,
      `> - ${word}`,
      `| a |\n| - |\n| ${word} |`,
      `![${word}](https://example.com/i.png)`,
      '`' + word + '`',
      [...word].join(' '),
      `${word.toUpperCase()}!!!`,
      `<b>${word}</b>`,
    ])
      expect([body, await tried(body)]).toEqual([body, 'FILTERED body'])
    // HTML in a text is text: readers see what stands between.
    const comment = `${head}<!-- x -->${tail}`
    const { post } = await publish(author, comment)
    expect(post.status).toBe('PUBLISHED')
    const { post: shown } = await author.api.data('query ($id: ID!) { post(id: $id) { excerpt } }', {
      id: post.id,
    })
    expect(shown.excerpt).toBe(comment)
  })

  test('is asked wherever something comes to be seen: as it is published, shown to others, scheduled, restored', async () => {
    const word = uniqueWord()
    const author = await world.person()
    const draft = await world.post({ author, publish: false, body: word })
    const { post: own } = await send(author, 'createPost', {
      title: 'Mine',
      body: word,
      visibility: 'ONLY_ME',
      publish: true,
    })
    const edited = await world.post({ author, body: word })
    await send(author, 'updatePost', { postId: edited.globalId, body: 'Harmless.' })
    const planned = await world.scheduledPost({ author })
    await world.db.query(`UPDATE posts SET title = $2 WHERE id = $1`, [planned.id, word])
    await contentFilter(world, { words: [word] })
    expect(await outcome(author, 'publishPost', { postId: draft.globalId })).toBe('FILTERED')
    expect(await outcome(author, 'updatePost', { postId: own.id, visibility: 'PUBLIC' })).toBe(
      'FILTERED body',
    )
    expect(await outcome(author, 'updatePost', { postId: own.id, body: `${word} again` })).toBe('OK')
    expect(await outcome(author, 'restorePostRevision', { postId: edited.globalId, number: 1 })).toBe(
      'FILTERED',
    )
    const publishAt = later(world.clock.now(), DAY)
    expect(await outcome(author, 'schedulePost', { postId: draft.globalId, publishAt })).toBe('FILTERED')
    // Nobody is there to be told when a job publishes it.
    world.clock.advance(DAY)
    await world.do(publishDuePosts, {})
    expect(await seenBy(author, planned.globalId)).toMatchObject({ status: 'HELD' })
    expect(await caseOf(await moderator(), planned.globalId)).toMatchObject({
      filterMatches: [{ action: 'REFUSE' }],
    })
  })

  test('lets through what was there before it, and takes what is new', async () => {
    const [old, word] = [uniqueWord(), uniqueWord()]
    const author = await world.person()
    const post = await world.post({ author, body: old })
    await contentFilter(world, { words: [old, word] })
    expect(await outcome(author, 'updatePost', { postId: post.globalId, body: `${old} and more` })).toBe('OK')
    expect(await outcome(author, 'updatePost', { postId: post.globalId, body: `${old} and ${word}` })).toBe(
      'FILTERED body',
    )
  })

  test('does not look at whoever may moderate the author, nor at a draft', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word] })
    const [judge, author] = [await moderator(), await world.person()]
    expect(told((await publish(judge, word)).userErrors)).toBe('OK')
    const { post } = await send(author, 'createPost', { title: word, body: word, publish: false })
    expect(await outcome(author, 'publishPost', { postId: post.id })).toBe('FILTERED')
    const group = await world.group()
    const limited = await world.person({ permissions: ['posts:moderate'], over: group })
    expect(told((await publish(limited, word)).userErrors)).toBe('FILTERED body')
  })

  test('what its author takes back while it waits is a draft again', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const [author, judge] = [await world.person(), await moderator()]
    const { post } = await publish(author, word)
    await send(author, 'deletePost', { postId: post.id })
    const { id: caseId } = (await judge.api.data(CASES)).moderationCases.edges.at(-1).node
    expect(await outcome(judge, 'resolveModerationCase', { caseId, action: 'DISMISS' })).toBe('OK')
    const { post: restored } = await send(author, 'restorePost', { postId: post.id })
    expect(restored).toMatchObject({ status: 'DRAFT', publishedAt: null })
  })

  test('what its author takes back and changes while a moderator reads it is not published unread', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const { post } = await publish(author, `Fine, ${word}.`)
    const read = await caseOf(judge, post.id)
    for (const way of ['deletePost', 'restorePost'] as const) await send(author, way, { postId: post.id })
    expect(await outcome(author, 'updatePost', { postId: post.id, body: `Foul, ${word}.` })).toBe('OK')
    expect((await send(author, 'publishPost', { postId: post.id })).post).toMatchObject({ status: 'HELD' })
    const stale = { caseId: read.id, action: 'DISMISS', expectedVersion: read.version }
    expect(await judge.api.errorCode(WRITE.resolveModerationCase, { input: stale })).toBe('CONFLICT')
    expect(await seenBy(reader, post.id)).toBeNull()
    expect(await dismiss(judge, post.id)).toBe('OK')
    expect(await seenBy(reader, post.id)).toMatchObject({ status: 'PUBLISHED' })
  })

  test('what another moderator changes while one reads it is not published unread', async () => {
    const word = uniqueWord()
    await contentFilter(world, { words: [word], action: FilterAction.HOLD })
    const [author, judge, other] = [await world.person(), await moderator(), await moderator()]
    const { post } = await publish(author, `Fine, ${word}.`)
    const read = await caseOf(judge, post.id)
    expect(await outcome(other, 'updatePost', { postId: post.id, body: `Foul, ${word}.` })).toBe('OK')
    const stale = { caseId: read.id, action: 'DISMISS', expectedVersion: read.version }
    expect(await judge.api.errorCode(WRITE.resolveModerationCase, { input: stale })).toBe('CONFLICT')
    expect((await caseOf(judge, post.id)).version).toBeGreaterThan(read.version)
  })

  test('says what staff have written where it refuses, and knows exceptions and leetspeak where it is told to', async () => {
    const word = uniqueWord()
    const author = await world.person()
    await contentFilter(world, {
      words: [`*${word}*`],
      exceptions: [`${word}thorpe`],
      messageToAuthor: 'Mind your words.',
    })
    expect((await publish(author, `x${word}x`)).userErrors[0].message).toBe('Mind your words.')
    expect(told((await publish(author, `From ${word}thorpe.`)).userErrors)).toBe('OK')
    const leet = `${uniqueWord()}eas`
    await contentFilter(world, { words: [leet], readsLeetspeak: true })
    expect(told((await publish(author, leet.replace('eas', '3@5'))).userErrors)).toBe('FILTERED body')
  })
})

describe('a filter of links', () => {
  const tried = async (author: Person, body: string) => told((await publish(author, body)).userErrors)

  test('finds a denied domain however it is written', async () => {
    const name = uniqueWord()
    const domain = `${name}.example`
    await contentFilter(world, { links: { deniedDomains: [domain, `bücher-${name}.example`] } })
    const author = await world.person()
    for (const body of [
      `https://${domain}/a`,
      `https://${domain.toUpperCase()}./`,
      `https://${domain}:8443/?q`,
      `[good.example](https://${domain})`,
      `https://good.example@${domain}/`,
      `![i](http://www.${domain}/i.png)`,
      `[a][r]\n\n[r]: https://${domain}`,
      `<https://${domain}>`,
      `go to ${domain} now`,
      `${name}[.]example`,
      `${name} (dot) example`,
      `hxxps://${domain}`,
      `${name}\u200b.example`,
      `${domain.replace('.', '。')}`,
      `https://bücher-${name}.example`,
      `https://${new URL(`https://bücher-${name}.example`).hostname}`,
      `https://go.example/?u=https%3A%2F%2F${domain}%2F`,
      `https://go.example/https://${domain}`,
      `<mailto:ada@${domain}>`,
      `ada@${domain}`,
    ])
      expect([body, await tried(author, body)]).toEqual([body, 'FILTERED body'])
    for (const body of [
      `https://not${domain}`,
      `https://${domain}.good.example`,
      `https://good.example/${domain.replace('.', '-')}`,
      name,
    ])
      expect([body, await tried(author, body)]).toEqual([body, 'OK'])
  })

  test('knows what is allowed, and how many sites are tolerated', async () => {
    const author = await world.person()
    await contentFilter(world, { links: { allowedDomains: ['example.com'], tolerated: 1 } })
    expect(await tried(author, 'https://example.com and https://www.example.com and https://a.example')).toBe(
      'OK',
    )
    expect(await tried(author, 'https://a.example and https://a.example/b')).toBe('OK')
    expect(await tried(author, 'https://a.example and https://b.example')).toBe('FILTERED body')
    expect(await tried(author, 'https://a.example and shop.com')).toBe('FILTERED body')
    expect(await tried(author, 'node.js, e.g. 1.2.3, ada@mail.com, end.Start')).toBe('OK')
  })

  test('is for newcomers alone, where it says so: by age or by what they have published', async () => {
    const author = await world.person()
    await contentFilter(world, {
      links: {},
      newcomersOnly: { youngerThanDays: 3, fewerPostsThan: 2 },
    })
    expect(await tried(author, 'https://a.example')).toBe('FILTERED body')
    world.clock.advance(3 * DAY + MINUTE)
    const later = await world.person()
    await world.db.query('UPDATE users SET created_at = $2 WHERE id = $1', [author.id, new Date(0)])
    await world.db.query('UPDATE users SET created_at = $2 WHERE id = $1', [later.id, world.clock.now()])
    expect(await tried(author, 'https://a.example')).toBe('FILTERED body')
    for (const person of [author, later])
      for (let count = 0; count < 2; count++) await publish(person, 'No link.')
    expect(await tried(author, 'https://a.example')).toBe('OK')
    expect(await tried(later, 'https://a.example')).toBe('FILTERED body')
  })
})

describe('a filter of how much', () => {
  test('lets exactly so many through of 20 at once', async () => {
    const [author, reader] = [await world.person(), await world.person()]
    const post = await world.post({ author: reader })
    await contentFilter(world, { rate: { limit: 5, windowSeconds: 60 } })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2
          ? outcome(author, 'addComment', { postId: post.globalId, body: unique('Words ') })
          : outcome(author, 'createPost', { title: 'x', body: unique('Words '), publish: true }),
      ),
    )
    expect(outcomes.filter((one) => one === 'OK')).toHaveLength(5)
    expect(new Set(outcomes.filter((one) => one !== 'OK'))).toEqual(
      new Set(['FILTERED body', 'FILTERED title']),
    )
    const written =
      'SELECT (SELECT count(*) FROM comments WHERE author_id = $1) + (SELECT count(*) FROM posts WHERE author_id = $1) AS n'
    expect(await world.db.query(written, [author.id])).toEqual([{ n: '5' }])
    expect(told((await publish(reader, 'x')).userErrors)).toBe('OK')
    world.clock.advance(MINUTE)
    expect(told((await publish(author, 'x')).userErrors)).toBe('OK')
  })

  test('counts what waits, and holds what is more', async () => {
    const author = await world.person()
    await contentFilter(world, { rate: { limit: 2, windowSeconds: 60 }, action: FilterAction.HOLD })
    const statuses = []
    for (let count = 0; count < 4; count++) statuses.push((await publish(author, 'x')).post.status)
    expect(statuses).toEqual(['PUBLISHED', 'PUBLISHED', 'HELD', 'HELD'])
  })

  test('counts the same text, whatever its case and punctuation, of posts, comments and messages', async () => {
    const [author, reader] = [await world.person(), await world.person()]
    const post = await world.post({ author: reader })
    await contentFilter(world, {
      rate: { limit: 2, windowSeconds: 60, sameTextOnly: true },
      covers: Object.values(FilteredKind),
    })
    const text = `Buy ${uniqueWord()} now`
    const tries = [text, `${text.toUpperCase()}!!!`, `*${text}*`, `Something else: ${text}`]
    const expected = ['OK', 'OK', 'FILTERED body', 'OK']
    const said = []
    for (const body of tries) said.push(await outcome(author, 'addComment', { postId: post.globalId, body }))
    expect(said).toEqual(expected)
    const { conversation } = await send(author, 'startConversation', {
      userIds: [reader.globalId],
      body: tries[0],
    })
    const sent = []
    await send(reader, 'sendMessage', { conversationId: conversation.id, body: text })
    for (const body of tries.slice(1))
      sent.push(await outcome(author, 'sendMessage', { conversationId: conversation.id, body }))
    expect(sent).toEqual(expected.slice(1))
  })
})

describe('a test of a filter', () => {
  const TEST = `mutation ($input: TestContentFilterInput!) { testContentFilter(input: $input) {
    checkedCount matchedCount isComplete samples { post { id } comment { id } segments { text isMatch } } userErrors { code field message } } }`
  const tester = () => world.person({ permissions: ['filters:manage'] })
  const test_ = async ({ api }: Person, input: object) => (await api.data(TEST, { input })).testContentFilter

  test('finds what a filter would find of what others read, shows it, and changes nothing', async () => {
    const word = uniqueWord()
    const staff = await tester()
    const post = await world.post({ body: `Before **${word}** after` })
    const comment = await commentOn(world, post, await world.person(), { body: `${word.toUpperCase()}!` })
    const removed = await world.post({ body: word })
    await world.db.query(`UPDATE posts SET status = 'removed' WHERE id = $1`, [removed.id])
    await world.post({ body: word, publish: false })
    const found = await test_(staff, {
      filter: { draft: { covers: ['POST', 'COMMENT'], terms: { words: { words: [word] } } } },
      newest: 500,
    })
    expect(found).toMatchObject({ matchedCount: 2, isComplete: true, userErrors: [] })
    expect(found.samples).toEqual([
      {
        post: { id: post.globalId },
        comment: null,
        segments: [
          { text: 'Before ', isMatch: false },
          { text: word, isMatch: true },
          { text: ' after', isMatch: false },
        ],
      },
      {
        post: null,
        comment: { id: comment },
        segments: [
          { text: word.toUpperCase(), isMatch: true },
          { text: '!', isMatch: false },
        ],
      },
    ])
    expect(await caseOf(await moderator(), post.globalId)).toBeUndefined()
    const [event] = await world.db.query<{ details: object }>(
      `SELECT details FROM audit_events WHERE action = 'content-filter.tested' AND actor_id = $1`,
      [staff.id],
    )
    expect(event!.details).toEqual({ kind: 'words', checked: found.checkedCount, matched: 2 })
  })

  test('tries a filter that is saved and off, links for whom were newcomers then, and how much', async () => {
    const domain = `${uniqueWord()}.example`
    const [staff, author] = [await tester(), await world.person()]
    const contentFilterId = await contentFilter(world, {
      links: { deniedDomains: [domain] },
      newcomersOnly: { fewerPostsThan: 2 },
      covers: [FilteredKind.POST],
      isEnabled: false,
    })
    const posts = []
    for (let count = 0; count < 4; count++) {
      posts.push(await world.post({ author, body: `https://${domain}/${count}` }))
      world.clock.advance(MINUTE)
    }
    const links = await test_(staff, { filter: { contentFilterId } })
    expect(links.matchedCount).toBe(2)
    expect(links.samples.map(({ post }: { post: { id: string } }) => post.id).sort()).toEqual(
      posts
        .slice(0, 2)
        .map(({ globalId }) => globalId)
        .sort(),
    )
    const rate = await test_(staff, {
      filter: {
        draft: {
          covers: ['POST'],
          terms: { rate: { limit: 3, windowSeconds: 3_600 } },
          newcomersOnly: { youngerThanDays: 1 },
        },
      },
      newest: 4,
    })
    expect(rate).toMatchObject({ checkedCount: 4, matchedCount: 1 })
    expect(rate.samples).toEqual([{ post: { id: posts[3]!.globalId }, comment: null, segments: [] }])
  })

  test('is refused for messages alone, without what to look for, and for whoever may not manage filters', async () => {
    const staff = await tester()
    const draft = (changes: object) => ({
      filter: { draft: { covers: ['POST'], terms: { words: { words: ['x'] } }, ...changes } },
    })
    const refused = async (input: object) => told((await test_(staff, input)).userErrors)
    expect(await refused(draft({ covers: ['MESSAGE'] }))).toBe('INVALID filter draft covers')
    expect(await refused({ filter: {} })).toBe('INVALID filter')
    expect(await refused(draft({ terms: {} }))).toBe('REQUIRED filter draft terms')
    expect(await refused({ ...draft({}), newest: 10_001 })).toBe('INVALID newest')
    const input = draft({})
    for (const { api } of [await moderator(), { api: world.anonymous }])
      expect(await api.errorCode(TEST, { input })).toMatch(/FORBIDDEN|UNAUTHENTICATED/)
  })

  test('ends after its time, and says so', async () => {
    const staff = await tester()
    await world.post()
    let now = 0
    const input = {
      filter: {
        draft: { covers: [FilteredKind.POST], terms: { words: { words: ['x'], readsLeetspeak: false } } },
      },
      newest: 100,
    }
    const found = await testContentFilter(await world.asViewer(staff), input, () => (now += 6_000))
    expect(found).toMatchObject({ checkedCount: 0, isComplete: false })
  })
})

describe('filters are kept by staff', () => {
  const CREATE = `mutation ($input: CreateContentFilterInput!) { createContentFilter(input: $input) { contentFilter { id name isEnabled version covers action
    words { words exceptions readsLeetspeak } links { deniedDomains allowedDomains tolerated } rate { limit } newcomersOnly { youngerThanDays fewerPostsThan }
    } userErrors { code field message } } }`
  const UPDATE = `mutation ($input: UpdateContentFilterInput!) { updateContentFilter(input: $input) { contentFilter { version isEnabled words { words } } userErrors { code field message } } }`
  const keeper = () => world.person({ permissions: ['filters:manage'] })
  const base = () => ({ name: unique('Filter '), action: 'REFUSE', covers: ['POST'] })

  test('what is wrong with one is told by field, and nothing is kept', async () => {
    const staff = await keeper()
    const refused = async (input: object) =>
      (await staff.api.data(CREATE, { input: { ...base(), ...input } })).createContentFilter.userErrors
        .map((problem: { code: string; field: string[] }) => [problem.code, ...problem.field].join(' '))
        .join(', ')
    const words = (...all: string[]) => ({ terms: { words: { words: all } } })
    const kept = () => world.db.query('SELECT count(*) FROM content_filters')
    const before = await kept()
    expect(await refused({ terms: {} })).toBe('REQUIRED terms')
    expect(await refused({ terms: { words: { words: ['a'] }, rate: { limit: 1, windowSeconds: 60 } } })).toBe(
      'INVALID terms',
    )
    expect(await refused(words())).toBe('REQUIRED terms words words')
    expect(await refused(words('fine', '\u200b'))).toBe('REQUIRED terms words words 1')
    expect(await refused(words('fine', '*', '...', 'a*b', 'ab*'))).toBe(
      [1, 2, 3, 4].map((index) => `INVALID terms words words ${index}`).join(', '),
    )
    expect(await refused(words('Bad', 'b\u00e1d'))).toBe('INVALID terms words words 1')
    expect(await refused(words('x'.repeat(61)))).toBe('TOO_LONG terms words words 0')
    expect(await refused(words(...Array.from({ length: 501 }, (_, index) => `w${index}`)))).toBe(
      'TOO_LONG terms words words',
    )
    expect(
      await refused({
        terms: { links: { deniedDomains: ['https://a.example', 'a..b', 'a.example', 'A.example.'] } },
      }),
    ).toBe(
      'INVALID terms links deniedDomains 0, INVALID terms links deniedDomains 1, INVALID terms links deniedDomains 3',
    )
    expect(await refused({ terms: { links: { tolerated: 51 } } })).toBe('INVALID terms links tolerated')
    expect(await refused({ terms: { rate: { limit: 0, windowSeconds: 1 } } })).toBe(
      'INVALID terms rate limit, INVALID terms rate windowSeconds',
    )
    expect(await refused({ ...words('a'), covers: [] })).toBe('REQUIRED covers')
    expect(await refused({ ...words('a'), covers: ['MESSAGE'], action: 'FLAG' })).toBe('INVALID covers')
    expect(await refused({ ...words('a'), newcomersOnly: {} })).toBe('REQUIRED newcomersOnly')
    expect(await refused({ ...words('a'), newcomersOnly: { youngerThanDays: 0 } })).toBe(
      'INVALID newcomersOnly youngerThanDays',
    )
    expect(await kept()).toEqual(before)
    for (let count = 0; count < 50; count++) await contentFilter(world, { words: [uniqueWord()], by: staff })
    expect(await refused({ ...words('a'), isEnabled: true })).toBe('TOO_LONG isEnabled')
    const name = unique('Filter ')
    expect(await refused({ ...words('a'), name })).toBe('')
    expect(await refused({ ...words('b'), name: name.toUpperCase() })).toBe('TAKEN name')
  })

  test('one is made switched off, changed under its version, and deleted, each with its event', async () => {
    const staff = await keeper()
    const input = {
      ...base(),
      terms: { links: { deniedDomains: ['BÜCHER.example', '*.shop'] } },
      newcomersOnly: { youngerThanDays: 7 },
      covers: ['COMMENT', 'POST', 'POST'],
    }
    const { contentFilter: made } = (await staff.api.data(CREATE, { input })).createContentFilter
    expect(made).toMatchObject({
      isEnabled: false,
      version: 1,
      covers: ['POST', 'COMMENT'],
      links: { deniedDomains: ['xn--bcher-kva.example', 'shop'], allowedDomains: [], tolerated: 0 },
      newcomersOnly: { youngerThanDays: 7, fewerPostsThan: null },
      words: null,
    })
    const update = async (changes: object, by = staff) =>
      (await by.api.data(UPDATE, { input: { contentFilterId: made.id, ...changes } })).updateContentFilter
    const other = await keeper()
    expect((await update({ isEnabled: true }, other)).contentFilter).toEqual({
      version: 2,
      isEnabled: true,
      words: null,
    })
    expect((await update({ isEnabled: true })).contentFilter.version).toBe(2)
    expect((await update({ terms: { words: { words: ['a'] } } })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['terms', 'words'] },
    ])
    expect(
      await staff.api.errorCode(UPDATE, {
        input: { contentFilterId: made.id, expectedVersion: 1, name: 'x' },
      }),
    ).toBe('CONFLICT')
    await staff.api.data(
      `mutation { deleteContentFilter(input: { contentFilterId: "${made.id}" }) { deletedContentFilterId } }`,
    )
    const events = await world.db.query<{ action: string }>(
      `SELECT action FROM audit_events WHERE target = $1 ORDER BY occurred_at, id`,
      [made.id],
    )
    expect(events.map(({ action }) => action)).toEqual([
      'content-filter.created',
      'content-filter.updated',
      'content-filter.deleted',
    ])
    expect(await staff.api.errorCode(UPDATE, { input: { contentFilterId: made.id, name: 'x' } })).toBe(
      'NOT_FOUND',
    )
  })

  let other: Portico
  beforeAll(async () => void (other = await startSecondProcess(world)))
  afterAll(() => other.stop())

  test('a change holds with its commit on every process', async () => {
    const word = uniqueWord()
    const contentFilterId = await contentFilter(world, { words: [word] })
    const author = await world.person()
    const api = new ApiClient(`${other.url}/graphql`, author.token)
    const tried = () => outcome({ ...author, api }, 'createPost', { title: 'x', body: word, publish: true })
    const update = `mutation ($input: UpdateContentFilterInput!) { updateContentFilter(input: $input) { userErrors { code } } }`
    const staff = await keeper()
    for (const [isEnabled, expected] of [
      [true, 'FILTERED body'],
      [false, 'OK'],
      [true, 'FILTERED body'],
    ] as const) {
      await staff.api.data(update, { input: { contentFilterId, isEnabled } })
      expect(await tried()).toBe(expected)
    }
    await staff.api.data(update, { input: { contentFilterId, terms: { words: { words: [uniqueWord()] } } } })
    expect(await tried()).toBe('OK')
  })
})

const slugOf = async (globalId: string): Promise<string> =>
  (
    await world.db.query<{ slug: string }>('SELECT slug FROM posts WHERE id = $1', [idOf('post', globalId)])
  )[0]!.slug

/** What followers of a thread have been told. */
const eventsOf = async (postId: string): Promise<string[]> =>
  (
    await world.db.query<{ kind: string }>(
      `SELECT event ->> 'kind' AS kind FROM stream_events WHERE topic = $1 ORDER BY number`,
      [`thread:${postId}`],
    )
  ).map(({ kind }) => kind)
