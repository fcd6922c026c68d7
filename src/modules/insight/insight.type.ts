import { Extensions, Field, Float, Int, registerEnumType } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import { MetricInterval } from './buckets'
import { MetricBreakdown } from './fact-set'
import {
  MOST_PERIODS,
  type Cohort,
  type CohortPeriod,
  type FunnelStep,
  type MetricPoint,
} from './insight.service'
import { MetricUnit, type Metric } from './metric'
import { METRICS } from './metrics'

/** The names of all figures, as an enum. */
export const MetricName: Record<string, string> = Object.fromEntries(
  [...METRICS.keys()].map((name) => [name, name]),
)

const unitWords: Record<MetricUnit, string> = {
  [MetricUnit.COUNT]: 'How many.',
  [MetricUnit.PEOPLE]: 'How many people, each once.',
  [MetricUnit.SECONDS]: 'The mean, in seconds.',
  [MetricUnit.RATIO]: 'A part of the whole, from 0 to 1.',
}

registerEnumType(MetricName, {
  name: 'MetricName',
  description: 'A figure about how the application is used.',
  valuesConfig: Object.fromEntries(
    [...METRICS].map(([name, { description, breakdowns, unit }]) => [
      name,
      {
        description: [
          description,
          unitWords[unit],
          ...(breakdowns.length === 0 ? [] : [`By ${breakdowns.join(', ')}.`]),
        ].join(' '),
      },
    ]),
  ),
})

registerEnumType(MetricUnit, {
  name: 'MetricUnit',
  description: 'What a figure counts in.',
  valuesConfig: Object.fromEntries(
    Object.entries(unitWords).map(([unit, description]) => [unit, { description }]),
  ),
})

registerEnumType(MetricInterval, {
  name: 'MetricInterval',
  description: 'Into how long spans, as a calendar has them in a time zone, a figure is divided.',
  valuesConfig: {
    HOUR: { description: 'Hours.' },
    DAY: { description: 'Days; one has 23 or 25 hours where clocks are put forward or back.' },
    WEEK: { description: 'Weeks, from Monday.' },
    MONTH: { description: 'Months.' },
  },
})

registerEnumType(MetricBreakdown, {
  name: 'MetricBreakdown',
  description: 'By what a figure is broken down.',
  valuesConfig: {
    LANGUAGE: { description: 'The language that people prefer, or of a text.' },
    THEME: { description: 'How people want the application to look.' },
    METHOD: { description: 'With which proofs somebody has signed in.' },
    CAUSE: { description: 'Why it failed.' },
    DEVICE: { description: 'On which kind of device.' },
    VISIBILITY: { description: 'For whom a post is.' },
    REASON: { description: 'What somebody says is wrong.' },
    MEASURE: { description: 'What was decided.' },
    OUTCOME: { description: 'How it ended.' },
    STATE: { description: 'What became of it.' },
    CHANNEL: { description: 'How it was sent.' },
    CATEGORY: { description: 'What it is about.' },
    KIND: { description: 'What kind of event.' },
    NAME: { description: 'Which event.' },
  },
})

@Type('Metric', 'What a figure tells. Needs `analytics:read`.')
export class MetricType implements Pick<Metric, 'name' | 'description' | 'unit' | 'breakdowns'> {
  @Shown(() => MetricName, 'Its name.')
  name!: string

  @Shown(() => String, 'What it tells.')
  description!: string

  @Shown(() => MetricUnit, 'What it counts in.')
  unit!: MetricUnit

  @Shown(() => [MetricBreakdown], 'By what it can be broken down.')
  breakdowns!: MetricBreakdown[]
}

@Type('MetricPoint', 'A figure of one span of time, of one group or of all. Needs `analytics:read`.')
export class MetricPointType implements MetricPoint {
  @Shown(() => Date, 'The beginning of the span.')
  startsAt!: Date

  @Shown(() => Date, 'Its end, which is the beginning of the next.')
  endsAt!: Date

  @Shown(
    () => String,
    'The group; `other` for all that have fewer than five people in it. Null where nothing is broken down.',
    true,
  )
  group!: string | null

  @Shown(() => Float, 'The figure; null where it is kept back, and for a mean of nothing.', true)
  value!: number | null

  @Shown(
    () => Boolean,
    'Whether the figure is kept back: it is about fewer than five people, or such a one would follow from it.',
  )
  isSuppressed!: boolean
}

@Type('CohortPeriod', 'How many of a cohort were there in one span of time. Needs `analytics:read`.')
export class CohortPeriodType implements CohortPeriod {
  @Shown(() => Int, 'How many spans after that in which they signed up; 0 for the same.')
  number!: number

  @Shown(() => Date, 'The beginning of the span.')
  startsAt!: Date

  @Shown(() => Date, 'Its end.')
  endsAt!: Date

  @Shown(
    () => Int,
    'How many did something in it; null where it is kept back: fewer than five did, or did not.',
    true,
  )
  people!: number | null

  @Shown(() => Float, 'The same as a part of the cohort, from 0 to 1.', true)
  rate!: number | null

  @Shown(() => Boolean, 'Whether it is kept back.')
  isSuppressed!: boolean
}

@Type('Cohort', 'People who signed up in one span of time, and how many came again. Needs `analytics:read`.')
export class CohortType implements Cohort {
  @Shown(() => Date, 'The beginning of the span in which they signed up.')
  startsAt!: Date

  @Shown(() => Date, 'Its end.')
  endsAt!: Date

  @Shown(() => Int, 'How many they are; null where they are fewer than five.', true)
  size!: number | null

  @Shown(() => Boolean, 'Whether it is kept back.')
  isSuppressed!: boolean

  @Field(() => [CohortPeriodType], {
    description: 'The spans that have begun, the one of the sign-up first.',
  })
  @Extensions({ listSize: MOST_PERIODS })
  periods!: CohortPeriodType[]
}

@Type('FunnelStep', 'How many came as far as a step of a funnel. Needs `analytics:read`.')
export class FunnelStepType implements FunnelStep {
  @Shown(() => String, 'The event.')
  name!: string

  @Shown(
    () => Int,
    'How many people and visitors; null where it is kept back: fewer than five came so far, or were left behind.',
    true,
  )
  people!: number | null

  @Shown(() => Float, 'The same as a part of those who took the first step, from 0 to 1.', true)
  rate!: number | null

  @Shown(() => Boolean, 'Whether it is kept back.')
  isSuppressed!: boolean
}
