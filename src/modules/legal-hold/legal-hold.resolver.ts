import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { PlaceLegalHoldInput, ReleaseLegalHoldInput } from './legal-hold.input'
import { legalHoldById, legalHoldWords, type LegalHoldRow } from './legal-hold.loader'
import { PlaceLegalHoldPayload, ReleaseLegalHoldPayload } from './legal-hold.payload'
import { LegalHoldService } from './legal-hold.service'
import { LegalHoldConnection, LegalHoldType } from './legal-hold.type'

defineNode('legal_hold', 'LegalHold', (context, id) => context.load(legalHoldById, id))

@Resolver(() => LegalHoldType)
export class LegalHoldResolver {
  @Action(() => PlaceLegalHoldPayload, {
    description:
      "Keeps somebody's data from being erased while the law asks for it; they are not told. Needs `holds:manage`.",
  })
  async placeLegalHold(
    @Ctx() context: Context,
    @InputArgument(() => PlaceLegalHoldInput) input: PlaceLegalHoldInput,
  ) {
    return done({ legalHold: await context.use(LegalHoldService).place(input) })
  }

  @Action(() => ReleaseLegalHoldPayload, {
    description: 'Ends a legal hold; an erasure that has waited for it goes on. Needs `holds:manage`.',
  })
  async releaseLegalHold(
    @Ctx() context: Context,
    @InputArgument(() => ReleaseLegalHoldInput) { legalHoldId }: ReleaseLegalHoldInput,
  ) {
    return done({ legalHold: await context.use(LegalHoldService).release(legalHoldId) })
  }

  @FieldResolver(() => String, { nullable: true, description: 'What the law asks for.' })
  async reason(@Ctx() context: Context, @Root() hold: LegalHoldRow): Promise<string | null> {
    return (await context.load(legalHoldWords, hold)).reason
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The file number of the case; null where none was given.',
  })
  async caseReference(@Ctx() context: Context, @Root() hold: LegalHoldRow): Promise<string | null> {
    return (await context.load(legalHoldWords, hold)).caseReference
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Whose data is kept.' })
  user(@Ctx() context: Context, @Root() { userId }: LegalHoldRow): Promise<UserRow | null> {
    return context.load(userById, userId)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who placed it; null when they are not there any more.',
  })
  async placedBy(@Ctx() context: Context, @Root() { placedById }: LegalHoldRow): Promise<UserRow | null> {
    return placedById === null ? null : context.load(userById, placedById)
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who released it; null while it is in force, and when they are not there any more.',
  })
  async releasedBy(@Ctx() context: Context, @Root() { releasedById }: LegalHoldRow): Promise<UserRow | null> {
    return releasedById === null ? null : context.load(userById, releasedById)
  }
}

@Resolver(() => UserType)
export class UserLegalHoldsResolver {
  // Not the person's to see: whoever knew what is looked into could destroy the evidence of it elsewhere.
  @FieldResolver(() => LegalHoldConnection, {
    nullable: true,
    description:
      "What keeps this person's data from being erased, and what did, newest first. Needs `holds:manage`; the person never sees it.",
  })
  async legalHolds(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<LegalHoldRow>> {
    const holds = context.use(LegalHoldService)
    return toConnection(await holds.list(id, page), () => holds.count(id))
  }
}
