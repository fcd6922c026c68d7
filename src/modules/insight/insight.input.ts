import { ArgsType, Field, Int } from 'type-graphql'
import { Text } from '../../api/input'
import { A_TIME_ZONE } from '../../core/locale'
import { MetricInterval } from './buckets'
import { MetricBreakdown } from './fact-set'
import {
  MOST_COHORTS,
  MOST_PERIODS,
  type MetricQuestion,
  type RetentionQuestion,
  MOST_STEPS,
  type FunnelQuestion,
} from './insight.service'
import { MetricName } from './insight.type'

@ArgsType()
export class MetricArguments implements MetricQuestion {
  @Field(() => MetricName, { description: 'Which figure.' })
  name!: string

  @Field(() => Date, { description: 'From when on; the whole span that holds this moment is told.' })
  from!: Date

  @Field(() => Date, { description: 'Until when, this moment not included.' })
  to!: Date

  @Field(() => MetricInterval, { description: 'Into how long spans it is divided.' })
  interval!: MetricInterval

  @Field(() => MetricBreakdown, {
    nullable: true,
    description: 'By what it is broken down; `metrics` says what there is.',
  })
  breakdown?: MetricBreakdown | null

  @Text({
    description: `In which time zone days are days, ${A_TIME_ZONE}; your own where nothing is said.`,
    max: 64,
    optional: true,
  })
  timeZone?: string
}

@ArgsType()
export class RetentionArguments implements RetentionQuestion {
  @Field(() => Date, { description: 'People who signed up from then on.' })
  from!: Date

  @Field(() => Date, { description: `And before then; at most ${MOST_COHORTS} spans.` })
  to!: Date

  @Field(() => MetricInterval, { description: 'How long the spans are: days, weeks or months.' })
  interval!: MetricInterval

  @Field(() => Int, {
    defaultValue: 8,
    description: `In how many spans it is asked who was there, from 1 to ${MOST_PERIODS}.`,
  })
  periods!: number

  @Text({
    description: `In which time zone days are days, ${A_TIME_ZONE}; your own where nothing is said.`,
    max: 64,
    optional: true,
  })
  timeZone?: string
}

@ArgsType()
export class FunnelArguments implements FunnelQuestion {
  @Text({
    description: 'The names of the events, in order; two at least.',
    max: 64,
    list: { max: MOST_STEPS },
  })
  steps!: string[]

  @Field(() => Date, { description: 'When the first step was taken: from then on.' })
  from!: Date

  @Field(() => Date, { description: 'And before then; at most 92 days.' })
  to!: Date

  @Field(() => Int, {
    defaultValue: 1440,
    description: 'How many minutes after the first step the last one may be taken, up to 43200.',
  })
  within!: number
}
