import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql'
import { IdArgument, TextArgument } from '../../api/input'
import { OwnStatements } from '../../api/type'
import type { Context } from '../../context/context'
import type { Id } from '../../core/id'
import { userById, type UserRow } from '../../modules/user/user.loader'
import { UserType } from '../../modules/user/user.type'
import { AccessExplanationType, type AccessExplanation } from './access-explanation.type'
import { explainAccess } from './explain-access'

@Resolver(() => AccessExplanationType)
export class AccessExplanationResolver {
  @OwnStatements()
  @Query(() => AccessExplanationType, {
    nullable: true,
    description:
      'Whether somebody may see or do something at this moment, by which rule, role and grant, or why not. It is noted in their trail that you asked. Needs `access:explain`.',
  })
  explainAccess(
    @Ctx() context: Context,
    @Info() { schema }: GraphQLResolveInfo,
    @IdArgument('viewerId', 'user', 'Who wants to see or do it.') viewerId: Id,
    @TextArgument('field', 'What: a field with its type, such as `User.email` or `Mutation.grantRole`.')
    field: string,
    @Arg('subjectId', () => ID, {
      nullable: true,
      description:
        'Whose: the global id of a person, or of the thing itself. May be left out for the fields of the root.',
    })
    subjectId: string | null,
  ): Promise<AccessExplanation> {
    return explainAccess(context, schema, { viewerId, field, subjectId: subjectId ?? null })
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who was asked about.' })
  viewer(@Ctx() context: Context, @Root() { userId }: AccessExplanation): Promise<UserRow | null> {
    return context.load(userById, userId)
  }
}
