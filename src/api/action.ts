import { Extensions, Field, Mutation, registerEnumType, UseMiddleware, type MiddlewareFn } from 'type-graphql'
import type { Context } from '../context/context'
import { ApiError, Rejected, UserErrorCode, type ErrorCode, type Problem } from '../core/error'
import { Shown, Type } from './type'

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'What is wrong with an input. Append-only: new codes may come, none changes its meaning.',
  valuesConfig: {
    REQUIRED: { description: 'The field must not be empty.' },
    TOO_SHORT: { description: 'The value is shorter than allowed.' },
    TOO_LONG: { description: 'The value is longer, or the list holds more, than allowed.' },
    INVALID: { description: 'The value does not have the form that is asked for.' },
    TAKEN: { description: 'Somebody else has it already.' },
    NOT_FOUND: { description: 'There is no such thing, or the viewer may not know that there is.' },
    STALE: { description: 'The thing has changed since it was read.' },
    INVALID_CREDENTIALS: { description: 'The login or the password is wrong; which one is not told.' },
    INVALID_CODE: { description: 'The code is wrong, used or expired.' },
    EXPIRED: { description: 'It took too long; start again.' },
    PASSWORD_TOO_COMMON: { description: 'The password stands on lists of common passwords.' },
    PASSWORD_BREACHED: { description: 'The password is known from a breach somewhere else.' },
    PASSWORD_TOO_SIMILAR: { description: 'The password contains a name, an e-mail address or the product.' },
    NOT_PERMITTED: { description: 'The viewer may do this in general, but not in this case.' },
    LAST_ADMIN: { description: 'Somebody has to remain who can administer Portico.' },
    FROZEN: {
      description:
        'The person has said that something was not them; how the account is signed in to cannot be changed for a while.',
    },
    ACCOUNT_EXISTS: { description: 'There is an account with this address; sign in to it, then link.' },
    EMAIL_NOT_VERIFIED: { description: 'The identity provider does not vouch for the e-mail address.' },
    FILTERED: { description: 'A filter of moderation does not let it through.' },
    INTERNAL: { description: 'Something went wrong on our side, with this one of many.' },
  },
})

@Type('UserError', 'Something that the user can put right.')
export class UserError implements Problem {
  @Shown(() => UserErrorCode, 'What is wrong, for programs.')
  code!: UserErrorCode

  @Shown(() => [String], 'Where in the input, as a path; empty when it concerns the input as a whole.')
  field!: string[]

  @Shown(() => String, 'What is wrong and what to do, for people, in English.')
  message!: string
}

/** What every mutation answers besides its result. */
@Type('MutationPayload', 'The answer of a mutation.')
export abstract class MutationPayload {
  @Field(() => [UserError], {
    description: 'What the user has to put right; empty when the mutation was carried out.',
  })
  userErrors!: UserError[]
}

/** The payload of a mutation that was carried out. */
export const done = <Result extends object>(result: Result): Result & { userErrors: UserError[] } => ({
  ...result,
  userErrors: [],
})

/**
 * What a service refused is an attempt that the trail must show, as are the refusals of the policy. So is a change to
 * what is not there: it may be there for somebody else.
 */
const REFUSALS: readonly string[] = [
  ...[UserErrorCode.NOT_PERMITTED, UserErrorCode.LAST_ADMIN],
  ...(['FORBIDDEN', 'NOT_FOUND'] satisfies ErrorCode[]),
]

const answerProblems: MiddlewareFn<Context> = async ({ context, info }, next) => {
  try {
    return (await next()) as unknown
  } catch (error) {
    const problems = error instanceof Rejected ? error.problems : null
    const codes = problems ? problems.map(({ code }) => code) : error instanceof ApiError ? [error.code] : []
    if (codes.some((code) => REFUSALS.includes(code)))
      context.refusals.add(`${info.parentType.name}.${info.fieldName}`)
    if (error instanceof Rejected) return { ...error.answer, userErrors: error.problems }
    throw error
  }
}

interface ActionOptions {
  description: string
  /** It tests a secret; an operation may hold only one of these. */
  credential?: boolean
}

/**
 * A mutation: one business action, one `input`, one payload. Problems that the user can mend become `userErrors`; any other
 * error makes the payload null, and leaves what else the operation has done its answer.
 */
export const Action =
  (payload: () => Function, { description, credential = false }: ActionOptions): MethodDecorator =>
  (target, property, descriptor) => {
    Mutation(payload as never, { description, nullable: true })(target, property, descriptor)
    UseMiddleware(answerProblems)(target, property as string)
    if (credential) Extensions({ credential: true })(target, property as string)
  }
