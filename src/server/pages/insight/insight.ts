import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../../core/clock'
import { PorticoError, type Portico } from '../../../sdk/portico'
import { sendNotice, sendPage } from '../page'
import { insightBody, type Metrics, type Shown } from './insight-page'
import { ownApi } from './own-api'
import { questionOf, rangeOf, type Question } from './question'
import { SCRIPT } from './script'
import { STYLE } from './style'

/** An hour: the files change with a release only. */
const CACHED = 'public, max-age=3600'

/**
 * A dashboard for holders of `analytics:read` who are signed in with a cookie. It is a client of the public API like any other: what it
 * shows is what the SDK is answered.
 */
export function serveInsight(http: FastifyInstance, { clock }: { clock: Clock }): void {
  const chart = join(dirname(require.resolve('chart.js')), 'chart.umd.min.js')
  const serve = (name: string, text: () => Promise<string> | string) =>
    http.get(`/insight/${name}`, async (_request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', CACHED)
        .send((await text()).replace(/\n\/\/# sourceMappingURL=.*/, '')),
    )
  serve('chart.js', () => readFile(chart, 'utf8'))
  serve('insight.js', () => SCRIPT)
  http.get('/insight', async (request, reply) => {
    try {
      const shown = await look(ownApi(http, request), request, clock.now())
      return await sendPage(reply.code(shown.problem === null ? 200 : 400), {
        title: 'Insight',
        style: STYLE,
        body: insightBody(shown),
        scripts: ['insight/chart.js', 'insight/insight.js'],
        allowed: { 'form-action': ["'self'"], 'connect-src': ["'none'"] },
      })
    } catch (error) {
      return refuse(reply, error)
    }
  })
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof PorticoError)) throw error
  if (error.code === 'UNAUTHENTICATED')
    return sendNotice(reply.code(401), 'Sign in first', 'Sign in on this browser, and open this page again.')
  if (error.code === 'FORBIDDEN')
    return sendNotice(
      reply.code(403),
      'This is not for you',
      'Figures are for holders of the permission analytics:read. An admin can grant you a role that has it.',
    )
  return sendNotice(reply.code(503), 'This cannot be shown now', error.message)
}

async function look(api: Portico, { query }: FastifyRequest, now: Date): Promise<Shown> {
  const [metrics, viewer] = await Promise.all([api.metrics(), api.viewer()])
  const timeZone = viewer?.timeZone ?? 'UTC'
  const breakdowns = [...new Set((metrics ?? []).flatMap((metric) => metric.breakdowns))].sort()
  const question = questionOf(query as Record<string, unknown>, { now, timeZone, breakdowns })
  const nothing = { metrics: [], retention: null, funnel: null }
  const page = { question, timeZone, breakdowns }
  try {
    return { ...page, ...(await answers(api, metrics ?? [], question, timeZone)), problem: null }
  } catch (error) {
    if (!(error instanceof PorticoError) || error.code !== 'BAD_USER_INPUT') throw error
    return { ...page, ...nothing, problem: error.message }
  }
}

async function answers(api: Portico, metrics: Metrics, question: Question, timeZone: string) {
  const { breakdown, interval, steps } = question
  const range = { ...rangeOf(question, timeZone), timeZone }
  const isShort = interval === 'HOUR' || interval === 'DAY'
  const asked = metrics.filter(
    ({ unit, breakdowns }) =>
      (breakdown === null || breakdowns.includes(breakdown)) &&
      !(unit === 'RATIO' && (isShort || breakdown !== null)),
  )
  const shown = await inTurns(asked, async (metric) => ({
    metric,
    points: (await api.metric({ ...range, name: metric.name, interval, breakdown })) ?? [],
  }))
  const [retention, funnel] = await Promise.all([
    // A cohort that is followed for as long as the range has more spans than it may; then it is left out.
    breakdown === null
      ? api
          .retention({ ...range, interval: interval === 'HOUR' ? 'DAY' : interval, periods: 8 })
          .catch((error: unknown) => unlessBad(error))
      : null,
    steps.length < 2 ? null : api.funnel({ from: range.from, to: range.to, steps, within: 1_440 }),
  ])
  return { metrics: shown, retention, funnel }
}

/** How many figures are asked for at once: whoever looks at all of them takes no more than a few connections from others. */
const AT_ONCE = 3

async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let first = 0; first < items.length; first += AT_ONCE)
    results.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(work))))
  return results
}

function unlessBad(error: unknown): null {
  if (error instanceof PorticoError && error.code === 'BAD_USER_INPUT') return null
  throw error
}
