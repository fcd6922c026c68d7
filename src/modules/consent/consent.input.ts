import { ArgsType, Field, registerEnumType } from 'type-graphql'
import { Input, Text, type TextRules } from '../../api/input'
import { ConsentSource } from './consent.entity'

registerEnumType(ConsentSource, {
  name: 'ConsentSource',
  description: 'Through what somebody has said what they agree to.',
  valuesConfig: {
    WEB: { description: 'A page.' },
    APP: { description: 'An app.' },
    IMPORT: { description: 'Another system, from which it came.' },
    STAFF: { description: 'Staff, whom they have told.' },
  },
})

const PURPOSE: TextRules = { description: 'An `id` of `consentPurposes`.', max: 64 }
const VERSION: TextRules = { description: 'The `version` of the text that was shown.', max: 32 }
const SOURCE = { nullable: true, description: 'Through what it is said; a page where nothing is said.' }

/** What was agreed to in a form. */
@Input('GivenConsentInput', 'What somebody has agreed to, and the text that they were shown.')
export class GivenConsentInput {
  @Text(PURPOSE)
  purposeId!: string

  @Text(VERSION)
  version!: string
}

@Input('GiveConsentInput', 'What to agree to.')
export class GiveConsentInput extends GivenConsentInput {
  @Text({
    description: 'The language in which it was shown, a BCP 47 tag; your own where nothing is said.',
    max: 35,
    optional: true,
  })
  locale?: string

  @Field(() => ConsentSource, SOURCE)
  source?: ConsentSource
}

@Input('WithdrawConsentInput', 'What not to agree to any more.')
export class WithdrawConsentInput {
  @Text(PURPOSE)
  purposeId!: string

  @Field(() => ConsentSource, SOURCE)
  source?: ConsentSource
}

@Input('ObjectToProcessingInput', 'What not to do with your data.')
export class ObjectToProcessingInput {
  @Text({
    description: 'Why, or to what; staff read it where no purpose is named.',
    max: 5_000,
    multiline: true,
    optional: true,
  })
  message?: string

  @Text({
    ...PURPOSE,
    description:
      'An `id` of `consentPurposes` that rests on a legitimate interest; the objection takes effect at once.',
    optional: true,
  })
  purposeId?: string
}

@ArgsType()
export class ConsentPurposeArguments {
  @Text({
    description:
      'The language of the texts, a BCP 47 tag; English, or the first there is, where nothing is said.',
    max: 35,
    optional: true,
  })
  locale?: string
}
