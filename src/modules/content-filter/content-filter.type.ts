import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import type { ContentFilterMatchRow } from './content-filter-match.repository'
import type { ContentFilterRow, Newcomers } from './content-filter.repository'
import { FilterAction, FilteredKind, type RateTerms } from './filter-terms'
import type { LinkTerms } from './link-search'
import type { WordList } from './word-search'

registerEnumType(FilterAction, {
  name: 'ContentFilterAction',
  description: 'What comes of what a filter finds.',
  valuesConfig: {
    FLAG: { description: 'It is published, and a case opens for moderators.' },
    HOLD: {
      description:
        'A case opens, and until it is decided nobody sees it but its author and holders of `posts:moderate`.',
    },
    REFUSE: { description: 'Nothing is stored, and whoever writes is told (`FILTERED`).' },
  },
})

registerEnumType(FilteredKind, {
  name: 'FilteredContent',
  description: 'What filters look at, before others see it.',
  valuesConfig: {
    POST: { description: 'Posts that others read: their title, text and tags.' },
    COMMENT: { description: 'Comments.' },
    MESSAGE: {
      description:
        'Private messages, as they are sent. Nobody but those who take part reads one, so a filter can only refuse it.',
    },
  },
})

@Type('WordTerms', 'Words and phrases that a filter looks for.')
export class WordTermsType implements WordList {
  @Shown(() => [String], 'The words and phrases, with `*` where more may stand.')
  words!: string[]

  @Shown(() => [String], 'What is never meant, though a word is found in it.')
  exceptions!: string[]

  @Shown(() => Boolean, 'Whether digits and signs count as the letters for which they stand.')
  readsLeetspeak!: boolean
}

@Type('LinkTerms', 'Links that a filter looks for.')
export class LinkTermsType implements LinkTerms {
  @Shown(() => [String], 'The domains that alone are meant, as ASCII (IDNA); all where there are none.')
  deniedDomains!: string[]

  @Shown(() => [String], 'The domains that never are.')
  allowedDomains!: string[]

  @Shown(() => Int, 'To how many different sites that are meant a piece may lead.')
  tolerated!: number
}

@Type('RateTerms', 'How much one person may write.')
export class RateTermsType implements RateTerms {
  @Shown(() => Int, 'So many pieces within the window are let through.')
  limit!: number

  @Shown(() => Int, 'How long the window is, in seconds.')
  windowSeconds!: number

  @Shown(() => Boolean, 'Whether only pieces of the same kind count that say the same.')
  sameTextOnly!: boolean
}

@Type('Newcomers', 'Those whose account is younger, or who have published fewer posts.')
export class NewcomersType implements Newcomers {
  @Shown(() => Int, 'Younger than so many days; null where that does not matter.', true)
  youngerThanDays!: number | null

  @Shown(() => Int, 'Fewer posts than so many; null where that does not matter.', true)
  fewerPostsThan!: number | null
}

@Type(
  'ContentFilter',
  'What staff want to be flagged, held or refused of what people write. Whoever may moderate an author is not filtered when they write. Visible to holders of `filters:manage`.',
  { implements: Node },
)
export class ContentFilterType implements Pick<
  ContentFilterRow,
  | 'id'
  | 'name'
  | 'action'
  | 'covers'
  | 'messageToAuthor'
  | 'isEnabled'
  | 'createdAt'
  | 'updatedAt'
  | 'version'
> {
  @GlobalId('content_filter')
  id!: string

  @Shown(() => String, 'The short name, unique without regard to case.')
  name!: string

  @Shown(() => FilterAction, 'What comes of what it finds.')
  action!: FilterAction

  @Shown(() => [FilteredKind], 'What it looks at.')
  covers!: FilteredKind[]

  @Shown(
    () => String,
    'What whoever writes is told where something is refused; null for what was found.',
    true,
  )
  messageToAuthor!: string | null

  @Shown(() => Boolean, 'Whether it is switched on.')
  isEnabled!: boolean

  @Shown(() => Date, 'When it was made.')
  createdAt!: Date

  @Shown(() => Date, 'When it was last changed.')
  updatedAt!: Date

  @Shown(() => Int, 'Counts the changes, for `expectedVersion`.')
  version!: number
}

export const ContentFilterConnection = connectionOf('ContentFilter', () => ContentFilterType)

@Type('ContentFilterMatch', 'That a filter has found something. Visible to holders of `posts:moderate`.')
export class ContentFilterMatchType implements Pick<
  ContentFilterMatchRow,
  'filterName' | 'action' | 'createdAt'
> {
  @Shown(() => String, 'What the filter was called then.')
  filterName!: string

  @Shown(() => FilterAction, 'What came of it.')
  action!: FilterAction

  @Shown(() => Date, 'When it was found.')
  createdAt!: Date
}
