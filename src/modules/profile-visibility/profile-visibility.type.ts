import { registerEnumType } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import { Audience } from '../../core/audience'

registerEnumType(Audience, {
  name: 'Audience',
  description: 'To whom something of a person is shown, besides themselves and `users:read` over them.',
  valuesConfig: {
    PUBLIC: { description: 'To everybody.' },
    MEMBERS: { description: 'To whoever is signed in and is not blocked by the person.' },
    ONLY_ME: { description: 'To nobody else.' },
  },
})

@Type('AttributeVisibility', 'To whom an attribute is shown.')
export class AttributeVisibilityType {
  @Shown(() => String, 'Which attribute.')
  key!: string

  @Shown(() => Audience, 'To whom, as far as its definition lets them.')
  audience!: Audience
}

@Type(
  'ProfileVisibility',
  'To whom somebody shows what is on their profile; to others it is as if it were not set.',
)
export class ProfileVisibilityType {
  @Shown(() => Audience, 'What they tell about themselves.')
  bio!: Audience

  @Shown(() => Audience, 'Their picture.')
  avatar!: Audience

  @Shown(() => Audience, 'When they were last here.')
  lastSeen!: Audience

  @Shown(
    () => [AttributeVisibilityType],
    'Their attributes, where they have said so; the others as their definitions say.',
  )
  attributes!: AttributeVisibilityType[]
}
