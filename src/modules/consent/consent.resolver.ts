import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { isRequired, purposeWords, type Purpose } from '../../core/purpose'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import {
  ConsentPurposeArguments,
  GiveConsentInput,
  ObjectToProcessingInput,
  WithdrawConsentInput,
} from './consent.input'
import { consentsByUser, type ConsentRow } from './consent.loader'
import { GiveConsentPayload, ObjectToProcessingPayload, WithdrawConsentPayload } from './consent.payload'
import { ConsentService } from './consent.service'
import { ConsentConnection, ConsentPurposeType, ConsentType } from './consent.type'
import { objectToProcessing } from './object-to-processing'

@Resolver(() => ConsentType)
export class ConsentResolver {
  @Query(() => [ConsentPurposeType], {
    description:
      'What people are asked for, or may object to, with the texts to show them; also before they sign up.',
  })
  consentPurposes(
    @Ctx() context: Context,
    @Args(() => ConsentPurposeArguments) { locale }: ConsentPurposeArguments,
  ): ConsentPurposeType[] {
    return context
      .use(ConsentService)
      .purposes()
      .map((purpose) => shown(purpose, locale ?? 'en'))
  }

  @Action(() => GiveConsentPayload, {
    description: 'Agrees to a text, in the version that was shown to you; another one is refused as STALE.',
  })
  async giveConsent(@Ctx() context: Context, @InputArgument(() => GiveConsentInput) input: GiveConsentInput) {
    return done({ consent: await context.use(ConsentService).give(input) })
  }

  @Action(() => WithdrawConsentPayload, {
    description: 'Takes back what you have agreed to, with effect at once (GDPR art. 7(3)).',
  })
  async withdrawConsent(
    @Ctx() context: Context,
    @InputArgument(() => WithdrawConsentInput) input: WithdrawConsentInput,
  ) {
    return done({ consent: await context.use(ConsentService).withdraw(input) })
  }

  @Action(() => ObjectToProcessingPayload, {
    description:
      'Objects to the use of your data: for a purpose that rests on a legitimate interest, with effect at once; to anything else, as a request that is answered within a month (GDPR art. 21).',
  })
  async objectToProcessing(
    @Ctx() context: Context,
    @InputArgument(() => ObjectToProcessingInput) input: ObjectToProcessingInput,
  ) {
    return done({ privacyRequest: await objectToProcessing(context.db, input) })
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is a consent to the text as it is now.' })
  isCurrent(@Ctx() context: Context, @Root() consent: ConsentRow): boolean {
    return context.use(ConsentService).isCurrent(consent)
  }
}

@Resolver(() => UserType)
export class UserConsentsResolver {
  @FieldResolver(() => [ConsentType], {
    nullable: true,
    description: 'What this person has said last about each purpose. Self, or `privacy:manage`.',
  })
  consents(@Ctx() context: Context, @Root() { id }: UserRow): Promise<ConsentRow[]> {
    return context.load(consentsByUser, id)
  }

  @FieldResolver(() => [ConsentPurposeType], {
    nullable: true,
    description:
      'What this person has to agree to before they can go on: until then most of what they ask for is refused as `CONSENT_REQUIRED`. Self, or `privacy:manage`.',
  })
  async missingConsents(
    @Ctx() context: Context,
    @Root() { id, locale }: UserRow,
  ): Promise<ConsentPurposeType[]> {
    const missing = context.use(ConsentService).missing(await context.load(consentsByUser, id))
    return missing.map((purpose) => shown(purpose, locale))
  }

  @FieldResolver(() => ConsentConnection, {
    nullable: true,
    description:
      'All that this person has agreed to, taken back and objected to, newest first. Self, or `privacy:manage`.',
  })
  async consentHistory(
    @Ctx() context: Context,
    @Root() { id }: UserRow,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ConsentRow>> {
    const consents = context.use(ConsentService)
    return toConnection(await consents.list(id, page), () => consents.count(id))
  }
}

const shown = (purpose: Purpose, locale: string): ConsentPurposeType => ({
  ...purpose,
  ...purposeWords(purpose, locale),
  isRequired: isRequired(purpose),
})
