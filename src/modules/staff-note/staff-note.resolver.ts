import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId } from '../../core/id'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { AddStaffNoteInput, DeleteStaffNoteInput, UpdateStaffNoteInput } from './staff-note.input'
import { staffNoteBody, staffNoteById } from './staff-note.loader'
import { AddStaffNotePayload, DeleteStaffNotePayload, UpdateStaffNotePayload } from './staff-note.payload'
import { StaffNoteService, type StaffNoteRow } from './staff-note.service'
import { StaffNoteConnection, StaffNoteType } from './staff-note.type'

defineNode('staff_note', 'StaffNote', (context, id) => context.load(staffNoteById, id))

@Resolver(() => StaffNoteType)
export class StaffNoteResolver {
  @Action(() => AddStaffNotePayload, {
    description: 'Notes something about somebody, who does not see it. Needs `notes:write`.',
  })
  async addStaffNote(
    @Ctx() context: Context,
    @InputArgument(() => AddStaffNoteInput) input: AddStaffNoteInput,
  ) {
    return done({ staffNote: await context.use(StaffNoteService).add(input) })
  }

  @Action(() => UpdateStaffNotePayload, {
    description: 'Changes a note of your own. Needs `notes:write`, and `notes:read` to see it.',
  })
  async updateStaffNote(
    @Ctx() context: Context,
    @InputArgument(() => UpdateStaffNoteInput) input: UpdateStaffNoteInput,
  ) {
    return done({ staffNote: await context.use(StaffNoteService).update(input) })
  }

  @Action(() => DeleteStaffNotePayload, {
    description:
      'Deletes a note: your own, or that of somebody who is not above you. Needs `notes:write`, and `notes:read` to see it.',
  })
  async deleteStaffNote(
    @Ctx() context: Context,
    @InputArgument(() => DeleteStaffNoteInput) { staffNoteId }: DeleteStaffNoteInput,
  ) {
    const id = await context.use(StaffNoteService).delete(staffNoteId)
    return done({ deletedStaffNoteId: toGlobalId('staff_note', id) })
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The text; null when the person has been erased.',
  })
  body(@Ctx() context: Context, @Root() note: StaffNoteRow): Promise<string | null> {
    return context.load(staffNoteBody, note)
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Whom it is about.' })
  subject(@Ctx() context: Context, @Root() note: StaffNoteRow): Promise<UserRow | null> {
    return context.load(userById, note.subjectId)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who has written it; null when they are not there any more.',
  })
  async author(@Ctx() context: Context, @Root() note: StaffNoteRow): Promise<UserRow | null> {
    return note.authorId === null ? null : context.load(userById, note.authorId)
  }
}

@Resolver(() => UserType)
export class UserStaffNotesResolver {
  @FieldResolver(() => StaffNoteConnection, {
    nullable: true,
    description:
      'What staff have noted about this person, newest first. Needs `notes:read`; the person never sees it.',
  })
  async staffNotes(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<StaffNoteRow>> {
    const notes = context.use(StaffNoteService)
    return toConnection(await notes.list(id, page), () => notes.count(id))
  }
}
