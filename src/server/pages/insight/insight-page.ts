import { html, type Html } from '../../../core/html'
import type { Portico } from '../../../sdk/portico'
import { brand } from '../page'
import { INTERVALS, nameOfSpan, type Question } from './question'

type Answer<Name extends 'metrics' | 'metric' | 'retention' | 'funnel'> = NonNullable<
  Awaited<ReturnType<Portico[Name]>>
>
export type Metrics = Answer<'metrics'>
type Points = Answer<'metric'>

/** A figure, and what was answered. */
export interface ShownMetric {
  metric: Metrics[number]
  points: Points
}

/** All that the page shows. */
export interface Shown {
  question: Question
  timeZone: string
  breakdowns: readonly string[]
  metrics: readonly ShownMetric[]
  retention: Answer<'retention'> | null
  funnel: Answer<'funnel'> | null
  /** What was wrong with the question, in the words of the API. */
  problem: string | null
}

const INTERVAL_WORDS = { HOUR: 'Hours', DAY: 'Days', WEEK: 'Weeks', MONTH: 'Months' } as const

/** `SIGN_IN_FAILURES` → `Sign in failures`. */
export const inWords = (name: string): string => {
  const words = name.toLowerCase().replaceAll('_', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

function valueInWords(value: number, unit: string): string {
  if (unit === 'RATIO') return PERCENT.format(value)
  if (unit !== 'SECONDS') return NUMBER.format(value)
  if (value < 90) return `${Math.round(value)} s`
  const minutes = value / 60
  return minutes < 90 ? `${minutes.toFixed(1)} min` : `${(minutes / 60).toFixed(1)} h`
}

const HIDDEN = html`<abbr title="Kept back: about fewer than five people, or such a figure would follow"
  >–</abbr
>`

export const insightBody = (shown: Shown): Html =>
  html`<main>
    <header>
      ${brand(html`<h1>Insight</h1>`)}
      <p class="quiet">
        As of a minute ago, in the time zone ${shown.timeZone}. Figures about fewer than five people are kept
        back (–), and people who object are in none.
      </p>
      ${form(shown)}
    </header>
    ${shown.problem !== null && html`<p class="card" role="alert">${shown.problem}</p>`}
    <div class="charts">
      ${shown.metrics.map((one) => metricCard(one, shown))}
      ${shown.retention !== null && retentionCard(shown.retention, shown)}
      ${shown.funnel !== null && funnelCard(shown.funnel)}
    </div>
  </main>`

const form = ({ question, breakdowns }: Shown): Html =>
  html`<form method="get" action="insight">
    <label>From <input type="date" name="from" value="${question.first}" required /></label>
    <label>To <input type="date" name="to" value="${question.last}" required /></label>
    <label
      >By
      <select name="interval">
        ${INTERVALS.map((each) => option(each, INTERVAL_WORDS[each], each === question.interval))}
      </select></label
    >
    <label
      >Broken down by
      <select name="breakdown">
        ${option('', 'nothing', question.breakdown === null)}
        ${breakdowns.map((each) => option(each, inWords(each), each === question.breakdown))}
      </select></label
    >
    <label class="wide"
      >Funnel
      <input
        name="steps"
        value="${question.steps.join(', ')}"
        placeholder="page.viewed, checkout.completed"
      />
    </label>
    <button type="submit">Show</button>
  </form>`

const option = (value: string, words: string, isChosen: boolean): Html =>
  isChosen
    ? html`<option value="${value}" selected>${words}</option>`
    : html`<option value="${value}">${words}</option>`

function metricCard({ metric, points }: ShownMetric, { question, timeZone }: Shown): Html {
  const groups = [...new Set(points.map(({ group }) => group))]
  const spans = [...new Set(points.map(({ startsAt }) => startsAt))]
  const byPlace = new Map(points.map((point) => [`${point.startsAt} ${point.group}`, point]))
  const name = inWords(metric.name)
  const rows = spans.map((from) => {
    const cells = groups.map((group) => {
      const point = byPlace.get(`${from} ${group}`)
      if (point?.isSuppressed) return html`<td>${HIDDEN}</td>`
      const value = point?.value ?? null
      return value === null
        ? html`<td>none</td>`
        : html`<td data-value="${value}">${valueInWords(value, metric.unit)}</td>`
    })
    return html`<tr>
      <th scope="row">${nameOfSpan(from, question.interval, timeZone)}</th>
      ${cells}
    </tr>`
  })
  return html`<section class="card" id="${metric.name}" aria-labelledby="${metric.name}-name">
    <h2 id="${metric.name}-name">${name}</h2>
    <p class="quiet">${metric.description}</p>
    ${
      points.length === 0
        ? html`<p>Nothing happened.</p>`
        : html`<div class="chart" hidden>
              <canvas role="img" aria-label="${name}: a chart of the table below"></canvas>
            </div>
            <div class="table" tabindex="0" role="region" aria-label="${name} as a table">
              <table
                data-chart="${groups.length > 1 || groups[0] !== null ? 'bar' : 'line'}"
                data-unit="${metric.unit}"
              >
                <thead>
                  <tr>
                    <th scope="col">From</th>
                    ${groups.map((group) => html`<th scope="col">${group ?? name}</th>`)}
                  </tr>
                </thead>
                <tbody>
                  ${rows}
                </tbody>
              </table>
            </div>`
    }
  </section>`
}

function retentionCard(cohorts: Answer<'retention'>, { question, timeZone }: Shown): Html {
  const interval = question.interval === 'HOUR' ? 'DAY' : question.interval
  const most = Math.max(0, ...cohorts.map(({ periods }) => periods.length))
  const rows = cohorts.map(
    ({ startsAt, size, periods }) =>
      html`<tr>
        <th scope="row">${nameOfSpan(startsAt, interval, timeZone)}</th>
        <td>${size ?? HIDDEN}</td>
        ${periods.map(({ rate, isSuppressed }) =>
          isSuppressed
            ? html`<td>${HIDDEN}</td>`
            : rate === null
              ? html`<td></td>`
              : html`<td data-heat="${Math.round(rate * 10)}">${PERCENT.format(rate)}</td>`,
        )}
      </tr>`,
  )
  return html`<section class="card wide" id="RETENTION" aria-labelledby="RETENTION-name">
    <h2 id="RETENTION-name">Retention</h2>
    <p class="quiet">
      Of the people who signed up, how many did something in the ${INTERVAL_WORDS[interval].toLowerCase()}
      after.
    </p>
    <div class="table" tabindex="0" role="region" aria-label="Retention as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Signed up</th>
            <th scope="col">People</th>
            ${Array.from({ length: most }, (_, number) => html`<th scope="col">${number}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`
}

const funnelCard = (steps: Answer<'funnel'>): Html =>
  html`<section class="card" id="FUNNEL" aria-labelledby="FUNNEL-name">
    <h2 id="FUNNEL-name">Funnel</h2>
    <p class="quiet">People and visitors who did one thing after the other, within a day.</p>
    <div class="chart" hidden>
      <canvas role="img" aria-label="Funnel: a chart of the table below"></canvas>
    </div>
    <div class="table" tabindex="0" role="region" aria-label="Funnel as a table">
      <table data-chart="steps" data-unit="PEOPLE">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">People</th>
            <th scope="col">Of the first</th>
          </tr>
        </thead>
        <tbody>
          ${steps.map(
            ({ name, people, rate, isSuppressed }) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${people === null ? html`<td>${HIDDEN}</td>` : html`<td data-value="${people}">${NUMBER.format(people)}</td>`}
                <td>${isSuppressed ? HIDDEN : rate === null ? '–' : PERCENT.format(rate)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
