import { idOf } from '../../src/core/id'
import { conversationsTopic } from '../../src/modules/conversation/happening'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { columnsHolding } from '../support/database-bytes'
import { beginningOf, follow } from '../support/follower'
import { blockBy, conversationOf, writeTo } from '../support/messages'
import { caseAbout, decisionAbout } from '../support/moderation'
import { erased } from '../support/privacy'
import { until } from '../support/until'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const REPORT = `mutation ($input: ReportContentInput!) {
  reportContent(input: $input) { report { subjectKind subjectId } userErrors { code } }
}`
const CASE = `query ($id: ID!) { node(id: $id) { ... on ModerationCase {
  subjectKind textsWhenReported post { id } comment { id } author { id } decision { subjectId }
} } }`

const report = async ({ api }: Person, subjectId: string) => {
  const { data, errors } = await api.send(REPORT, { input: { subjectId, reason: 'HARASSMENT' } })
  return errors ? errors[0]!.extensions.code : data.reportContent
}
const caseOf = async ({ api }: Person, id: string) => (await api.data(CASE, { id })).node
const messageOf = async ({ api }: Person, id: string) =>
  (await api.data('query ($id: ID!) { node(id: $id) { ... on Message { body removedAt version } } }', { id }))
    .node
const send = async ({ api }: Person, name: string, input: object) => {
  const document = `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { userErrors { code message } } }`
  return (await api.data(document, { input }))[name].userErrors.map(({ code }: { code: string }) => code)
}

const moderator = () => world.person({ permissions: ['posts:moderate'] })

/** Somebody has written something to somebody in private. */
async function written(body = unique('You fool ')) {
  const [author, reader] = [await world.person(), await world.person()]
  return { author, reader, body, ...(await conversationOf(author, [reader], { body })) }
}

describe('a private message', () => {
  test('can be reported by whoever has it, and moderators read it and nothing else of the conversation', async () => {
    const [{ author, reader, body, messageId, conversationId }, judge] = [await written(), await moderator()]
    const other = unique('Nothing to see ')
    await send(author, 'sendMessage', { conversationId, body: other })
    expect(await report(reader, messageId)).toEqual({
      report: { subjectKind: 'MESSAGE', subjectId: messageId },
      userErrors: [],
    })
    const caseId = await caseAbout(world, messageId, reader)
    expect(await caseOf(judge, caseId)).toEqual({
      subjectKind: 'MESSAGE',
      textsWhenReported: [body],
      post: null,
      comment: null,
      author: { id: author.globalId },
      decision: null,
    })
    expect(await messageOf(judge, messageId)).toBeNull()
    expect(await columnsHolding(world.db, body)).toEqual([])
  })

  test('cannot be reported by its sender, nor by whoever does not have it, or has had it deleted or hidden', async () => {
    const { author, reader, messageId } = await written()
    expect(await report(author, messageId)).toEqual({ report: null, userErrors: [{ code: 'NOT_PERMITTED' }] })
    expect(await report(await world.person(), messageId)).toBe('NOT_FOUND')
    expect(await report(await moderator(), messageId)).toBe('NOT_FOUND')
    await blockBy(reader, author)
    expect(await report(reader, messageId)).toBe('NOT_FOUND')
    const deleted = await written()
    await send(deleted.author, 'deleteMessage', { messageId: deleted.messageId })
    expect(await report(deleted.reader, deleted.messageId)).toBe('NOT_FOUND')
  })

  test('that was only asked to be read can be reported too', async () => {
    const [author, reader] = [await world.person(), await world.person()]
    const { messageId } = await writeTo(author, [reader])
    expect(await report(reader, messageId)).toMatchObject({ userErrors: [] })
  })

  test('that is deleted after it was reported is still there to be decided about', async () => {
    const [{ author, reader, body, messageId }, judge] = [await written(), await moderator()]
    const caseId = await caseAbout(world, messageId, reader)
    await send(author, 'deleteMessage', { messageId })
    expect(await caseOf(judge, caseId)).toMatchObject({ textsWhenReported: [body] })
    expect(
      await send(judge, 'resolveModerationCase', {
        caseId,
        action: 'REMOVE',
        rule: 'Be kind.',
        messageToAuthor: 'It insults.',
      }),
    ).toEqual([])
    expect(await messageOf(author, messageId)).toMatchObject({ body: '', removedAt: null })
  })

  test('that is removed is read by its sender alone, who cannot change it, until the decision is taken back', async () => {
    const { author, reader, body, messageId } = await written()
    const [reported] = [await caseAbout(world, messageId, reader)]
    const judge = await moderator()
    await send(judge, 'resolveModerationCase', {
      caseId: reported,
      action: 'REMOVE',
      rule: 'Be kind.',
      messageToAuthor: 'It insults.',
    })
    expect(await messageOf(reader, messageId)).toEqual({
      body: '',
      removedAt: expect.any(String),
      version: 2,
    })
    expect(await messageOf(author, messageId)).toMatchObject({ body, removedAt: expect.any(String) })
    expect(await send(author, 'editMessage', { messageId, body: 'Worse.' })).toEqual(['NOT_PERMITTED'])
    const { viewer } = await author.api.data(
      '{ viewer { moderationDecisions { edges { node { id subjectKind subjectId } } } } }',
    )
    const decision = viewer.moderationDecisions.edges[0].node
    expect(decision).toMatchObject({ subjectKind: 'MESSAGE', subjectId: messageId })
    expect((await caseOf(judge, reported)).decision).toEqual({ subjectId: messageId })
    expect(await messageOf(judge, messageId)).toBeNull()
    expect(await send(judge, 'reverseModerationAction', { decisionId: decision.id })).toEqual([])
    expect(await messageOf(reader, messageId)).toEqual({ body, removedAt: null, version: 3 })
  })

  test('is removed by nobody whose moderation does not reach its sender', async () => {
    const { reader, body, messageId } = await written()
    const caseId = await caseAbout(world, messageId, reader)
    const limited = await world.person({ permissions: ['posts:moderate'], over: await world.group() })
    expect(
      await limited.api.errorCode(
        `mutation ($id: ID!) { resolveModerationCase(input: { caseId: $id, action: REMOVE, rule: "R", messageToAuthor: "M" }) { userErrors { code } } }`,
        { id: caseId },
      ),
    ).toBe('NOT_FOUND')
    expect(await messageOf(reader, messageId)).toMatchObject({ body, removedAt: null })
  })

  test('is told of as removed to those who take part, and noted in the trail of its sender', async () => {
    const { author, reader, messageId } = await written()
    const follower = follow<{ kind: string; message: { body: string } | null }>(
      world,
      reader,
      'subscription ($after: String) { viewerConversationsChanged(after: $after) { kind message { body } } }',
      { after: beginningOf(conversationsTopic(reader.id)) },
    )
    await decisionAbout(world, messageId, { reporter: reader, action: ModerationAction.REMOVE })
    await until(() => follower.told.at(-1)?.kind === 'MESSAGE_REMOVED')
    await follower.end()
    expect(follower.told.at(-1)!.message).toEqual({ body: '' })
    const { viewer } = await author.api.data(
      '{ viewer { auditEvents(first: 5) { edges { node { action target } } } } }',
    )
    expect(viewer.auditEvents.edges.map(({ node }: { node: unknown }) => node)).toContainEqual({
      action: 'message.removed',
      target: messageId,
    })
  })

  test('is lost with its author, also where it was reported', async () => {
    const [{ author, reader, messageId }, judge] = [await written(), await moderator()]
    const caseId = await caseAbout(world, messageId, reader)
    await erased(world, author)
    const [row] = await world.db.query<{ reported_text: Buffer | null }>(
      'SELECT reported_text FROM moderation_cases WHERE id = $1',
      [idOf('moderation_case', caseId)],
    )
    expect(row?.reported_text ?? null).toBeNull()
    expect(await caseOf(judge, caseId)).toBeNull()
  })
})
