import { DAY, later, MINUTE, monthsLater } from '../../src/core/clock'
import { idOf, toGlobalId, type Id } from '../../src/core/id'
import { idInMailedToken, newMailedToken } from '../../src/modules/mail/mailed-token'
import { actingAs } from '../support/administration'
import { commentOn } from '../support/content'
import { columnsHolding } from '../support/database-bytes'
import { appealTokenOf, appealOf, caseAbout, decisionAbout, reportOf } from '../support/moderation'
import { erased as erasePerson, restricted } from '../support/privacy'
import { blockBy, writeTo } from '../support/messages'
import { unique, useWorld, type Person } from '../support/world'
import { forgetOldDecisions } from '../../src/modules/moderation-decision/moderation-decision.task'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { weightOf } from '../../src/modules/moderation-case/report.service'

const world = useWorld()

const CASE = `id status weight version openedAt decidedAt claimEndsAt claimedBy { id } decidedBy { id } note earlierCaseCount
  author { id } post { id } comment { id body } decision { id action }
  reports(first: 10) { totalCount edges { node { reason note reporter { id } } } }`
const DECISION = 'id action rule reasons isAutomated decidedAt endsAt appealEndsAt reversedAt version'
const APPEAL =
  'id status text note createdAt decidedAt version user { id } decision { id reversedAt appeal { id } }'
const RESULTS: Record<string, string> = {
  reportContent: 'report { reason note createdAt reporter { id } }',
  claimModerationCase: `moderationCase { ${CASE} }`,
  releaseModerationCase: `moderationCase { ${CASE} }`,
  resolveModerationCase: `moderationCase { ${CASE} }`,
  moderateContent: `moderationCase { ${CASE} }`,
  appealModerationDecision: `appeal { ${APPEAL} }`,
  decideAppeal: `appeal { ${APPEAL} }`,
  reverseModerationAction: `decision { ${DECISION} }`,
}

const documentOf = (name: string) =>
  `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${RESULTS[name]} userErrors { code field message } } }`

const send = async ({ api }: Person, name: string, input: object) =>
  (await api.data(documentOf(name), { input }))[name]

const told = (errors: { code: string; field: string[] }[]) =>
  errors.map(({ code, field }) => [code, ...field].join(' ')).join() || 'OK'

/** What a mutation answered: `OK`, the codes of its user errors, or that of the error that refused it. */
async function outcome({ api }: Person, name: string, input: object): Promise<string> {
  const { data, errors } = await api.send(documentOf(name), { input })
  if (errors) return errors[0]!.extensions.code
  return told(data[name].userErrors)
}

/** The ids of the cases that somebody finds in the queue. */
const queue = async ({ api }: Person, filter: object = {}): Promise<string[]> => {
  const document = `query ($filter: ModerationCaseFilter) { moderationCases(filter: $filter, first: 100) { edges { node { id } } } }`
  const { moderationCases } = await api.data(document, { filter })
  return (moderationCases.edges as { node: { id: string } }[]).map(({ node }) => node.id)
}

const caseOf = async ({ api }: Person, id: string) =>
  (await api.data(`query ($id: ID!) { node(id: $id) { ... on ModerationCase { ${CASE} } } }`, { id })).node

const decisionsOf = async ({ api }: Person) =>
  (
    await api.data(
      `{ viewer { silenceEndsAt moderationDecisions { totalCount edges { node { ${DECISION} post { id status } comment { id } } } } } }`,
    )
  ).viewer

const bodyOf = async ({ api }: Pick<Person, 'api'>, id: string) =>
  (await api.data(`query ($id: ID!) { comment(id: $id) { body bodyHtml removedAt } }`, { id })).comment

const moderator = () => world.person({ permissions: ['posts:moderate'] })
const admin = () => world.person({ role: 'admin' })
const newest = ({ email }: Person) => world.portico.mailbox!.read(email)[0]

const REMOVAL = { action: 'REMOVE', rule: 'No advertising.', messageToAuthor: 'It sells shoes.' }

describe('a report', () => {
  test('is made of what one sees, and opens a case for whoever moderates the author', async () => {
    const [reporter, judge] = [await world.person(), await moderator()]
    const post = await world.post()
    const { report, userErrors } = await send(reporter, 'reportContent', {
      subjectId: post.globalId,
      reason: 'SPAM',
      note: 'Sells shoes.',
    })
    expect(userErrors).toEqual([])
    expect(report).toEqual({
      reason: 'SPAM',
      note: 'Sells shoes.',
      createdAt: expect.any(String),
      reporter: { id: reporter.globalId },
    })
    const id = await caseAbout(world, post.globalId, reporter)
    expect(await queue(judge)).toContain(id)
    expect(await caseOf(judge, id)).toEqual({
      id,
      status: 'OPEN',
      weight: 10,
      version: 1,
      openedAt: report.createdAt,
      decidedAt: null,
      claimEndsAt: null,
      claimedBy: null,
      decidedBy: null,
      note: null,
      earlierCaseCount: 0,
      author: { id: post.author.globalId },
      post: { id: post.globalId },
      comment: null,
      decision: null,
      reports: {
        totalCount: 1,
        edges: [{ node: { reason: 'SPAM', note: 'Sells shoes.', reporter: { id: reporter.globalId } } }],
      },
    })
  })

  test('that somebody makes again, or twice at once, is the first', async () => {
    const [reporter, judge] = [await world.person(), await moderator()]
    const comment = await commentOn(world, await world.post(), await world.person())
    const tries = await Promise.all(
      ['SPAM', 'HATE'].map((reason) => send(reporter, 'reportContent', { subjectId: comment, reason })),
    )
    const again = await send(reporter, 'reportContent', { subjectId: comment, reason: 'OTHER' })
    expect(new Set([...tries, again].map(({ report }) => report.reason)).size).toBe(1)
    const id = await caseAbout(world, comment, reporter)
    expect(await caseOf(judge, id)).toMatchObject({ weight: 10, reports: { totalCount: 1 } })
    expect(await caseAbout(world, comment)).toBe(id)
    expect(await caseOf(judge, id)).toMatchObject({ weight: 20, reports: { totalCount: 2 } })
  })

  test('is made anew once something is wrong again that was decided about, and not before', async () => {
    const [author, reporter, judge] = [await world.person(), await world.person(), await moderator()]
    const post = await world.post({ author })
    const comment = await commentOn(world, post, author, { body: 'Buy shoes.' })
    const report = async (subjectId: string) => {
      expect(await outcome(reporter, 'reportContent', { subjectId, reason: 'SPAM' })).toBe('OK')
      const ofPost = await queue(judge)
      const rows = await world.db.query<{ id: Id }>(
        `SELECT id FROM moderation_cases WHERE subject_id = $1 AND status = 'open'`,
        [idOf('post', subjectId) ?? idOf('comment', subjectId)],
      )
      return rows.map(({ id }) => toGlobalId('moderation_case', id)).filter((id) => ofPost.includes(id))
    }
    const dismiss = (caseId: string) => send(judge, 'resolveModerationCase', { caseId, action: 'DISMISS' })
    const change = (name: string, input: object) => {
      const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`
      return author.api.data(
        `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code } } }`,
        { input },
      )
    }
    const [trashed, said] = [await report(post.globalId), await report(comment)]
    await change('deletePost', { postId: post.globalId })
    for (const caseId of [...trashed, ...said]) await dismiss(caseId)
    expect(await queue(judge)).not.toContain(said[0])
    await change('restorePost', { postId: post.globalId })
    expect(await report(comment)).toEqual([])
    const again = await report(post.globalId)
    expect(again).toEqual([expect.not.stringMatching(trashed[0]!)])
    await dismiss(again[0]!)
    expect(await report(post.globalId)).toEqual([])
    await change('editComment', { commentId: comment, body: 'Buy more shoes.' })
    expect(await report(comment)).toEqual([expect.not.stringMatching(said[0]!)])
    const { reports } = (
      await reporter.api.data('{ viewer { reports { totalCount edges { node { status } } } } }')
    ).viewer
    expect(reports.edges.map(({ node }: { node: { status: string } }) => node.status)).toEqual([
      'OPEN',
      'DISMISSED',
      'DISMISSED',
      'DISMISSED',
    ])
  })

  test('keeps what it is about as it was, whatever its author makes of it since; and what others report later', async () => {
    const [author, judge] = [await world.person(), await moderator()]
    const words = [unique('Buy shoes '), unique('Buy boots '), unique('Buy hats ')] as const
    const post = await world.post({ author, title: words[2], body: words[0] })
    const comment = await commentOn(world, post, author, { body: words[0] })
    const cases = [await caseAbout(world, post.globalId), await caseAbout(world, comment)]
    const change = (field: string) => author.api.data(`mutation { ${field} { userErrors { code } } }`)
    await change(`editComment(input: { commentId: "${comment}", body: "${words[1]}" })`)
    await reportOf(world, comment)
    await reportOf(world, comment)
    await change(`deleteComment(input: { commentId: "${comment}" })`)
    await change(`deletePost(input: { postId: "${post.globalId}" })`)
    const seen = (id: string) =>
      judge.api.data(
        'query ($id: ID!) { node(id: $id) { ... on ModerationCase { textsWhenReported post { id } comment { body } } } }',
        { id },
      )
    expect((await seen(cases[0]!)).node).toEqual({
      textsWhenReported: [`${words[2]}\n\n${words[0]}`],
      post: null,
      comment: null,
    })
    expect((await seen(cases[1]!)).node.textsWhenReported).toEqual([words[0], words[1]])
    expect(await columnsHolding(world.db, words[1])).toEqual([])
  })

  test('is not made of one’s own, of what one does not see, and of what is removed', async () => {
    const [author, reporter] = [await world.person(), await world.person()]
    const tried = (by: Person, subjectId: string) =>
      outcome(by, 'reportContent', { subjectId, reason: 'HATE' })
    const post = await world.post({ author })
    expect(await tried(author, post.globalId)).toBe('NOT_PERMITTED subjectId')
    expect(await tried(reporter, (await world.post({ author, publish: false })).globalId)).toBe('NOT_FOUND')
    expect(await tried(reporter, reporter.globalId)).toBe('NOT_FOUND')
    const comment = await commentOn(world, post, author)
    await decisionAbout(world, comment, { action: ModerationAction.REMOVE })
    expect(await tried(reporter, comment)).toBe('NOT_FOUND')
    expect(
      await outcome({ api: world.anonymous } as Person, 'reportContent', {
        subjectId: post.globalId,
        reason: 'HATE',
      }),
    ).toBe('UNAUTHENTICATED')
  })

  test('says nothing of who has made it to whoever it is about, and is unreadable where it is kept', async () => {
    const note = unique('Canary ')
    const [reporter, author] = [await world.person(), await world.person()]
    const post = await world.post({ author })
    await send(reporter, 'reportContent', { subjectId: post.globalId, reason: 'PRIVACY', note })
    const trail = '{ viewer { auditEvents(first: 50) { edges { node { action actor { id } } } } } }'
    const { viewer } = await author.api.data(trail)
    expect(JSON.stringify(viewer)).not.toContain(reporter.globalId)
    expect(await author.api.errorCode('{ moderationCases { totalCount } }')).toBe('FORBIDDEN')
    expect(await columnsHolding(world.db, note)).toEqual([])
  })

  test('counts the more, the more often somebody has been right', async () => {
    expect(weightOf({ right: 0, wrong: 0 })).toBe(10)
    expect([weightOf({ right: 8, wrong: 0 }), weightOf({ right: 0, wrong: 8 })]).toEqual([18, 2])
    expect(weightOf({ right: 0, wrong: 1_000 })).toBe(1)
    const [reporter, judge] = [await world.person(), await moderator()]
    const weigh = async () => {
      const post = await world.post()
      return caseOf(judge, await caseAbout(world, post.globalId, reporter))
    }
    const first = await weigh()
    await send(judge, 'resolveModerationCase', { caseId: first.id, ...REMOVAL })
    const second = await weigh()
    expect(second.weight).toBe(13)
    await send(judge, 'resolveModerationCase', { caseId: second.id, action: 'DISMISS' })
    expect((await weigh()).weight).toBe(10)
  })

  test('is slowed down where somebody reports a lot', async () => {
    const reporter = await world.person()
    const post = await world.post()
    const tried = () => outcome(reporter, 'reportContent', { subjectId: post.globalId, reason: 'SPAM' })
    const outcomes = []
    for (let count = 0; count < 21; count++) outcomes.push(await tried())
    expect(outcomes.at(-1)).toBe('RATE_LIMITED')
    expect(outcomes.slice(0, 19)).toEqual(Array(19).fill('OK'))
  })
})

describe('the queue', () => {
  test('has the most weighty first, of those the oldest, and is asked by status, reason and claim', async () => {
    const group = await world.group()
    const judge = await world.person({ permissions: ['posts:moderate'], over: group })
    const cases: string[] = []
    for (const reports of [1, 2, 1]) {
      const author = await world.person()
      await world.join(group, author)
      const post = await world.post({ author })
      for (let count = 1; count < reports; count++) await reportOf(world, post.globalId)
      cases.push(await caseAbout(world, post.globalId))
      world.clock.advance(MINUTE)
    }
    const ids = (filter = {}) => queue(judge, filter)
    expect(await ids()).toEqual([cases[1], cases[0], cases[2]])
    expect(await ids({ reason: 'HATE' })).toEqual([])
    await send(judge, 'claimModerationCase', { caseId: cases[0] })
    expect(await ids({ claimedByMe: true })).toEqual([cases[0]])
    expect(await ids({ claimedByMe: false })).toEqual([cases[1], cases[2]])
    await send(judge, 'resolveModerationCase', { caseId: cases[0], action: 'DISMISS' })
    expect(await ids({ status: 'DISMISSED' })).toEqual([cases[0]])
    expect(await ids()).toEqual([cases[1], cases[2]])
  })

  test('holds only what those have written whom one moderates, and nothing of one’s own', async () => {
    const group = await world.group()
    const limited = await world.person({ permissions: ['posts:moderate'], over: group })
    const judge = await moderator()
    const caseId = await caseAbout(world, (await world.post({ author: judge })).globalId)
    for (const each of [limited, judge]) {
      expect(await queue(each)).not.toContain(caseId)
      expect(await outcome(each, 'claimModerationCase', { caseId })).toBe('NOT_FOUND')
      expect(await outcome(each, 'resolveModerationCase', { caseId, action: 'DISMISS' })).toBe('NOT_FOUND')
    }
  })

  test('of two moderators who take the next at once, each gets another one, and of one case exactly one', async () => {
    const group = await world.group()
    const author = await world.person()
    await world.join(group, author)
    const judges = await Promise.all(
      [1, 2].map(() => world.person({ permissions: ['posts:moderate'], over: group })),
    )
    for (let round = 0; round < 5; round++) {
      const cases = []
      for (let count = 0; count < 2; count++)
        cases.push(await caseAbout(world, (await world.post({ author })).globalId))
      const taken = await Promise.all(judges.map((judge) => send(judge, 'claimModerationCase', {})))
      expect(taken.map(({ moderationCase }) => moderationCase.id).sort()).toEqual([...cases].sort())
      expect((await send(judges[0]!, 'claimModerationCase', {})).moderationCase).toBeNull()
      const caseId = await caseAbout(world, (await world.post({ author })).globalId)
      const raced = await Promise.all(
        judges.map((judge) => outcome(judge, 'claimModerationCase', { caseId })),
      )
      expect(raced.sort()).toEqual(['NOT_PERMITTED caseId', 'OK'])
    }
  })

  test('a claim keeps others out for half an hour, or until it is given back', async () => {
    const [judge, other] = [await moderator(), await moderator()]
    const caseId = await caseAbout(world, (await world.post()).globalId)
    const { moderationCase } = await send(judge, 'claimModerationCase', { caseId })
    expect(moderationCase).toMatchObject({
      claimedBy: { id: judge.globalId },
      claimEndsAt: expect.any(String),
      version: 2,
    })
    for (const name of ['claimModerationCase', 'releaseModerationCase'])
      expect(await outcome(other, name, { caseId })).toBe('NOT_PERMITTED caseId')
    const dismissal = { caseId, action: 'DISMISS' }
    expect(await outcome(other, 'resolveModerationCase', dismissal)).toBe('NOT_PERMITTED caseId')
    world.clock.advance(30 * MINUTE)
    const { moderationCase: taken } = await send(other, 'claimModerationCase', { caseId })
    expect(taken.claimedBy).toEqual({ id: other.globalId })
    const { moderationCase: given } = await send(other, 'releaseModerationCase', { caseId })
    expect(given).toMatchObject({ claimedBy: null, claimEndsAt: null })
    expect(await outcome(judge, 'resolveModerationCase', dismissal)).toBe('OK')
    expect(await outcome(judge, 'claimModerationCase', { caseId })).toBe('NOT_PERMITTED caseId')
  })

  test('has nobody whose data is kept and no more, and nothing of who is erased', async () => {
    const judge = await moderator()
    const [kept, erased] = [await world.person(), await world.person()]
    const [keptCase, erasedCase] = [
      await caseAbout(world, (await world.post({ author: kept })).globalId),
      await caseAbout(world, (await world.post({ author: erased })).globalId),
    ]
    await restricted(world, kept)
    await erasePerson(world, erased)
    const ids = await queue(judge)
    expect(ids).not.toContain(keptCase)
    expect(ids).not.toContain(erasedCase)
    expect(await outcome(judge, 'resolveModerationCase', { caseId: keptCase, action: 'DISMISS' })).toBe(
      'NOT_FOUND',
    )
    const [left] = await world.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM reports JOIN moderation_cases moderation ON moderation.id = case_id WHERE moderation.id = $1`,
      [idOf('moderation_case', erasedCase)],
    )
    expect(left).toEqual({ count: 0 })
  })

  test('loses what somebody has reported who is erased, and keeps the case', async () => {
    const [judge, reporter, kept] = [await moderator(), await world.person(), await world.person()]
    const post = await world.post()
    const caseId = await caseAbout(world, post.globalId, reporter)
    await reportOf(world, post.globalId, { by: kept })
    await erasePerson(world, reporter)
    await restricted(world, kept)
    expect(await caseOf(judge, caseId)).toMatchObject({
      weight: 20,
      reports: { totalCount: 0, edges: [] },
    })
  })
})

describe('a decision', () => {
  test('about somebody whom the moderator has blocked is carried out like any other', async () => {
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const comment = await commentOn(world, await world.post(), author, { body: 'Buy shoes.' })
    const caseId = await caseAbout(world, comment)
    await blockBy(judge, author)
    const { moderationCase } = await send(judge, 'resolveModerationCase', { caseId, ...REMOVAL })
    expect(moderationCase).toMatchObject({ status: 'ACTED_ON', comment: { body: 'Buy shoes.' } })
    expect((await bodyOf(reader, comment)).body).toBe('')
  })

  test('removes a comment: its text is its author’s and moderators’ alone, and comes back as it was', async () => {
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post()
    const mentioned = await world.person()
    const body = `Buy shoes, @${mentioned.username}.`
    const comment = await commentOn(world, post, author, { body })
    const caseId = await caseAbout(world, comment)
    const { moderationCase, userErrors } = await send(judge, 'resolveModerationCase', {
      caseId,
      ...REMOVAL,
      note: 'Third time.',
      expectedVersion: 1,
    })
    expect(userErrors).toEqual([])
    expect(moderationCase).toMatchObject({
      status: 'ACTED_ON',
      note: 'Third time.',
      decidedBy: { id: judge.globalId },
      comment: { body },
      decision: { action: 'REMOVE' },
      version: 2,
    })
    const { removedAt } = await bodyOf(author, comment)
    expect(removedAt).toEqual(expect.any(String))
    for (const stranger of [reader, { api: world.anonymous }])
      expect(await bodyOf(stranger, comment)).toEqual({ body: '', bodyHtml: '', removedAt })
    expect(await bodyOf(author, comment)).toMatchObject({ body, removedAt })
    const seen = `query ($id: ID!) { post(id: $id) { commentCount comments { edges { node { body mentions { id } } } } } }`
    expect((await reader.api.data(seen, { id: post.globalId })).post).toEqual({
      commentCount: 0,
      comments: { edges: [{ node: { body: '', mentions: [] } }] },
    })
    const edit = `mutation ($id: ID!) { editComment(input: { commentId: $id, body: "Else." }) { userErrors { code } } }`
    expect((await author.api.data(edit, { id: comment })).editComment.userErrors).toEqual([
      { code: 'NOT_PERMITTED' },
    ])
    const { decision } = await send(judge, 'reverseModerationAction', {
      decisionId: moderationCase.decision.id,
      note: 'It was a joke.',
    })
    expect(decision).toMatchObject({ reversedAt: expect.any(String), version: 2 })
    expect(await bodyOf(reader, comment)).toMatchObject({ body, removedAt: null })
    expect((await bodyOf(reader, comment)).bodyHtml).toContain('shoes')
    expect((await reader.api.data(seen, { id: post.globalId })).post).toMatchObject({ commentCount: 1 })
    expect(newest(author)).toMatchObject({ text: expect.stringContaining('It was a joke.') })
    expect(await queue(judge, { status: 'REVERSED' })).toContain(caseId)
    expect(await outcome(judge, 'reverseModerationAction', { decisionId: moderationCase.decision.id })).toBe(
      'NOT_PERMITTED decisionId',
    )
  })

  test('is told to the author with its reasons, by mail and for good, and to nobody else', async () => {
    const [author, judge, other] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post({ author })
    const caseId = await caseAbout(world, post.globalId)
    const secret = unique('Secret ')
    await send(judge, 'resolveModerationCase', { caseId, ...REMOVAL, messageToAuthor: secret })
    const { moderationDecisions, silenceEndsAt } = await decisionsOf(author)
    expect(silenceEndsAt).toBeNull()
    expect(moderationDecisions).toEqual({
      totalCount: 1,
      edges: [
        {
          node: {
            id: expect.stringMatching(/^moderation_decision_/),
            action: 'REMOVE',
            rule: 'No advertising.',
            reasons: secret,
            isAutomated: false,
            decidedAt: expect.any(String),
            endsAt: null,
            appealEndsAt: expect.any(String),
            reversedAt: null,
            version: 1,
            post: { id: post.globalId, status: 'REMOVED' },
            comment: null,
          },
        },
      ],
    })
    const { text } = newest(author)!
    for (const part of ['No advertising.', secret, 'not a machine', 'object until'])
      expect(text).toContain(part)
    expect(await columnsHolding(world.db, secret)).toEqual([])
    const [{ node }] = moderationDecisions.edges
    const one = 'query ($id: ID!) { node(id: $id) { id } }'
    expect((await other.api.data(one, { id: node.id })).node).toBeNull()
    expect((await judge.api.data(one, { id: node.id })).node).toEqual({ id: node.id })
  })

  test('that nothing is wrong tells the author nothing', async () => {
    const [author, judge] = [await world.person(), await moderator()]
    const caseId = await caseAbout(world, (await world.post({ author })).globalId)
    await send(judge, 'resolveModerationCase', { caseId, action: 'DISMISS', note: 'Fine.' })
    expect((await decisionsOf(author)).moderationDecisions.totalCount).toBe(0)
    expect(newest(author)).toBeUndefined()
    expect((await world.post({ author })).status).toBe('published')
  })

  test('silences until a moment: nothing is written, and everything again when it is over or taken back', async () => {
    const [author, judge] = [await world.person(), await moderator()]
    const post = await world.post()
    const { conversationId, messageId } = await writeTo(author, [await world.person()])
    const draft = await world.post({ author, publish: false })
    const until = later(world.clock.now(), DAY).toISOString()
    const silenced = async () => {
      const caseId = await caseAbout(world, await commentOn(world, post, author))
      const input = { caseId, ...REMOVAL, action: 'SILENCE', until }
      return (await send(judge, 'resolveModerationCase', input)).moderationCase.decision.id
    }
    const WRITING = [
      `createPost(input: { title: "T", body: "B" })`,
      `addComment(input: { postId: "${post.globalId}", body: "B" })`,
      `addReaction(input: { subjectId: "${post.globalId}", kind: "like" })`,
      `sendMessage(input: { conversationId: "${conversationId}", body: "B" })`,
      `editMessage(input: { messageId: "${messageId}", body: "B" })`,
      `schedulePost(input: { postId: "${draft.globalId}", publishAt: "${later(world.clock.now(), 3 * DAY).toISOString()}" })`,
    ]
    const written = async () => {
      const codes: string[] = []
      for (const field of WRITING) {
        const { data } = await author.api.send(`mutation { ${field} { userErrors { code } } }`)
        const [payload] = Object.values(data as Record<string, { userErrors: { code: string }[] }>)
        codes.push(...payload!.userErrors.map(({ code }) => code))
      }
      return codes
    }
    const decisionId = await silenced()
    expect(newest(author)!.subject).toBe('You cannot write anything for a while')
    expect((await decisionsOf(author)).silenceEndsAt).toBe(until)
    expect(await written()).toEqual(WRITING.map(() => 'NOT_PERMITTED'))
    await send(judge, 'reverseModerationAction', { decisionId })
    expect(await written()).toEqual([])
    await silenced()
    expect(await written()).toHaveLength(WRITING.length)
    world.clock.advance(DAY)
    // A message can be changed for a quarter of an hour.
    expect(await written()).toEqual(['NOT_PERMITTED'])
    expect((await decisionsOf(author)).silenceEndsAt).toBeNull()
  })

  test('suspends with a fresh proof and the permission, and reinstates when it is taken back', async () => {
    const [author, boss, judge] = [await world.person(), await admin(), await moderator()]
    const input = { ...REMOVAL, action: 'SUSPEND' }
    const post = await world.post({ author })
    const caseId = await caseAbout(world, post.globalId)
    expect(await outcome(judge, 'resolveModerationCase', { caseId, ...input })).toBe('FORBIDDEN')
    const late = await admin()
    world.clock.advance(11 * MINUTE)
    expect(await outcome(late, 'resolveModerationCase', { caseId, ...input })).toBe(
      'REAUTHENTICATION_REQUIRED',
    )
    expect(await queue(boss)).toContain(caseId)
    expect(
      (await boss.api.data(`query ($id: ID!) { post(id: $id) { status } }`, { id: post.globalId })).post,
    ).toEqual({
      status: 'PUBLISHED',
    })
    const fresh = await admin()
    const { moderationCase } = await send(fresh, 'resolveModerationCase', { caseId, ...input })
    const standing = async () =>
      (await fresh.api.data('query ($id: ID!) { user(id: $id) { status } }', { id: author.globalId })).user
        .status
    expect(await standing()).toBe('SUSPENDED')
    await send(fresh, 'reverseModerationAction', { decisionId: moderationCase.decision.id })
    expect(await standing()).toBe('ACTIVE')
  })

  test('is one: whoever decides later, or upon something older, finds that it has changed', async () => {
    const judges = [await moderator(), await moderator()]
    const post = await world.post()
    const caseId = await caseAbout(world, post.globalId)
    const outcomes = await Promise.all(
      judges.map((judge, index) =>
        outcome(judge, 'resolveModerationCase', {
          caseId,
          ...(index === 0 ? REMOVAL : { action: 'DISMISS' }),
          expectedVersion: 1,
        }),
      ),
    )
    expect(outcomes.sort()).toEqual(['CONFLICT', 'OK'])
    expect(await outcome(judges[0]!, 'resolveModerationCase', { caseId, action: 'DISMISS' })).toBe(
      'NOT_PERMITTED caseId',
    )
  })

  test('is made about nobody above, and by nobody who may not', async () => {
    const [judge, above] = [await moderator(), await admin()]
    const post = await world.post({ author: above })
    const caseId = await caseAbout(world, post.globalId)
    expect(await outcome(judge, 'resolveModerationCase', { caseId, ...REMOVAL })).toBe('NOT_PERMITTED')
    const { decisionId } = await decisionAbout(world, (await world.post({ author: above })).globalId)
    expect(await outcome(judge, 'reverseModerationAction', { decisionId })).toBe('NOT_PERMITTED')
    for (const name of ['claimModerationCase', 'releaseModerationCase'])
      expect(await outcome(await world.person(), name, { caseId })).toBe('FORBIDDEN')
  })

  test('says what it needs, and nothing more', async () => {
    const judge = await moderator()
    const caseId = await caseAbout(world, (await world.post()).globalId)
    const tried = (input: object) => outcome(judge, 'resolveModerationCase', { caseId, ...input })
    const tomorrow = later(world.clock.now(), DAY).toISOString()
    expect(await tried({ action: 'REMOVE' })).toBe('REQUIRED rule,REQUIRED messageToAuthor')
    expect(await tried({ ...REMOVAL, rule: ' ', messageToAuthor: '' })).toBe(
      'REQUIRED rule,REQUIRED messageToAuthor',
    )
    expect(await tried({ ...REMOVAL, until: tomorrow })).toBe('INVALID until')
    expect(await tried({ ...REMOVAL, action: 'SILENCE' })).toBe('REQUIRED until')
    expect(await tried({ ...REMOVAL, action: 'SILENCE', until: world.clock.now() })).toBe('INVALID until')
    expect(await tried({ ...REMOVAL, action: 'DISMISS', until: tomorrow })).toBe(
      'INVALID rule,INVALID messageToAuthor,INVALID until',
    )
    expect(await caseOf(judge, caseId)).toMatchObject({ version: 1 })
  })

  test('that lasts for years holds until its end, and is forgotten two years after', async () => {
    const [author, judge] = [await world.person(), await moderator()]
    const caseId = await caseAbout(world, (await world.post({ author })).globalId)
    const until = monthsLater(world.clock.now(), 36).toISOString()
    await send(judge, 'resolveModerationCase', { caseId, ...REMOVAL, action: 'SILENCE', until })
    const left = async () => {
      await world.do(forgetOldDecisions, {})
      return (await world.db.query('SELECT FROM moderation_decisions WHERE user_id = $1', [author.id])).length
    }
    world.clock.advance(35 * 30 * DAY)
    expect(await left()).toBe(1)
    world.clock.advance(26 * 31 * DAY)
    expect(await left()).toBe(0)
  })

  test('about what is gone meanwhile is made all the same', async () => {
    const [author, judge] = [await world.person(), await moderator()]
    const comment = await commentOn(world, await world.post(), author)
    const caseId = await caseAbout(world, comment)
    await author.api.data(
      `mutation { deleteComment(input: { commentId: "${comment}" }) { userErrors { code } } }`,
    )
    const { moderationCase } = await send(judge, 'resolveModerationCase', { caseId, ...REMOVAL })
    expect(moderationCase.status).toBe('ACTED_ON')
    expect(await outcome(judge, 'reverseModerationAction', { decisionId: moderationCase.decision.id })).toBe(
      'OK',
    )
  })
})

describe('an appeal', () => {
  const appeals = async ({ api }: Person, filter = {}): Promise<string[]> => {
    const document = `query ($filter: AppealFilter) { moderationAppeals(filter: $filter, first: 100) { totalCount edges { node { id } } } }`
    const { moderationAppeals } = await api.data(document, { filter })
    return (moderationAppeals.edges as { node: { id: string } }[]).map(({ node }) => node.id)
  }
  const appealed = async (action = ModerationAction.REMOVE) => {
    const [author, judge] = [await world.person(), await admin()]
    const post = await world.post({ author })
    const { decisionId } = await decisionAbout(world, post.globalId, { by: judge, action })
    return { author, judge, post, decisionId }
  }
  const stands = async ({ api }: Person, post: { globalId: string }) =>
    (await api.data('query ($id: ID!) { post(id: $id) { status } }', { id: post.globalId })).post.status

  test('is decided by somebody else, who takes back what was wrong, and says why', async () => {
    const { author, judge, post, decisionId } = await appealed()
    const other = await admin()
    const { appeal, userErrors } = await send(author, 'appealModerationDecision', {
      decisionId,
      text: 'A joke.',
    })
    expect(userErrors).toEqual([])
    expect(appeal).toEqual({
      id: expect.stringMatching(/^appeal_/),
      status: 'OPEN',
      text: 'A joke.',
      note: null,
      createdAt: expect.any(String),
      decidedAt: null,
      version: 1,
      user: { id: author.globalId },
      decision: { id: decisionId, reversedAt: null, appeal: { id: appeal.id } },
    })
    expect(await appeals(other)).toContain(appeal.id)
    const verdict = { appealId: appeal.id, uphold: false, note: 'It was one.', expectedVersion: 1 }
    expect(await outcome(judge, 'decideAppeal', verdict)).toBe('NOT_PERMITTED appealId')
    expect(await stands(author, post)).toBe('REMOVED')
    const { appeal: decided } = await send(other, 'decideAppeal', verdict)
    expect(decided).toMatchObject({
      status: 'OVERTURNED',
      note: 'It was one.',
      decidedAt: expect.any(String),
      version: 2,
      decision: { reversedAt: expect.any(String) },
    })
    expect(await stands(author, post)).toBe('PUBLISHED')
    expect(newest(author)).toMatchObject({
      subject: 'Your objection was looked at: the decision was taken back',
      text: expect.stringContaining('It was one.'),
    })
    expect(await appeals(other)).not.toContain(appeal.id)
    expect(await appeals(other, { status: 'OVERTURNED' })).toContain(appeal.id)
    const late = { appealId: appeal.id, uphold: true, note: 'No.' }
    expect(await outcome(other, 'decideAppeal', { ...late, expectedVersion: 1 })).toBe('CONFLICT')
    expect(await outcome(other, 'decideAppeal', late)).toBe('NOT_PERMITTED appealId')
  })

  test('is decided by nobody who decided before, in whose name either was done', async () => {
    const [boss, manager] = [await admin(), await world.person({ role: 'manager' })]
    const acting = await actingAs(world, boss, manager)
    const appealAbout = async (decide: (subjectId: string) => Promise<string>) => {
      const { globalId, author } = await world.post()
      return appealOf(world, author, await decide(globalId))
    }
    const verdict = { uphold: true, note: 'No.' }
    const his = await appealAbout(async (id) => (await decisionAbout(world, id, { by: boss })).decisionId)
    expect(await outcome(acting as Person, 'decideAppeal', { appealId: his, ...verdict })).toBe(
      'NOT_PERMITTED appealId',
    )
    const inHerName = await appealAbout(async (subjectId) => {
      const input = { subjectId, ...REMOVAL, action: 'WARN' }
      return (await send(acting as Person, 'moderateContent', input)).moderationCase.decision.id
    })
    expect(await outcome(boss, 'decideAppeal', { appealId: inHerName, ...verdict })).toBe(
      'NOT_PERMITTED appealId',
    )
    expect(await outcome(await admin(), 'decideAppeal', { appealId: inHerName, ...verdict })).toBe('OK')
  })

  test('that is not right leaves the decision as it was, and the person is told where else to turn', async () => {
    const { author, post, decisionId } = await appealed()
    const appealId = await appealOf(world, author, decisionId)
    expect(await outcome(await admin(), 'decideAppeal', { appealId, uphold: true, note: 'No joke.' })).toBe(
      'OK',
    )
    expect(await stands(author, post)).toBe('REMOVED')
    expect(newest(author)!.text).toContain('out-of-court')
    const [{ node }] = (await decisionsOf(author)).moderationDecisions.edges
    expect(node.reversedAt).toBeNull()
  })

  test('of two who decide it at once, one does', async () => {
    const { author, decisionId } = await appealed()
    const appealId = await appealOf(world, author, decisionId)
    const outcomes = await Promise.all(
      [await admin(), await admin()].map((judge, index) =>
        outcome(judge, 'decideAppeal', { appealId, uphold: index === 0, note: 'So.', expectedVersion: 1 }),
      ),
    )
    expect(outcomes.sort()).toEqual(['CONFLICT', 'OK'])
  })

  test('is made once, within six months, by whom the decision is against, and while it holds', async () => {
    const { author, judge, decisionId } = await appealed()
    const tried = (by: Person, id: string) =>
      outcome(by, 'appealModerationDecision', { decisionId: id, text: 'Wrong.' })
    expect(await tried(await world.person(), decisionId)).toBe('NOT_FOUND')
    expect(await tried(judge, decisionId)).toBe('NOT_FOUND')
    const tries = await Promise.all([tried(author, decisionId), tried(author, decisionId)])
    expect(tries.sort()).toEqual(['NOT_PERMITTED decisionId', 'OK'])
    const reversed = await appealed()
    await send(reversed.judge, 'reverseModerationAction', { decisionId: reversed.decisionId })
    expect(await tried(reversed.author, reversed.decisionId)).toBe('NOT_PERMITTED decisionId')
    const late = await appealed()
    await world.db.query(
      'UPDATE moderation_decisions SET decided_at = $2, appeal_ends_at = $3 WHERE id = $1',
      [idOf('moderation_decision', late.decisionId), monthsLater(world.clock.now(), -6), world.clock.now()],
    )
    expect(await tried(late.author, late.decisionId)).toBe('EXPIRED decisionId')
  })

  test('is made with the secret of the mail by whoever cannot sign in because of it, once', async () => {
    const [author, judge] = [await world.person(), await admin()]
    const token = await appealTokenOf(world, await world.post({ author }), ModerationAction.SUSPEND)
    const document =
      'mutation ($input: AppealByMailInput!) { appealByMail(input: $input) { userErrors { code field } } }'
    const tried = async (secret: string) =>
      (await world.anonymous.data(document, { input: { token: secret, text: 'It was a joke.' } }))
        .appealByMail.userErrors
    expect((await author.api.data('{ viewer { id } }')).viewer).toBeNull()
    const forged = [
      token.slice(0, -4) + 'AAAA',
      newMailedToken(world.db.tools.keyring, 'disown', idInMailedToken(token)!, author.id),
      'AAAA',
    ]
    for (const each of forged) expect(await tried(each)).toEqual([{ code: 'INVALID_CODE', field: ['token'] }])
    expect(await tried(token)).toEqual([])
    expect(await tried(token)).toEqual([{ code: 'NOT_PERMITTED', field: ['token'] }])
    const [appeal] = await world.db.query<{ id: Id }>('SELECT id FROM appeals WHERE decision_id = $1', [
      idInMailedToken(token),
    ])
    const appealId = toGlobalId('appeal', appeal!.id)
    expect(await appeals(judge)).toContain(appealId)
    expect(await outcome(judge, 'decideAppeal', { appealId, uphold: false, note: 'It was one.' })).toBe('OK')
  })

  test('against a decision that was taken back meanwhile is overturned without more', async () => {
    const { author, judge, decisionId } = await appealed(ModerationAction.SILENCE)
    const appealId = await appealOf(world, author, decisionId)
    await send(judge, 'reverseModerationAction', { decisionId })
    expect(await outcome(await admin(), 'decideAppeal', { appealId, uphold: false, note: 'Yes.' })).toBe('OK')
  })

  test('is nobody’s to see or decide whose moderation does not reach the person', async () => {
    const { author, decisionId } = await appealed()
    const appealId = await appealOf(world, author, decisionId)
    const limited = await world.person({ permissions: ['posts:moderate'], over: await world.group() })
    expect(await appeals(limited)).toEqual([])
    for (const each of [limited, author])
      expect(await outcome(each, 'decideAppeal', { appealId, uphold: false, note: 'Mine.' })).toBe(
        each === author ? 'FORBIDDEN' : 'NOT_FOUND',
      )
  })

  test('counts in the statistics of those who moderate the person', async () => {
    const group = await world.group()
    const judges = await Promise.all(
      [1, 2].map(() => world.person({ permissions: ['posts:moderate'], over: group })),
    )
    const author = await world.person()
    await world.join(group, author)
    const [by, other] = [judges[0]!, judges[1]!]
    const decided = async () => {
      const post = await world.post({ author })
      return (await decisionAbout(world, post.globalId, { by })).decisionId
    }
    for (const uphold of [true, false]) {
      const appealId = await appealOf(world, author, await decided())
      await send(other, 'decideAppeal', { appealId, uphold, note: 'So.' })
    }
    await appealOf(world, author, await decided())
    await caseAbout(world, (await world.post({ author })).globalId)
    const dismissed = await caseAbout(world, (await world.post({ author })).globalId)
    await send(by, 'resolveModerationCase', { caseId: dismissed, action: 'DISMISS' })
    const document =
      '{ moderationStatistics { openCases dismissedCases actedOnCases reversedCases openAppeals upheldAppeals overturnedAppeals } }'
    expect((await by.api.data(document)).moderationStatistics).toEqual({
      openCases: 1,
      dismissedCases: 1,
      actedOnCases: 2,
      reversedCases: 1,
      openAppeals: 1,
      upheldAppeals: 1,
      overturnedAppeals: 1,
    })
  })
})

describe('whoever moderates', () => {
  const changes = (post: string, comment: string): string[] => [
    `updatePost(input: { postId: "${post}", title: "Taken over" })`,
    `moderateContent(input: { subjectId: "${post}", action: WARN, rule: "A", messageToAuthor: "B" })`,
    `closeThread(input: { postId: "${post}" })`,
    `moderateContent(input: { subjectId: "${comment}", action: REMOVE, rule: "A", messageToAuthor: "B" })`,
    `moderateContent(input: { subjectId: "${post}", action: REMOVE, rule: "A", messageToAuthor: "B" })`,
    `deletePost(input: { postId: "${post}" })`,
  ]
  const codesOf = async ({ api }: Person, fields: string[]): Promise<string[]> => {
    const codes: string[] = []
    for (const field of fields) {
      const { data, errors } = await api.send(`mutation { ${field} { userErrors { code } } }`)
      const [payload] = Object.values(data as Record<string, { userErrors: { code: string }[] } | null>)
      codes.push(errors?.[0]!.extensions.code ?? payload!.userErrors[0]?.code ?? 'OK')
    }
    return codes
  }

  test('changes nothing of somebody above, who may do what they may not', async () => {
    const [judge, above] = [await moderator(), await admin()]
    const post = await world.post({ author: above })
    const comment = await commentOn(world, post, above, { body: 'Mine.' })
    const fields = changes(post.globalId, comment)
    expect(await codesOf(judge, fields)).toEqual(fields.map(() => 'NOT_PERMITTED'))
    const seen = 'query ($id: ID!) { post(id: $id) { status version threadClosedAt commentCount } }'
    expect((await judge.api.data(seen, { id: post.globalId })).post).toEqual({
      status: 'PUBLISHED',
      version: 1,
      threadClosedAt: null,
      commentCount: 1,
    })
    const equal = await moderator()
    const theirs = await world.post({ author: equal })
    const said = await commentOn(world, theirs, equal)
    expect(await codesOf(judge, changes(theirs.globalId, said))).toEqual(fields.map(() => 'OK'))
  })

  test('takes nothing from its readers without its author learning why', async () => {
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post({ author })
    const comment = await commentOn(world, post, author, { body: 'Buy shoes.' })
    expect(
      await codesOf(judge, [
        `deletePost(input: { postId: "${post.globalId}" })`,
        `deleteComment(input: { commentId: "${comment}" })`,
      ]),
    ).toEqual(['NOT_PERMITTED', 'NOT_FOUND'])
    const { moderationCase } = await send(judge, 'moderateContent', { subjectId: comment, ...REMOVAL })
    expect(moderationCase).toMatchObject({ status: 'ACTED_ON', weight: 0, reports: { totalCount: 0 } })
    expect(newest(author)!.text).toContain('It sells shoes.')
    expect(await bodyOf(reader, comment)).toMatchObject({ body: '' })
    expect((await decisionsOf(author)).moderationDecisions.edges).toMatchObject([
      { node: { id: moderationCase.decision.id, action: 'REMOVE', comment: { id: comment } } },
    ])
    const open = await caseAbout(world, post.globalId)
    const claimed = await moderator()
    await send(claimed, 'claimModerationCase', { caseId: open })
    const about = { subjectId: post.globalId, ...REMOVAL }
    expect(await outcome(judge, 'moderateContent', about)).toBe('NOT_PERMITTED subjectId')
    expect((await send(claimed, 'moderateContent', about)).moderationCase).toMatchObject({
      id: open,
      weight: 10,
    })
  })

  test('leaves to its author who reads something, and when', async () => {
    const judge = await moderator()
    const [draft, post] = [await world.post({ publish: false }), await world.post()]
    const publishAt = later(world.clock.now(), DAY).toISOString()
    expect(
      await codesOf(judge, [
        `publishPost(input: { postId: "${draft.globalId}" })`,
        `schedulePost(input: { postId: "${draft.globalId}", publishAt: "${publishAt}" })`,
        `archivePost(input: { postId: "${post.globalId}" })`,
        `updatePost(input: { postId: "${post.globalId}", visibility: ONLY_ME })`,
        `updatePost(input: { postId: "${draft.globalId}", visibility: MEMBERS })`,
        `updatePost(input: { postId: "${draft.globalId}", visibility: PUBLIC, title: "Mended" })`,
      ]),
    ).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_PERMITTED', 'NOT_PERMITTED', 'OK'])
  })

  test('decides once about something, of however many who do at once', async () => {
    const judges = await Promise.all([1, 2, 3].map(moderator))
    const { globalId: subjectId } = await world.post()
    const outcomes = await Promise.all(
      judges.map((judge) => outcome(judge, 'moderateContent', { subjectId, ...REMOVAL })),
    )
    expect(outcomes.sort()).toEqual(['NOT_PERMITTED subjectId', 'NOT_PERMITTED subjectId', 'OK'])
    const decided = 'SELECT status FROM moderation_cases WHERE subject_id = $1'
    expect(await world.db.query(decided, [idOf('post', subjectId)])).toEqual([{ status: 'acted-on' }])
  })

  test('decides about nothing that they have reported themselves, nor about an appeal against what came of it', async () => {
    const [judge, other] = [await moderator(), await moderator()]
    const { globalId: subjectId, author } = await world.post()
    const caseId = await caseAbout(world, subjectId, judge)
    const another = await caseAbout(world, (await world.post()).globalId)
    expect(await outcome(judge, 'claimModerationCase', { caseId })).toBe('NOT_PERMITTED caseId')
    for (const [id, rank] of Object.entries({ [caseId]: -2000, [another]: -1000 }))
      await world.db.query('UPDATE moderation_cases SET rank = $2 WHERE id = $1', [
        idOf('moderation_case', id),
        rank,
      ])
    const { moderationCase: next } = await send(judge, 'claimModerationCase', {})
    expect(next.id).toBe(another)
    expect(await outcome(judge, 'resolveModerationCase', { caseId, ...REMOVAL })).toBe('NOT_PERMITTED caseId')
    expect(await outcome(judge, 'moderateContent', { subjectId, ...REMOVAL })).toBe('NOT_PERMITTED subjectId')
    const staff = await admin()
    const acting = (await actingAs(world, staff, judge)) as Person
    expect(await outcome(acting, 'resolveModerationCase', { caseId, ...REMOVAL })).toBe(
      'NOT_PERMITTED caseId',
    )
    const { moderationCase } = await send(other, 'resolveModerationCase', { caseId, ...REMOVAL })
    const appealId = await appealOf(world, author, moderationCase.decision.id)
    const answer = { appealId, uphold: true, note: 'It stays.' }
    expect(await outcome(judge, 'decideAppeal', answer)).toBe('NOT_PERMITTED appealId')
    expect(await outcome(staff, 'decideAppeal', answer)).toBe('OK')
  })

  test('decides about nothing that they have written themselves, and nothing that they do not see', async () => {
    const [judge, elsewhere] = [
      await moderator(),
      await world.person({ permissions: ['posts:moderate'], over: await world.group() }),
    ]
    const { globalId: subjectId } = await world.post({ author: judge })
    expect(await outcome(judge, 'moderateContent', { subjectId, ...REMOVAL })).toBe('NOT_PERMITTED subjectId')
    expect(await outcome(elsewhere, 'moderateContent', { subjectId, ...REMOVAL })).toBe('NOT_FOUND')
    expect(await outcome(await world.person(), 'moderateContent', { subjectId, ...REMOVAL })).toBe(
      'FORBIDDEN',
    )
  })
})

describe('what is hidden', () => {
  const HIDING = { action: 'HIDE', rule: 'No advertising.', messageToAuthor: 'Leave the price out.' }
  const STANDS = `query ($post: ID!, $comment: ID!) { post(id: $post) { status body } comment(id: $comment) { body isHidden } }`
  const hidden = async () => {
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const { globalId: post } = await world.post({ author, body: 'Shoes, 5 EUR.' })
    const comment = await commentOn(world, await world.post(), author, { body: 'Shoes, 6 EUR.' })
    const decisions: string[] = []
    for (const subjectId of [post, comment]) {
      const { moderationCase } = await send(judge, 'moderateContent', { subjectId, ...HIDING })
      decisions.push(moderationCase.decision.id)
    }
    const seenBy = ({ api }: Person) => api.data(STANDS, { post, comment })
    return { author, judge, reader, post, comment, decisions, seenBy }
  }
  const change = async ({ api }: Person, field: string): Promise<string> => {
    const data = await api.data(`mutation { ${field} { userErrors { code } } }`)
    const [payload] = Object.values(data as Record<string, { userErrors: { code: string }[] }>)
    return payload!.userErrors[0]?.code ?? 'OK'
  }
  const mend = async ({ author, post, comment }: Awaited<ReturnType<typeof hidden>>) => [
    await change(author, `updatePost(input: { postId: "${post}", body: "${unique('Shoes ')}" })`),
    await change(author, `editComment(input: { commentId: "${comment}", body: "Shoes?" })`),
  ]
  const openCasesAbout = (...subjects: string[]) =>
    world.db
      .query<{ id: Id }>(
        `SELECT id FROM moderation_cases WHERE status = 'open' AND subject_id = ANY($1) ORDER BY opened_at`,
        [subjects.map((id) => idOf('post', id) ?? idOf('comment', id))],
      )
      .then((rows) => rows.map(({ id }) => toGlobalId('moderation_case', id)))

  /** What comes of deciding that nothing is wrong, by whoever has read the case as it is. */
  const dismiss = async (judge: Person, caseId: string) => {
    const { version: expectedVersion } = await caseOf(judge, caseId)
    return outcome(judge, 'resolveModerationCase', { caseId, action: 'DISMISS', expectedVersion })
  }

  test('is shown again once its author has changed it and a moderator agrees, and neither alone does', async () => {
    const scene = await hidden()
    const { author, judge, reader, post, comment, seenBy } = scene
    const unseen = { post: null, comment: { body: '', isHidden: true } }
    expect(await seenBy(reader)).toEqual(unseen)
    expect(await seenBy(author)).toEqual({
      post: { status: 'HIDDEN', body: 'Shoes, 5 EUR.' },
      comment: { body: 'Shoes, 6 EUR.', isHidden: true },
    })
    expect(newest(author)!.text).toContain('it is hidden until you have changed')
    expect(await change(author, `publishPost(input: { postId: "${post}" })`)).toBe('NOT_PERMITTED')
    expect(await mend(scene)).toEqual(['OK', 'OK'])
    expect(await seenBy(reader)).toMatchObject({ post: null, comment: { body: '' } })
    // What waits is decided about as it was read, and no detour by way of the trash shows it.
    expect(await mend(scene)).toEqual(['NOT_PERMITTED', 'NOT_PERMITTED'])
    for (const way of ['deletePost', 'restorePost', 'publishPost'])
      await change(author, `${way}(input: { postId: "${post}" })`)
    expect(await seenBy(author)).toMatchObject({ post: { status: 'HIDDEN' } })
    expect(await change(author, `updatePost(input: { postId: "${post}", body: "Shoes!" })`)).toBe('OK')
    const cases = await openCasesAbout(post, comment)
    expect(cases).toHaveLength(2)
    for (const caseId of cases) expect(await dismiss(judge, caseId)).toBe('OK')
    expect(await seenBy(reader)).toEqual({
      post: { status: 'PUBLISHED', body: 'Shoes!' },
      comment: { body: 'Shoes?', isHidden: false },
    })
    expect((await decisionsOf(author)).moderationDecisions.edges).toMatchObject([
      { node: { action: 'HIDE', endsAt: expect.any(String), reversedAt: null } },
      { node: { action: 'HIDE', endsAt: expect.any(String), reversedAt: null } },
    ])
  })

  test('is not shown on the word of who has read another text, nor of who does not say what they have read', async () => {
    const scene = await hidden()
    const { author, judge, reader, post, seenBy } = scene
    await mend(scene)
    const [caseId] = await openCasesAbout(post)
    const { version: expectedVersion } = await caseOf(judge, caseId!)
    for (const way of ['deletePost', 'restorePost'])
      await change(author, `${way}(input: { postId: "${post}" })`)
    expect(await change(author, `updatePost(input: { postId: "${post}", body: "Shoes, 9 EUR." })`)).toBe('OK')
    const blessings = [{ action: 'DISMISS' }, { ...HIDING, action: 'WARN' }]
    for (const blessing of blessings) {
      const decided = { caseId, ...blessing }
      expect(await outcome(judge, 'resolveModerationCase', { ...decided, expectedVersion })).toBe('CONFLICT')
      expect(await outcome(judge, 'resolveModerationCase', decided)).toBe('REQUIRED expectedVersion')
      expect(await outcome(judge, 'moderateContent', { subjectId: post, ...blessing })).toBe(
        'NOT_PERMITTED subjectId',
      )
    }
    expect(await seenBy(reader)).toMatchObject({ post: null })
    expect(await dismiss(judge, caseId!)).toBe('OK')
    expect(await seenBy(reader)).toMatchObject({ post: { body: 'Shoes, 9 EUR.' } })
  })

  test('is shown as it was where the decision is taken back, and where an appeal is right', async () => {
    const { author, judge, reader, decisions, seenBy } = await hidden()
    expect(await outcome(judge, 'reverseModerationAction', { decisionId: decisions[0]! })).toBe('OK')
    const appealId = await appealOf(world, author, decisions[1]!)
    const verdict = { appealId, uphold: false, note: 'It was fine.' }
    expect(await outcome(await moderator(), 'decideAppeal', verdict)).toBe('OK')
    expect(await seenBy(reader)).toEqual({
      post: { status: 'PUBLISHED', body: 'Shoes, 5 EUR.' },
      comment: { body: 'Shoes, 6 EUR.', isHidden: false },
    })
  })

  test('waits still where its author has changed it, though the decision is taken back', async () => {
    const scene = await hidden()
    const { author, judge, reader, post, decisions, seenBy } = scene
    await mend(scene)
    await send(judge, 'reverseModerationAction', { decisionId: decisions[0]! })
    expect(await seenBy(reader)).toMatchObject({ post: null })
    expect(await seenBy(author)).toMatchObject({ post: { status: 'HELD' } })
    expect(await openCasesAbout(post)).toHaveLength(1)
  })

  test('stays so where its removal is taken back, until its author has changed it and a moderator agrees', async () => {
    const scene = await hidden()
    const { author, judge, reader, post, comment, seenBy } = scene
    const removals: string[] = []
    for (const subjectId of [post, comment]) {
      const { moderationCase } = await send(judge, 'moderateContent', { subjectId, ...REMOVAL })
      removals.push(moderationCase.decision.id)
    }
    const appealId = await appealOf(world, author, removals[0]!)
    const verdict = { appealId, uphold: false, note: 'That was too much.' }
    expect(await outcome(await moderator(), 'decideAppeal', verdict)).toBe('OK')
    expect(await outcome(judge, 'reverseModerationAction', { decisionId: removals[1]! })).toBe('OK')
    expect(await seenBy(reader)).toEqual({ post: null, comment: { body: '', isHidden: true } })
    expect(await seenBy(author)).toEqual({
      post: { status: 'HIDDEN', body: 'Shoes, 5 EUR.' },
      comment: { body: 'Shoes, 6 EUR.', isHidden: true },
    })
    expect(await mend(scene)).toEqual(['OK', 'OK'])
    for (const caseId of await openCasesAbout(post, comment)) expect(await dismiss(judge, caseId)).toBe('OK')
    expect(await seenBy(reader)).toMatchObject({ post: { status: 'PUBLISHED' }, comment: { body: 'Shoes?' } })
  })

  test('is shown where its removal and that it was hidden are both taken back, in whichever order', async () => {
    for (const isHidingFirst of [true, false]) {
      const { judge, reader, post, comment, decisions, seenBy } = await hidden()
      for (const [index, subjectId] of [post, comment].entries()) {
        const { moderationCase } = await send(judge, 'moderateContent', { subjectId, ...REMOVAL })
        const both = [moderationCase.decision.id, decisions[index]!]
        for (const decisionId of isHidingFirst ? both.reverse() : both)
          expect(await outcome(judge, 'reverseModerationAction', { decisionId })).toBe('OK')
      }
      expect(await seenBy(reader)).toMatchObject({
        post: { status: 'PUBLISHED' },
        comment: { body: 'Shoes, 6 EUR.', isHidden: false },
      })
    }
  })

  test('stays so where somebody warns its author, or finds nothing wrong, before it was changed', async () => {
    const scene = await hidden()
    const { author, judge, reader, post, comment, decisions, seenBy } = scene
    const unseen = { post: null, comment: { body: '', isHidden: true } }
    for (const subjectId of [post, comment])
      for (const decided of [{ ...HIDING, action: 'WARN' }, { action: 'DISMISS' }]) {
        expect(await outcome(judge, 'moderateContent', { subjectId, ...decided })).toBe('OK')
        const caseId = await caseAbout(world, subjectId, await moderator())
        expect(await outcome(judge, 'resolveModerationCase', { caseId, ...decided })).toBe('OK')
      }
    expect(await seenBy(reader)).toEqual(unseen)
    expect(newest(author)!.subject).toBe('A decision about something that you have written')
    const { moderationDecisions } = await decisionsOf(author)
    const holding = moderationDecisions.edges.map(({ node }: { node: object }) => node)
    for (const id of decisions) expect(holding).toContainEqual(expect.objectContaining({ id, endsAt: null }))
    // What the author has taken back while it waited is hidden, and not what was decided about.
    await mend(scene)
    const [caseId] = await openCasesAbout(post)
    for (const way of ['deletePost', 'restorePost'])
      await change(author, `${way}(input: { postId: "${post}" })`)
    expect(await dismiss(judge, caseId!)).toBe('OK')
    expect(await seenBy(reader)).toMatchObject({ post: null })
    expect(await seenBy(author)).toMatchObject({ post: { status: 'HIDDEN' } })
  })

  test('stays so where it is hidden a second time, and that is taken back', async () => {
    const scene = await hidden()
    const { judge, reader, post, comment, seenBy } = scene
    const hideAgain = async () => {
      const again: string[] = []
      for (const subjectId of [post, comment]) {
        const { moderationCase } = await send(judge, 'moderateContent', { subjectId, ...HIDING })
        again.push(moderationCase.decision.id)
      }
      return again
    }
    for (const decisionId of await hideAgain())
      expect(await outcome(judge, 'reverseModerationAction', { decisionId })).toBe('OK')
    expect(await seenBy(reader)).toEqual({ post: null, comment: { body: '', isHidden: true } })
    // Of what its author has changed the second decision is the one that holds.
    await mend(scene)
    for (const decisionId of await hideAgain())
      expect(await outcome(judge, 'reverseModerationAction', { decisionId })).toBe('OK')
    expect(await seenBy(reader)).toMatchObject({
      post: { status: 'PUBLISHED' },
      comment: { body: 'Shoes?', isHidden: false },
    })
  })

  test('is neither a private message nor what others do not read', async () => {
    const judge = await moderator()
    const [writer, reader] = [await world.person(), await world.person()]
    const { messageId } = await writeTo(writer, [reader])
    const caseId = await caseAbout(world, messageId, reader)
    expect(await outcome(judge, 'resolveModerationCase', { caseId, ...HIDING })).toBe('INVALID action')
    const { globalId: subjectId } = await world.post({ publish: false })
    expect(await outcome(judge, 'moderateContent', { subjectId, ...HIDING })).toBe('INVALID action')
  })
})

describe('what is removed', () => {
  const inTrash = (id: string, name: string) =>
    `mutation { ${name}(input: { postId: "${id}" }) { userErrors { code } } }`
  const statusOf = async ({ api }: Pick<Person, 'api'>, id: string) =>
    (await api.data('query ($id: ID!) { post(id: $id) { status } }', { id })).post?.status as
      string | undefined

  test('stays so, though its author had it in the trash when it was decided', async () => {
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post({ author })
    const comment = await commentOn(world, post, author, { body: 'Buy shoes.' })
    const cases = [await caseAbout(world, post.globalId), await caseAbout(world, comment)]
    await author.api.data(inTrash(post.globalId, 'deletePost'))
    const decisions = []
    for (const caseId of cases) {
      const { moderationCase } = await send(judge, 'resolveModerationCase', { caseId, ...REMOVAL })
      decisions.push(moderationCase.decision.id)
    }
    await author.api.data(inTrash(post.globalId, 'restorePost'))
    expect(await statusOf(author, post.globalId)).toBe('REMOVED')
    expect(await statusOf(reader, post.globalId)).toBeUndefined()
    await author.api.data(inTrash(post.globalId, 'deletePost'))
    for (const decisionId of decisions) await send(judge, 'reverseModerationAction', { decisionId })
    await author.api.data(inTrash(post.globalId, 'restorePost'))
    expect(await statusOf(reader, post.globalId)).toBe('PUBLISHED')
    expect(await bodyOf(reader, comment)).toMatchObject({ body: 'Buy shoes.', removedAt: null })
  })

  test('stays so where a second decision holds, though the first is taken back', async () => {
    const [author, judge, reader] = [await world.person(), await moderator(), await world.person()]
    const post = await world.post({ author })
    const decide = async () =>
      (await decisionAbout(world, post.globalId, { action: ModerationAction.REMOVE })).decisionId
    const first = await decide()
    // As if it had been reported the moment before.
    await world.db.query(`UPDATE posts SET status = 'published' WHERE id = $1`, [post.id])
    const second = await decide()
    await send(judge, 'reverseModerationAction', { decisionId: first })
    expect(await statusOf(reader, post.globalId)).toBeUndefined()
    await send(judge, 'reverseModerationAction', { decisionId: second })
    expect(await statusOf(reader, post.globalId)).toBe('PUBLISHED')
  })
})
