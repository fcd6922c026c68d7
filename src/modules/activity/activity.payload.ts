import { Int } from 'type-graphql'
import { MutationPayload } from '../../api/action'
import { Shown, Type } from '../../api/type'

@Type('RefusedActivity', 'An event that is not kept, because of how it was told.')
export class RefusedActivity {
  @Shown(() => Int, 'Which of the `events`, from 0.')
  index!: number

  @Shown(() => String, 'The field of it that is wrong.')
  field!: string

  @Shown(() => String, 'What is wrong and what to do, for people, in English.')
  message!: string
}

@Type(
  'TrackActivityPayload',
  'The answer of `trackActivity`: what became of the events, each of which counts once. The client can forget them all.',
)
export class TrackActivityPayload extends MutationPayload {
  @Shown(() => Int, 'How many are kept from now on, whatever happens to Portico.', true)
  accepted?: number

  @Shown(() => Int, 'How many were kept already.', true)
  duplicates?: number

  @Shown(
    () => Int,
    'How many nobody may keep: their purpose was not agreed to, or objected to, or the client asks not to be followed.',
    true,
  )
  withheld?: number

  @Shown(
    () => [RefusedActivity],
    'Those that are told wrongly. Where that is all of them, `userErrors` say so as well.',
    true,
  )
  refused?: RefusedActivity[]
}
