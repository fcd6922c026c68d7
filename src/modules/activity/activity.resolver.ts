import { GraphQLJSONObject } from 'graphql-scalars'
import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import type { ActivityDefinition } from '../../core/activity-definition'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { TrackActivityInput } from './activity.input'
import { TrackActivityPayload } from './activity.payload'
import { ActivityService, type ActivityRow } from './activity.service'
import { ActivityDefinitionType, ActivityEventConnection } from './activity.type'

@Resolver(() => ActivityDefinitionType)
export class ActivityResolver {
  @Query(() => [ActivityDefinitionType], {
    description: 'What people do that is worth knowing, and how it is told.',
  })
  activityDefinitions(@Ctx() context: Context): ActivityDefinition[] {
    return context.use(ActivityService).definitions()
  }

  @FieldResolver(() => GraphQLJSONObject, {
    description: 'What `properties` may be, as a JSON Schema (draft 2020-12), in the newest version.',
  })
  schema(@Root() { schemas, version }: ActivityDefinition): Record<string, unknown> {
    return schemas.get(version)!.json
  }

  @Action(() => TrackActivityPayload, {
    description:
      'Tells what was done: by you, or where nobody is signed in by a visitor. It is answered once all of it is durable. Nothing is kept without agreement to its purpose, under a restriction, or where the client says `Sec-GPC: 1` or `DNT: 1`. `RATE_LIMITED` asks to keep it and to tell it again.',
  })
  async trackActivity(
    @Ctx() context: Context,
    @InputArgument(() => TrackActivityInput) input: TrackActivityInput,
  ) {
    return done(await context.use(ActivityService).track(input))
  }
}

@Resolver(() => UserType)
export class UserActivityResolver {
  @FieldResolver(() => ActivityEventConnection, {
    nullable: true,
    description:
      'What this person has done and is kept, newest first, with what their visits before they signed in tell. Self, or `privacy:manage`.',
  })
  async activity(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ActivityRow>> {
    const activity = context.use(ActivityService)
    return toConnection(await activity.list(id, page), () => activity.count(id))
  }
}
