import { idOf, type Id } from '../../src/core/id'
import { ModerationAction } from '../../src/modules/moderation-decision/moderation-action'
import { tellReporters } from '../../src/modules/moderation-case/moderation-case.task'
import { QUEUE } from '../../src/modules/moderation-case/queue-event'
import { reverseModerationAction } from '../../src/modules/moderation/reverse-decision'
import { ModerationCaseService } from '../../src/modules/moderation-case/moderation-case.service'
import { resolveModerationCase } from '../../src/modules/moderation/resolve-case'
import { commentOn } from '../support/content'
import { follow, type Follower } from '../support/follower'
import { caseAbout, decisionAbout, reportOf } from '../support/moderation'
import { startSecondProcess } from '../support/second-process'
import { toCursor } from '../../src/core/page'
import { until } from '../support/until'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

interface Told {
  cursor: string
  kind: string
  moderationCase: { id: string; status: string; weight: number }
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0)) await end()
})

const newest = async (): Promise<number> => {
  const [topic] = await world.db.query<{ last_number: string }>(
    'SELECT last_number FROM stream_topics WHERE name = $1',
    [QUEUE],
  )
  return Number(topic?.last_number ?? 0)
}

/** From now on, whenever it begins. Other tests make events too. */
async function followQueue(
  person: Person | null,
  { after, at = world }: { after?: string; at?: { url: string } } = {},
): Promise<Follower<Told>> {
  const follower = follow<Told>(
    at,
    person,
    'subscription ($after: String) { moderationQueueChanged(after: $after) { cursor kind moderationCase { id status weight } } }',
    { after: after ?? toCursor(`stream:${QUEUE}`, [await newest()]) },
  )
  open.push(follower.end)
  return follower
}

const about = ({ told }: Follower<Told>, caseId: string): string[] =>
  told.filter(({ moderationCase }) => moderationCase.id === caseId).map(({ kind }) => kind)

const moderator = () => world.person({ permissions: ['posts:moderate'] })
const caseIdOf = (id: string): Id => idOf('moderation_case', id)!

describe('the subscription to the moderation queue', () => {
  test('tells moderators of every step of a case, on whichever process, and after a cursor of what they missed', async () => {
    const [judge, post] = [await moderator(), await world.post()]
    const second = await startSecondProcess(world)
    open.push(() => second.stop())
    const [here, there] = [
      await followQueue(judge),
      await followQueue(await moderator(), { at: { url: `${second.url}/graphql` } }),
    ]
    const caseId = await caseAbout(world, post.globalId)
    // What is told is the case as it is when it is told: the second report waits for the first one's telling.
    for (const each of [here, there]) await until(() => about(each, caseId).length === 1)
    await reportOf(world, post.globalId)
    const cases = new ModerationCaseService(await world.asViewer(judge))
    await cases.claim(caseIdOf(caseId))
    await cases.release(caseIdOf(caseId))
    await resolveModerationCase(await world.asViewer(judge), {
      caseId: caseIdOf(caseId),
      action: ModerationAction.REMOVE,
      rule: 'No advertising.',
      messageToAuthor: 'It sells shoes.',
    })
    const [decision] = await world.db.query<{ id: Id }>(
      'SELECT id FROM moderation_decisions WHERE case_id = $1',
      [caseIdOf(caseId)],
    )
    await reverseModerationAction(await world.asViewer(judge), { decisionId: decision!.id })
    const all = ['REPORTED', 'REPORTED', 'CLAIMED', 'RELEASED', 'DECIDED', 'REVERSED']
    for (const each of [here, there]) {
      await until(() => about(each, caseId).length === all.length)
      expect(about(each, caseId)).toEqual(all)
    }
    expect(here.told.find(({ moderationCase }) => moderationCase.id === caseId)).toMatchObject({
      moderationCase: { weight: 10 },
    })
    const missed = await followQueue(judge, { after: here.told.at(-3)!.cursor })
    await until(() => about(missed, caseId).length === 2)
    expect(about(missed, caseId)).toEqual(['DECIDED', 'REVERSED'])
  })

  test('tells nobody of what they have written themselves, or of whom their moderation does not reach', async () => {
    const author = await world.person({ permissions: ['posts:moderate'] })
    const limited = await world.person({ permissions: ['posts:moderate'], over: await world.group() })
    const followers = [
      await followQueue(author),
      await followQueue(limited),
      await followQueue(await moderator()),
    ]
    const caseId = await caseAbout(world, (await world.post({ author })).globalId)
    const other = await world.post()
    const last = await caseAbout(world, other.globalId)
    await until(() => about(followers[2]!, last).length === 1 && about(followers[0]!, last).length === 1)
    expect(followers.map((each) => about(each, caseId).length)).toEqual([0, 0, 1])
    expect(followers[1]!.told).toEqual([])
  })

  test('begins for nobody without the permission', async () => {
    for (const [person, code] of [
      [null, 'UNAUTHENTICATED'],
      [await world.person(), 'FORBIDDEN'],
    ] as const) {
      const follower = await followQueue(person)
      await until(() => follower.codes.length > 0)
      expect(follower.codes).toEqual([code])
    }
  })

  test('tells whoever has lost the permission meanwhile nothing more', async () => {
    const [judge, other] = [await moderator(), await moderator()]
    const followers = [await followQueue(judge), await followQueue(other)]
    const first = await caseAbout(world, (await world.post()).globalId)
    await until(() => followers.every((each) => about(each, first).length === 1))
    await world.db.query('DELETE FROM role_grants WHERE user_id = $1', [judge.id])
    const next = await caseAbout(world, (await world.post()).globalId)
    await until(() => about(followers[1]!, next).length === 1)
    expect(about(followers[0]!, next)).toEqual([])
  })
})

describe('whoever has reported something', () => {
  const REPORTS =
    '{ viewer { reports { totalCount edges { node { reason note status post { id } comment { id } } } } } }'
  const reportsOf = async ({ api }: Person) =>
    (await api.data(REPORTS)).viewer.reports.edges.map(({ node }: { node: unknown }) => node)
  const mailsTo = ({ email }: Person) =>
    world.portico.mailbox!.read(email).map(({ subject }: { subject: string }) => subject)
  const tell = (caseId: string) => world.do(tellReporters, { caseId: caseIdOf(caseId) })

  test('finds what it was and what has come of it, the newest first; nobody else does', async () => {
    const [reporter, post] = [await world.person(), await world.post()]
    const comment = await commentOn(world, post, await world.person())
    const dismissed = await caseAbout(world, comment, reporter)
    await reportOf(world, post.globalId, { by: reporter, note: 'Shoes.' })
    await resolveModerationCase(await world.asViewer(await moderator()), {
      caseId: caseIdOf(dismissed),
      action: ModerationAction.DISMISS,
    })
    expect(await reportsOf(reporter)).toEqual([
      { reason: 'SPAM', note: 'Shoes.', status: 'OPEN', post: { id: post.globalId }, comment: null },
      { reason: 'SPAM', note: null, status: 'DISMISSED', post: null, comment: { id: comment } },
    ])
    const asked = `{ user(id: "${reporter.globalId}") { reports { totalCount } } }`
    for (const other of [await world.person(), await world.person({ role: 'admin' })])
      expect((await other.api.send(asked)).data.user.reports).toBeNull()
  })

  test('is told by mail once what came of it, and not what was decided about somebody else', async () => {
    const [one, two, post] = [await world.person(), await world.person(), await world.post()]
    for (const by of [one, two]) await reportOf(world, post.globalId, { by })
    const { caseId } = await decisionAbout(world, post.globalId, { action: ModerationAction.REMOVE })
    await tell(caseId)
    await tell(caseId)
    for (const each of [one, two]) {
      expect(mailsTo(each)).toEqual(['Something was done about what you have reported'])
      expect(world.portico.mailbox!.read(each.email)[0]!.text).not.toMatch(/advertising|removed/)
    }
    const wrong = await caseAbout(world, (await world.post()).globalId, one)
    await resolveModerationCase(await world.asViewer(await moderator()), {
      caseId: caseIdOf(wrong),
      action: ModerationAction.DISMISS,
    })
    await tell(wrong)
    expect(mailsTo(one)[0]).toBe('What you have reported stays as it is')
  })

  test('is told nothing before it is decided, and then by a job', async () => {
    const [reporter, post] = [await world.person(), await world.post()]
    const caseId = await caseAbout(world, post.globalId, reporter)
    await tell(caseId)
    expect(mailsTo(reporter)).toEqual([])
    await resolveModerationCase(await world.asViewer(await moderator()), {
      caseId: caseIdOf(caseId),
      action: ModerationAction.DISMISS,
    })
    const waiting = await world.db.query(
      `SELECT FROM graphile_worker.jobs JOIN graphile_worker._private_jobs stored USING (id)
       WHERE task_identifier = $1 AND stored.payload ->> 'caseId' = $2`,
      [tellReporters.name, caseIdOf(caseId)],
    )
    expect(waiting).toHaveLength(1)
    await tell(caseId)
    expect(mailsTo(reporter)).toEqual(['What you have reported stays as it is'])
  })
})
