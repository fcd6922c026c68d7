import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, Int } from 'type-graphql'
import { Input, InputList, Text } from '../../api/input'
import { MAX_KEY_LENGTH } from '../../core/preference-definition'
import { MAX_VALUE_BYTES } from '../../core/value-schema'

/** How many events are told at once. */
export const MAX_EVENTS = 100

/** Longest path that is kept, in characters. */
export const MAX_PATH = 500

/** As RFC 9562 writes it. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What is wrong with one is told of that one (`refused`), so that it is not in the way of the others. */
@Input('ActivityEventInput', 'Something that was done.')
export class ActivityEventInput {
  @Field(() => String, {
    description:
      'A UUID that the client has made for this event and keeps until it is acknowledged: what comes again with the same `occurredAt` is the same event. 36 characters.',
  })
  clientId!: string

  @Field(() => String, {
    description: `What was done: the key of one of \`activityDefinitions\`, such as \`page.viewed\`. At most ${MAX_KEY_LENGTH} characters.`,
  })
  name!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version of the definition that the client knows; the newest where nothing is said.',
  })
  definitionVersion?: number | null

  @Field(() => Date, {
    description:
      "When it was done, by the client's clock: within the last 7 days, and at most 5 minutes ahead of ours.",
  })
  occurredAt!: Date

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: `What the definition's schema asks for, of at most ${MAX_VALUE_BYTES} bytes as JSON.`,
  })
  properties?: Record<string, unknown> | null

  @Field(() => String, {
    nullable: true,
    description: `The path of the page, or the name of the screen; query and fragment are cut off. At most ${MAX_PATH} characters.`,
  })
  path?: string | null
}

@Input('TrackActivityInput', 'What was done, and by whom as far as the client knows.')
export class TrackActivityInput {
  @InputList(() => ActivityEventInput, { description: 'What was done.', max: MAX_EVENTS })
  events!: ActivityEventInput[]

  @Text({
    description:
      'A random UUID by which the client tells its visitor from others as long as nobody is signed in. Told by somebody who is, it says that the visitor was them.',
    max: 36,
    optional: true,
    pattern: { matches: UUID, says: 'Use a UUID such as 6f1c0f0e-6d0b-4b0e-8a53-0d3f1c0f9a11.' },
  })
  anonymousId?: string

  @Text({
    description:
      'The ids of those `consentPurposes` that a visitor who is not signed in has agreed to. Of somebody who is, Portico knows it.',
    max: 64,
    optional: true,
    list: { max: 50 },
  })
  consentedPurposeIds?: string[]
}
