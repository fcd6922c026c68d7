import { Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { wordsFor } from '../../core/language'
import { viewerId } from '../../core/viewer'
import { defineSayings } from '../notifier/notification-saying'
import { userById } from '../user/user.loader'
import { AnnouncementStatus, statusOf } from './announcement-status'
import { CancelAnnouncementInput, CreateAnnouncementInput } from './announcement.input'
import { announcementById, readersOfAnnouncement, type AnnouncementRow } from './announcement.loader'
import { CancelAnnouncementPayload, CreateAnnouncementPayload } from './announcement.payload'
import { AnnouncementService } from './announcement.service'
import { AnnouncementConnection, AnnouncementTextType, AnnouncementType } from './announcement.type'

defineNode('announcement', 'Announcement', (context, id) => context.load(announcementById, id))

// What it says is also what the notifications that tell of it say.
defineSayings('announcement', (db, ids) => new AnnouncementService(db).sayingsOf(ids))

@Resolver(() => AnnouncementType)
export class AnnouncementResolver {
  @Query(() => AnnouncementConnection, {
    nullable: true,
    description:
      'The announcements of the last 90 days, and those to come, the last that begins first. Needs `announcements:send`.',
  })
  async announcements(
    @Ctx() context: Context,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<AnnouncementRow>> {
    const announcements = context.use(AnnouncementService)
    return toConnection(await announcements.list(page), () => announcements.count())
  }

  @Action(() => CreateAnnouncementPayload, {
    description:
      'Tells many people something, each as they want to be told of news (`notifications.product`): in the inbox, by mail, or not at all. It is done in the background; read `node` again to see how far it has come. Needs `announcements:send`, and reaches whom you see by `users:read`.',
  })
  async createAnnouncement(
    @Ctx() context: Context,
    @InputArgument(() => CreateAnnouncementInput)
    { purposeId, sendAt, perMinute, ...said }: CreateAnnouncementInput,
  ) {
    const id = await context.use(AnnouncementService).create({
      ...said,
      purposeId: purposeId ?? null,
      sendAt: sendAt ?? null,
      perMinute: perMinute ?? null,
    })
    return done({ announcement: await context.load(announcementById, id) })
  }

  @Action(() => CancelAnnouncementPayload, {
    description:
      'Stops an announcement: nobody else is told, and no mail about it leaves any more, be it that everybody has had their turn. Who has been told, was. Needs `announcements:send`.',
  })
  async cancelAnnouncement(
    @Ctx() context: Context,
    @InputArgument(() => CancelAnnouncementInput) { announcementId }: CancelAnnouncementInput,
  ) {
    const id = await context.use(AnnouncementService).cancel(announcementId)
    context.forget(announcementById, id)
    return done({ announcement: await context.load(announcementById, id) })
  }

  @FieldResolver(() => String, {
    description: 'What it is about, in a line, in the language of whoever reads it.',
  })
  async subject(@Ctx() context: Context, @Root() { texts }: AnnouncementRow): Promise<string> {
    return wordsFor(texts, await localeOf(context)).subject
  }

  @FieldResolver(() => String, {
    description: 'What it says, in the language of whoever reads it: plain text.',
  })
  async text(@Ctx() context: Context, @Root() { texts }: AnnouncementRow): Promise<string> {
    return wordsFor(texts, await localeOf(context)).text
  }

  @FieldResolver(() => [AnnouncementTextType], {
    nullable: true,
    description: 'What it says, in each language. `announcements:send`.',
  })
  texts(@Root() { texts }: AnnouncementRow): AnnouncementTextType[] {
    return Object.entries(texts).map(([language, words]) => ({ language, ...words }))
  }

  @FieldResolver(() => AnnouncementStatus, {
    nullable: true,
    description: 'Where it stands. `announcements:send`.',
  })
  status(@Root() announcement: AnnouncementRow): AnnouncementStatus {
    return statusOf(announcement)
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many of those who were told have read it in their inbox. `announcements:send`.',
  })
  readCount(@Ctx() context: Context, @Root() { id }: AnnouncementRow): Promise<number> {
    return context.load(readersOfAnnouncement, id)
  }
}

async function localeOf(context: Context): Promise<string> {
  const id = viewerId(context.viewer)
  return (id === null ? null : await context.load(userById, id))?.locale ?? ''
}
