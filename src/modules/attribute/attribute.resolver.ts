import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { wordsFor } from '../../core/language'
import { userById, type UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { AttributeDefinitionArguments, SetAttributesInput } from './attribute.input'
import { attributesByUser, type ShownAttribute } from './attribute.loader'
import { SetAttributesPayload } from './attribute.payload'
import { AttributeService } from './attribute.service'
import { AttributeDefinitionType, AttributeType } from './attribute.type'

@Resolver()
export class AttributeResolver {
  @Query(() => [AttributeDefinitionType], {
    description: 'What the application keeps about people, besides what every account has; for forms.',
  })
  attributeDefinitions(
    @Ctx() context: Context,
    @Args(() => AttributeDefinitionArguments) { locale }: AttributeDefinitionArguments,
  ): AttributeDefinitionType[] {
    return context
      .use(AttributeService)
      .definitions()
      .map(({ texts, schema, ...definition }) => {
        const { description, ...words } = wordsFor(texts, locale ?? 'en')
        return { ...definition, ...words, description: description ?? null, schema: { ...schema.json } }
      })
  }

  @Action(() => SetAttributesPayload, {
    description:
      'Sets some attributes: all that are given, or none. Your own, as far as you set them; those of somebody else with `users:edit`.',
  })
  async setAttributes(
    @Ctx() context: Context,
    @InputArgument(() => SetAttributesInput) input: SetAttributesInput,
  ) {
    const userId = await context.use(AttributeService).set(input)
    context.forget(attributesByUser, userId)
    return done({ user: await context.load(userById, userId) })
  }
}

@Resolver(() => UserType)
export class UserAttributesResolver {
  @FieldResolver(() => [AttributeType], {
    nullable: true,
    description:
      'What the application keeps about them, as far as you may see it; what is not shown to you is not there. See `attributeDefinitions`.',
  })
  attributes(@Ctx() context: Context, @Root() user: UserRow): Promise<ShownAttribute[]> {
    return context.load(attributesByUser, user.id)
  }
}
