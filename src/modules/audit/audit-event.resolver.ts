import { GraphQLJSONObject } from 'graphql-scalars'
import { Args, Ctx, FieldResolver, Query, Resolver, Root, Subscription } from 'type-graphql'
import { toConnection, type Connection } from '../../api/connection'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { AuditSeverity, entryOf } from './audit-event'
import { AuditEventArguments, AuditTailArguments, checkedFilter } from './audit-event.input'
import { auditEventAddress, auditEventById, auditEventDetails } from './audit-event.loader'
import type { AuditEventFilter, AuditEventRow } from './audit-event.repository'
import { AuditEventConnection, AuditEventType, AuditTailEventType } from './audit-event.type'
import { followTrail, type Recorded } from './audit-tail'
import { AuditService } from './audit.service'

defineNode('event', 'AuditEvent', (context, id) => context.load(auditEventById, id))

@Resolver(() => AuditEventType)
export class AuditEventResolver {
  @Query(() => AuditEventConnection, {
    nullable: true,
    description:
      'The audit trail, newest first. Needs `audit:read`; people see their own part as `viewer { auditEvents }`.',
  })
  auditEvents(
    @Ctx() context: Context,
    @Args() { filter = {}, ...page }: AuditEventArguments,
  ): Promise<Connection<AuditEventRow>> {
    context.reads.trails.push(filter)
    return auditEventConnection(context, filter, page)
  }

  @Subscription(() => AuditTailEventType, {
    nullable: true,
    description:
      'The audit trail as it grows: each event once, within a second or so of its commit, whichever process has recorded it; after a cursor also what you have missed of the last day. Needs `audit:read`; that somebody follows is recorded as reading is.',
    subscribe: async ({ context, args }: { context: Context; args: AuditTailArguments }) => {
      const filter = checkedFilter(args.filter)
      const events = await followTrail(context.db, filter, args.after ?? null)
      await context.use(AuditService).recordReading(filter)
      return events
    },
  })
  async auditEventsRecorded(
    @Ctx() context: Context,
    @Root() { cursor, eventId }: Recorded,
    @Args(() => AuditTailArguments) _arguments: AuditTailArguments,
  ): Promise<AuditTailEventType | null> {
    // Whoever may not see it by now is told nothing.
    const auditEvent = await context.load(auditEventById, eventId)
    return auditEvent && { cursor, auditEvent }
  }

  @FieldResolver(() => AuditSeverity, {
    description: 'How much it matters to whoever looks after the installation.',
  })
  severity(@Root() { action }: AuditEventRow): AuditSeverity {
    return entryOf(action).severity
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'From where: the network address. Visible to the person who acted and to holders of `audit:read`.',
  })
  address(@Ctx() context: Context, @Root() event: AuditEventRow): Promise<string | null> {
    return context.load(auditEventAddress, event)
  }

  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Facts that depend on `action`. What was said of a person is left out once their data has been erased.',
  })
  details(@Ctx() context: Context, @Root() event: AuditEventRow): Promise<Record<string, unknown>> {
    return context.load(auditEventDetails, event)
  }
}

export async function auditEventConnection(
  context: Context,
  filter: AuditEventFilter,
  page: Omit<AuditEventArguments, 'filter'>,
): Promise<Connection<AuditEventRow>> {
  const audit = context.use(AuditService)
  return toConnection(await audit.list(filter, page), () => audit.count(filter))
}
