import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Context } from '../../context/context'
import { readerId } from '../../core/viewer'
import { auditEventDetails, type AuditEventRow } from '../audit/audit-event.loader'
import { AuditEventType } from '../audit/audit-event.type'
import { sessionById } from '../session/session.loader'
import { userById } from '../user/user.loader'
import { EventSummaryArguments } from './event-summary.input'
import { messageOf } from './event-words'

/** Here, because the trail knows neither sessions nor people. */
@Resolver(() => AuditEventType)
export class EventSummaryResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'What happened, as a sentence: “Signed in from Firefox on Linux.” What is not known any more, because somebody was erased, is left out of it.',
  })
  async summary(
    @Ctx() context: Context,
    @Root() event: AuditEventRow,
    @Args(() => EventSummaryArguments) { locale }: EventSummaryArguments,
  ): Promise<string> {
    const details = await context.load(auditEventDetails, event)
    return messageOf(
      { action: event.action, details },
      await deviceOf(context, event),
      locale ?? (await ownLocale(context)),
    )
  }
}

/** What the device is called; null where the viewer may not see the session, or it is not known any more. */
async function deviceOf(context: Context, { action, sessionId }: AuditEventRow): Promise<string | null> {
  if (action !== 'session.started' || sessionId === null) return null
  return (await context.load(sessionById, sessionId))?.deviceName ?? null
}

async function ownLocale(context: Context): Promise<string> {
  const reader = readerId(context.viewer)
  return (reader !== null && (await context.load(userById, reader))?.locale) || 'en'
}
