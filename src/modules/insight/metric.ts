import type { FactSet, MetricBreakdown } from './fact-set'

/** What a figure counts in. */
export enum MetricUnit {
  COUNT = 'COUNT',
  PEOPLE = 'PEOPLE',
  SECONDS = 'SECONDS',
  RATIO = 'RATIO',
}

/**
 * What is made of the facts of a bucket: how many there are; how many people have any, each once; the mean of what was measured; how many
 * there are by its end; how many people come on its average day, as a part of those who come at all.
 */
export type Measure = 'count' | 'people' | 'mean' | 'running' | 'stickiness'

export interface Metric {
  readonly name: string
  readonly description: string
  readonly measure: Measure
  readonly facts: FactSet
  readonly unit: MetricUnit
  readonly breakdowns: readonly MetricBreakdown[]
}

const UNITS: Record<Measure, MetricUnit> = {
  count: MetricUnit.COUNT,
  people: MetricUnit.PEOPLE,
  mean: MetricUnit.SECONDS,
  running: MetricUnit.PEOPLE,
  stickiness: MetricUnit.RATIO,
}

/** Says what a figure is. The API's list of figures, by what each can be broken down, and how it is read follow from it. */
export const defineMetric = (given: Omit<Metric, 'unit' | 'breakdowns'>): Metric =>
  Object.freeze({
    ...given,
    unit: UNITS[given.measure],
    breakdowns: Object.keys(given.facts.groups) as MetricBreakdown[],
  })
