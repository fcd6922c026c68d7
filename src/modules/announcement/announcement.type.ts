import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { AnnouncementStatus } from './announcement-status'
import type { AnnouncementWords } from './announcement.entity'
import type { AnnouncementRow } from './announcement.repository'

registerEnumType(AnnouncementStatus, {
  name: 'AnnouncementStatus',
  description: 'Where an announcement stands.',
  valuesConfig: {
    SCHEDULED: { description: 'Nobody has been told yet.' },
    SENDING: { description: 'People are being told.' },
    SENT: { description: 'Everybody has had their turn.' },
    CANCELLED: {
      description: 'It was stopped: nobody else is told, and no mail leaves that has not left.',
    },
    FAILED: { description: 'It could not be told to all, and was given up; `failure` says why.' },
  },
})

@Type(
  'Announcement',
  'Something that many people are told, as each wants to be told of news. Whoever was told of it in their inbox sees what it says, and holders of `announcements:send` all of it.',
  { implements: Node },
)
export class AnnouncementType implements Pick<
  AnnouncementRow,
  | 'id'
  | 'isForEverybody'
  | 'purposeId'
  | 'perMinute'
  | 'sendAt'
  | 'servedCount'
  | 'toldCount'
  | 'mailedCount'
  | 'createdAt'
  | 'startedAt'
  | 'endedAt'
  | 'failure'
> {
  @GlobalId('announcement')
  id!: string

  @Shown(
    () => Boolean,
    'Whether it is for everybody, and not for whom a filter finds. `announcements:send`.',
    true,
  )
  isForEverybody!: boolean

  @Shown(
    () => String,
    'For which purpose it is: who does not agree to it is not told. Null where all are. `announcements:send`.',
    true,
  )
  purposeId!: string | null

  @Shown(() => Int, 'How many people have their turn in a minute, at most. `announcements:send`.', true)
  perMinute!: number

  @Shown(() => Date, 'From when on people are told.')
  sendAt!: Date

  @Shown(() => Int, 'How many people have had their turn. `announcements:send`.', true)
  servedCount!: number

  @Shown(
    () => Int,
    'How many of them were told; the others want no news, or do not use their account. `announcements:send`.',
    true,
  )
  toldCount!: number

  @Shown(
    () => Int,
    'To how many of these a mail goes unless they read it within minutes. `announcements:send`.',
    true,
  )
  mailedCount!: number

  @Shown(() => Date, 'When it was made. `announcements:send`.', true)
  createdAt!: Date

  @Shown(() => Date, 'When the first were told; null until then. `announcements:send`.', true)
  startedAt!: Date | null

  @Shown(() => Date, 'When it was over; null until then. `announcements:send`.', true)
  endedAt!: Date | null

  @Shown(
    () => String,
    'Why it was given up: the code of what went wrong, such as one of PostgreSQL, of which the log has more; null where it was not. `announcements:send`.',
    true,
  )
  failure!: string | null
}

@Type('AnnouncementText', 'What an announcement says in one language.')
export class AnnouncementTextType implements AnnouncementWords {
  @Shown(() => String, 'The language, a BCP 47 tag.')
  language!: string

  @Shown(() => String, 'What it is about, in a line.')
  subject!: string

  @Shown(() => String, 'What it says: plain text.')
  text!: string
}

export const AnnouncementConnection = connectionOf('Announcement', () => AnnouncementType)
