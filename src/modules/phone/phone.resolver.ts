import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { requireSignedIn } from '../../core/viewer'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { AddPhoneInput, ConfirmPhoneInput, MakePhonePrimaryInput, RemovePhoneInput } from './phone.input'
import { phonesByUser } from './phone.loader'
import {
  AddPhonePayload,
  ConfirmPhonePayload,
  MakePhonePrimaryPayload,
  RemovePhonePayload,
} from './phone.payload'
import { PhoneService, type ReadablePhone } from './phone.service'
import { PhoneType } from './phone.type'
import { addPhone, confirmPhone } from './verify-phone'

@Resolver(() => UserType)
export class PhoneResolver {
  @FieldResolver(() => [PhoneType], {
    nullable: true,
    description: 'All phone numbers, each proven, oldest first. Self, or `users:read-contact`.',
  })
  phones(@Ctx() context: Context, @Root() user: UserRow): Promise<ReadablePhone[]> {
    return context.load(phonesByUser, user.id)
  }

  @Action(() => AddPhonePayload, {
    description:
      'Begins to add a mobile number to yours, of which you may have 5: sends a code there by text message. Nothing changes before `confirmPhone`.',
  })
  async addPhone(@Ctx() context: Context, @InputArgument(() => AddPhoneInput) input: AddPhoneInput) {
    return done({ challenge: await addPhone(context.db, input) })
  }

  @Action(() => ConfirmPhonePayload, {
    credential: true,
    description:
      'Makes a number yours, with the code that was sent there; your first is the primary one. A mail tells you.',
  })
  async confirmPhone(
    @Ctx() context: Context,
    @InputArgument(() => ConfirmPhoneInput) input: ConfirmPhoneInput,
  ) {
    await confirmPhone(context.db, input)
    return this.changed(context)
  }

  @Action(() => MakePhonePrimaryPayload, {
    description: 'Makes one of your numbers the primary one. A mail tells you.',
  })
  async makePhonePrimary(
    @Ctx() context: Context,
    @InputArgument(() => MakePhonePrimaryInput) { phoneId }: MakePhonePrimaryInput,
  ) {
    await context.use(PhoneService).makePrimary(phoneId)
    return this.changed(context)
  }

  @Action(() => RemovePhonePayload, {
    description: 'Removes one of your numbers; the primary one only when it is the last. A mail tells you.',
  })
  async removePhone(
    @Ctx() context: Context,
    @InputArgument(() => RemovePhoneInput) { phoneId }: RemovePhoneInput,
  ) {
    await context.use(PhoneService).remove(phoneId)
    return this.changed(context)
  }

  private async changed(context: Context) {
    return done({ user: await context.load(userById, requireSignedIn(context.viewer).userId) })
  }
}
