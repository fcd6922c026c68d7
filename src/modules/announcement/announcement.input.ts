import { Field, Int } from 'type-graphql'
import { IdOf, Input, InputList, Text } from '../../api/input'
import { UserFilterInput } from '../people/people.input'
import type { AnnouncementWords } from './announcement.entity'
import type { NewAnnouncement } from './announcement.service'

@Input('AnnouncementTextInput', 'What an announcement says in one language.')
export class AnnouncementTextInput implements AnnouncementWords {
  @Text({ description: 'The language, a BCP 47 tag such as `en` or `pt-BR`.', max: 35, min: 2 })
  language!: string

  @Text({ description: 'What it is about, in a line: the subject of the mail.', max: 120 })
  subject!: string

  @Text({
    description: 'What it says: plain text, paragraphs apart by an empty line.',
    max: 4_000,
    multiline: true,
  })
  text!: string
}

@Input('AnnouncementAudienceInput', 'Whom an announcement is for: everybody, or all whom a filter finds.')
export class AnnouncementAudienceInput {
  @Field(() => Boolean, { nullable: true, description: 'Everybody whom you may see.' })
  everybody?: boolean | null

  @Field(() => UserFilterInput, {
    nullable: true,
    description:
      'Everybody whom `users` would list by it, such as the members of a group or the holders of a role, with what you may do when their turn comes.',
  })
  filter?: UserFilterInput | null
}

@Input('CreateAnnouncementInput', 'What to tell whom, and when.')
export class CreateAnnouncementInput implements Omit<NewAnnouncement, 'sendAt' | 'perMinute'> {
  @InputList(() => AnnouncementTextInput, {
    description: 'What it says, in each language; the first is for those whose own is not among them.',
    max: 50,
  })
  texts!: AnnouncementTextInput[]

  @Field(() => AnnouncementAudienceInput, { description: 'Whom it is for.' })
  audience!: AnnouncementAudienceInput

  @Text({
    description:
      'For which purpose it is, of those that `consentPurposes` lists: only who agrees to it when their turn comes, or has not objected where it rests on a legitimate interest, is told, and no mail leaves once they have changed their mind. All are told where nothing is said.',
    max: 64,
    optional: true,
  })
  purposeId?: string | null

  @Field(() => Date, {
    nullable: true,
    description: 'From when on it is sent; at once where nothing is said, or the moment has passed.',
  })
  sendAt?: Date | null

  @Field(() => Int, {
    nullable: true,
    description: 'How many people have their turn in a minute, 60 to 60,000; 6,000 where nothing is said.',
  })
  perMinute?: number | null
}

@Input('CancelAnnouncementInput', 'Which announcement to stop.')
export class CancelAnnouncementInput {
  @IdOf('announcement', 'The announcement.')
  announcementId!: string
}
