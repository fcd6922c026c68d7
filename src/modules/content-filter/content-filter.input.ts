import { Field, Int } from 'type-graphql'
import { ExpectedVersion, IdOf, Input, Text, type TextRules } from '../../api/input'
import { FilterAction, FilteredKind } from './filter-terms'

const NAME: TextRules = { description: 'A short name, unique without regard to case.', max: 64 }
const MESSAGE: TextRules = {
  description:
    'What whoever writes is told where something is refused; where nothing is said, what was found, or that it was too much.',
  max: 200,
}
const DOMAIN: TextRules = {
  description: 'Domains, with all below them: `example.com`, `bücher.example`, `xyz`.',
  max: 253,
  list: { max: 500 },
  optional: true,
}

@Input('WordTermsInput', 'Words and phrases to look for, in what readers see.')
export class WordTermsInput {
  @Text({
    description:
      'Words or phrases: `bad` is found as a whole, `bad*` at the beginning of a word, `*bad` at the end, `*bad*` anywhere. Case, accents, look-alikes of other scripts, what shows nothing, letters stretched or spelled out are seen through.',
    max: 60,
    list: { max: 500 },
  })
  words!: string[]

  @Text({
    description:
      'What is never meant, though a word is found in it: `Scunthorpe`. Taken as it is written, but for case.',
    max: 60,
    list: { max: 200 },
    optional: true,
  })
  exceptions?: string[]

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether digits and signs count as the letters for which they stand: `b4d`. `i` and `l` are then the same.',
  })
  readsLeetspeak!: boolean
}

@Input(
  'LinkTermsInput',
  'Links to look for, be they written out, behind other words, or carried in another link.',
)
export class LinkTermsInput {
  @Text({ ...DOMAIN, description: `${DOMAIN.description} These alone are meant; where none are given, all.` })
  deniedDomains?: string[]

  @Text({ ...DOMAIN, description: `${DOMAIN.description} These never are.` })
  allowedDomains?: string[]

  @Field(() => Int, {
    defaultValue: 0,
    description: 'To how many different sites that are meant a piece may lead: 0 to 50.',
  })
  tolerated!: number
}

@Input('RateTermsInput', 'How much one person writes.')
export class RateTermsInput {
  @Field(() => Int, { description: 'So many pieces within the window are let through: 1 to 1000.' })
  limit!: number

  @Field(() => Int, { description: 'How long the window is, in seconds: 10 to 86400.' })
  windowSeconds!: number

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether only pieces of the same kind count that say the same, whatever their case and punctuation: of the last 200.',
  })
  sameTextOnly!: boolean
}

@Input('NewcomersInput', 'Whose account is younger, or who has published fewer posts.')
export class NewcomersInput {
  @Field(() => Int, { nullable: true, description: 'Younger than so many days: 1 to 365.' })
  youngerThanDays?: number | null

  @Field(() => Int, { nullable: true, description: 'Fewer posts than so many: 1 to 100.' })
  fewerPostsThan?: number | null
}

@Input('ContentFilterTermsInput', 'What a filter looks for. Give one of `words`, `links` and `rate`.')
export class ContentFilterTermsInput {
  @Field(() => WordTermsInput, { nullable: true, description: 'Words and phrases.' })
  words?: WordTermsInput | null

  @Field(() => LinkTermsInput, { nullable: true, description: 'Links.' })
  links?: LinkTermsInput | null

  @Field(() => RateTermsInput, { nullable: true, description: 'How much one person writes.' })
  rate?: RateTermsInput | null
}

@Input('ContentFilterDraftInput', 'What to look for, where, and of whom.')
export class ContentFilterDraftInput {
  @Field(() => [FilteredKind], { description: 'What to look at.' })
  covers!: FilteredKind[]

  @Field(() => ContentFilterTermsInput, { description: 'What to look for.' })
  terms!: ContentFilterTermsInput

  @Field(() => NewcomersInput, {
    nullable: true,
    description: 'Only of those who are new; of everybody without it.',
  })
  newcomersOnly?: NewcomersInput | null
}

@Input('CreateContentFilterInput', 'A new filter.')
export class CreateContentFilterInput extends ContentFilterDraftInput {
  @Text(NAME)
  name!: string

  @Field(() => FilterAction, { description: 'What comes of what it finds.' })
  action!: FilterAction

  @Text({ ...MESSAGE, optional: true })
  messageToAuthor?: string

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether it is switched on at once; better try it before (`testContentFilter`).',
  })
  isEnabled!: boolean
}

@Input('UpdateContentFilterInput', 'What to change in a filter; what is left out stays.')
export class UpdateContentFilterInput {
  @IdOf('content_filter', 'The filter to change.')
  contentFilterId!: string

  @Text({ ...NAME, optional: 'stays' })
  name?: string

  @Field(() => FilterAction, { nullable: true, description: 'What comes of what it finds.' })
  action?: FilterAction | null

  @Field(() => [FilteredKind], { nullable: true, description: 'What to look at.' })
  covers?: FilteredKind[] | null

  @Field(() => ContentFilterTermsInput, {
    nullable: true,
    description: 'What to look for, given anew as a whole, and of the same kind.',
  })
  terms?: ContentFilterTermsInput | null

  @Field(() => NewcomersInput, {
    nullable: true,
    description: 'Only of those who are new; null for everybody.',
  })
  newcomersOnly?: NewcomersInput | null

  @Text({ ...MESSAGE, optional: 'removable' })
  messageToAuthor?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Whether it is switched on.' })
  isEnabled?: boolean | null

  @ExpectedVersion()
  expectedVersion?: number
}

@Input('DeleteContentFilterInput', 'Which filter to delete.')
export class DeleteContentFilterInput {
  @IdOf('content_filter', 'The filter to delete.')
  contentFilterId!: string
}
