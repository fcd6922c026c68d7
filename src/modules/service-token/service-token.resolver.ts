import { Ctx, Resolver } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import type { Context } from '../../context/context'
import { issueServiceToken } from './issue-service-token'
import { IssueServiceTokenInput } from './service-token.input'
import { IssueServiceTokenPayload } from './service-token.payload'

@Resolver()
export class ServiceTokenResolver {
  @Action(() => IssueServiceTokenPayload, {
    description:
      'Issues a token of five minutes with which you prove to another service who you are and what you may do.',
  })
  async issueServiceToken(
    @Ctx() context: Context,
    @InputArgument(() => IssueServiceTokenInput) input: IssueServiceTokenInput,
  ) {
    return done(await issueServiceToken(context.db, input))
  }
}
