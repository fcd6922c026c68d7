import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Context } from '../../context/context'
import { coarseNetwork } from '../../core/address'
import { entryOf } from '../audit/audit-event'
import type { SecurityEventRow } from '../audit/audit.service'
import { sessionById } from '../session/session.loader'
import { userById } from '../user/user.loader'
import { messageOf } from './event-words'
import { eventDisownedAt, securityEventAddress } from './security-event.loader'
import { SecurityEventType } from './security.type'

@Resolver(() => SecurityEventType)
export class SecurityEventResolver {
  @FieldResolver(() => String, {
    description: 'What happened, as a sentence in the language of the person whose inbox it is.',
  })
  async message(@Ctx() context: Context, @Root() event: SecurityEventRow): Promise<string> {
    const person = await context.load(userById, event.subjectId!)
    return messageOf(event, await this.deviceName(context, event), person!.locale)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'What the device is called among the sessions; null where it is not known, or the viewer may not see the session.',
  })
  async deviceName(@Ctx() context: Context, @Root() event: SecurityEventRow): Promise<string | null> {
    if (event.sessionId === null) return null
    return (await context.load(sessionById, event.sessionId))?.deviceName ?? null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'From where, roughly; null where it is not known, or somebody else did it.',
  })
  async network(@Ctx() context: Context, @Root() event: SecurityEventRow): Promise<string | null> {
    if (event.actorId !== event.subjectId) return null
    const address = await context.load(securityEventAddress, event)
    return address && coarseNetwork(address)
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the person can say that it was not them, with `disownSecurityEvent`.',
  })
  async canBeDisowned(@Ctx() context: Context, @Root() event: SecurityEventRow): Promise<boolean> {
    return entryOf(event.action).inbox === 'disowned' && (await this.disownedAt(context, event)) === null
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the person said that it was not them; null where they have not.',
  })
  disownedAt(@Ctx() context: Context, @Root() event: SecurityEventRow): Promise<Date | null> {
    return context.load(eventDisownedAt, event.id)
  }
}
