import { GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'
import { Int, registerEnumType } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import { AttributeReaders, AttributeWriters } from '../../core/attribute-definition'
import type { ShownAttribute } from './attribute.service'

registerEnumType(AttributeReaders, {
  name: 'AttributeReaders',
  description: 'Who reads an attribute; each includes those before it.',
  valuesConfig: {
    SELF: { description: 'The person alone.' },
    STAFF: { description: 'And `users:read` over them.' },
    MEMBERS: { description: 'And whoever is signed in, as far as the person shows it to them.' },
    PUBLIC: { description: 'And everybody, as far as the person shows it to them.' },
  },
})

registerEnumType(AttributeWriters, {
  name: 'AttributeWriters',
  description: 'Who sets an attribute.',
  valuesConfig: {
    SELF: { description: 'The person, and `users:edit` over them.' },
    STAFF: { description: '`users:edit` over the person alone.' },
  },
})

@Type('AttributeDefinition', 'Something that the application keeps about people.')
export class AttributeDefinitionType {
  @Shown(() => String, 'Which attribute, e.g. `pronouns`.')
  key!: string

  @Shown(() => String, 'What it is called in a form.')
  label!: string

  @Shown(() => String, 'What it means; null where the label says it.', true)
  description!: string | null

  @Shown(() => String, 'The language of these words, a BCP 47 tag.')
  locale!: string

  @Shown(() => String, 'Why it is kept.')
  purpose!: string

  @Shown(() => GraphQLJSONObject, 'What values are allowed, as a JSON Schema (draft 2020-12).')
  schema!: Record<string, unknown>

  @Shown(() => AttributeReaders, 'Who reads it.')
  readers!: AttributeReaders

  @Shown(() => AttributeWriters, 'Who sets it.')
  writers!: AttributeWriters
}

@Type(
  'Attribute',
  'What the application keeps about somebody. Who reads it, its definition and the person say.',
)
export class AttributeType implements Pick<ShownAttribute, 'key' | 'value' | 'version' | 'updatedAt'> {
  @Shown(() => String, 'Which attribute, e.g. `pronouns`.')
  key!: string

  @Shown(() => GraphQLJSON, 'The value, as its definition allows.', true)
  value!: unknown

  @Shown(() => Int, 'Counts its changes, for `expectedVersion`.')
  version!: number

  @Shown(() => Date, 'When it was last changed.')
  updatedAt!: Date
}
