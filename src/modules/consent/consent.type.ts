import { registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Shown, Type } from '../../api/type'
import { LegalBasis, type Purpose, type PurposeWords } from '../../core/purpose'
import { ConsentSource } from './consent.entity'
import type { ConsentRow } from './consent.repository'

registerEnumType(LegalBasis, {
  name: 'LegalBasis',
  description: 'What the use of data for a purpose rests on.',
  valuesConfig: {
    CONTRACT: { description: 'An account cannot be without it: nobody goes on who has not agreed.' },
    CONSENT: { description: 'It is done only where the person has agreed.' },
    LEGITIMATE_INTEREST: { description: 'It is done where the person has not objected.' },
  },
})

@Type('ConsentPurpose', 'Something that people are asked for, or may object to, with the text to show them.')
export class ConsentPurposeType implements Pick<Purpose, 'id' | 'basis' | 'version'>, PurposeWords {
  @Shown(() => String, 'What `giveConsent` and `withdrawConsent` call it.')
  id!: string

  @Shown(() => LegalBasis, 'What it rests on.')
  basis!: LegalBasis

  @Shown(() => Boolean, 'Whether nobody goes on who has not agreed to it.')
  isRequired!: boolean

  @Shown(() => String, 'The version of the text, which `giveConsent` names.')
  version!: string

  @Shown(() => String, 'The language of the text.')
  locale!: string

  @Shown(() => String, 'What it is called.')
  name!: string

  @Shown(() => String, 'What the person agrees to.')
  text!: string
}

@Type(
  'Consent',
  'What somebody has said about a purpose. Visible to the person, and to holders of `privacy:manage`.',
)
export class ConsentType implements Omit<ConsentRow, 'id' | 'userId'> {
  @Shown(() => String, 'The id of the purpose.')
  purpose!: string

  @Shown(() => String, 'The version of the text that they were shown.')
  version!: string

  @Shown(() => String, 'The language in which they were shown it.')
  locale!: string

  @Shown(() => ConsentSource, 'Through what they have said it.')
  source!: ConsentSource

  @Shown(() => Boolean, 'Whether they have agreed; false where it was taken back, or objected to.')
  given!: boolean

  @Shown(() => Date, 'When they have said it.')
  decidedAt!: Date
}

export const ConsentConnection = connectionOf('Consent', () => ConsentType)
