import { Args, Ctx, Extensions, Query, Resolver } from 'type-graphql'
import type { Context } from '../../context/context'
import { MAX_POINTS } from './buckets'
import { FunnelArguments, MetricArguments, RetentionArguments } from './insight.input'
import {
  InsightService,
  MOST_COHORTS,
  MOST_STEPS,
  type Cohort,
  type FunnelStep,
  type MetricPoint,
} from './insight.service'
import { CohortType, FunnelStepType, MetricPointType, MetricType } from './insight.type'
import type { Metric } from './metric'
import { METRICS } from './metrics'

@Resolver()
export class InsightResolver {
  @Query(() => [MetricType], {
    nullable: true,
    description: 'Which figures there are. Needs `analytics:read`.',
  })
  @Extensions({ listSize: METRICS.size })
  metrics(): Metric[] {
    return [...METRICS.values()]
  }

  @Query(() => [MetricPointType], {
    nullable: true,
    description: `A figure over time, as of a minute ago: a point for each span and group, at most ${MAX_POINTS}. People whose data is restricted, or who object to the purpose \`analytics\`, are left out of all figures. Needs \`analytics:read\`.`,
  })
  @Extensions({ listSize: MAX_POINTS, complexity: 160 })
  metric(
    @Ctx() context: Context,
    @Args(() => MetricArguments) question: MetricArguments,
  ): Promise<MetricPoint[]> {
    return context.use(InsightService).series(question)
  }

  @Query(() => [CohortType], {
    nullable: true,
    description:
      'Retention: of the people who signed up in each span, how many did something in it and in those after it. Needs `analytics:read`.',
  })
  @Extensions({ listSize: MOST_COHORTS, complexity: 160 })
  retention(
    @Ctx() context: Context,
    @Args(() => RetentionArguments) question: RetentionArguments,
  ): Promise<Cohort[]> {
    return context.use(InsightService).retention(question)
  }

  @Query(() => [FunnelStepType], {
    nullable: true,
    description:
      'How many people and visitors did one thing after the other, of what activity is kept; `from` and `to` are taken to whole quarters of an hour. Needs `analytics:read`.',
  })
  @Extensions({ listSize: MOST_STEPS, complexity: 400 })
  funnel(
    @Ctx() context: Context,
    @Args(() => FunnelArguments) question: FunnelArguments,
  ): Promise<FunnelStep[]> {
    return context.use(InsightService).funnel(question)
  }
}
