import { GraphQLJSONObject } from 'graphql-scalars'
import { Int, registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Shown, Type } from '../../api/type'
import { ActivityKind, ActivityRetention } from '../../core/activity-definition'
import type { ActivityRow } from './activity.service'

registerEnumType(ActivityKind, {
  name: 'ActivityKind',
  description: 'What kind of thing somebody does.',
  valuesConfig: {
    PAGE_VIEW: { description: 'They look at a page.' },
    SCREEN: { description: 'They look at a screen of an app.' },
    TRANSACTION: { description: 'They buy, or pay.' },
    CUSTOM: { description: 'Something else, which the application has defined.' },
    API_REQUEST: { description: 'They have an operation of the API carried out, which Portico records.' },
  },
})

registerEnumType(ActivityRetention, {
  name: 'ActivityRetention',
  description: 'How long an event is kept, from when it happened.',
  valuesConfig: {
    SHORT: { description: '30 days.' },
    STANDARD: { description: '13 months.' },
    LONG: { description: '36 months.' },
  },
})

@Type('ActivityDefinition', 'Something that people do and that is worth knowing.')
export class ActivityDefinitionType {
  @Shown(() => String, 'What it is called, e.g. `page.viewed`.')
  key!: string

  @Shown(() => ActivityKind, 'What kind of thing it is.')
  kind!: ActivityKind

  @Shown(() => String, 'What has happened.')
  description!: string

  @Shown(
    () => String,
    'For what it is kept: the id of one of `consentPurposes`. Where that lists none, it is not kept.',
  )
  purposeId!: string

  @Shown(() => ActivityRetention, 'How long it is kept.')
  retention!: ActivityRetention

  @Shown(() => Int, 'Its newest version.')
  version!: number
}

@Type('ActivityEvent', 'Something that somebody has done. Visible to them, and to `privacy:manage`.')
export class ActivityEventType implements Omit<ActivityRow, 'id' | 'userId'> {
  @Shown(() => Date, 'When it happened, as the client says.')
  occurredAt!: Date

  @Shown(() => Date, 'When Portico was told.')
  receivedAt!: Date

  @Shown(() => ActivityKind, 'What kind of thing it was.')
  kind!: ActivityKind

  @Shown(() => String, 'The key of its definition.')
  name!: string

  @Shown(() => Int, 'The version of its definition that the client knew.')
  definitionVersion!: number

  @Shown(() => ActivityRetention, 'How long it is kept.')
  retention!: ActivityRetention

  @Shown(() => GraphQLJSONObject, 'What was said besides.')
  properties!: Record<string, unknown>

  @Shown(() => String, 'The path of the page, or the name of the screen.', true)
  path!: string | null

  @Shown(() => String, 'On what it was done: desktop, mobile, tablet, tv or bot.', true)
  deviceClass!: string | null

  @Shown(() => String, 'The family of the browser.', true)
  browser!: string | null

  @Shown(() => String, 'The family of the operating system.', true)
  os!: string | null

  @Shown(() => String, 'From which network, as coarsely as a town: /24 of IPv4, /48 of IPv6.', true)
  network!: string | null
}

export const ActivityEventConnection = connectionOf('ActivityEvent', () => ActivityEventType)
