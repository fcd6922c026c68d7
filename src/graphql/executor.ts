import {
  createSourceEventStream,
  execute,
  type GraphQLError,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import type { Context } from '../context/context'
import { SECOND } from '../core/clock'
import { Gate } from '../core/gate'
import { ApiError, type ErrorCode } from '../core/error'
import { AccessLogService } from '../modules/access-log/access-log.service'
import { mask } from './error-mask'
import { executeOnce } from './idempotent'
import { assertCleanText } from './limits/clean-text'
import { assertAffordable, operationCost } from './limits/cost'
import { isMutation, type Operation } from './operation'

export interface ExecutorOptions {
  schema: GraphQLSchema
  /** Told of faults of ours, with the request in which they happened. */
  report: (error: unknown, code: ErrorCode, requestId: string | null) => void
  /** A request is given up after this time, in milliseconds. */
  deadline?: number
}

/** How an operation of either transport is executed: its text checked, its cost bounded, its errors masked. */
export class Executor {
  private readonly deadline: number
  // Each holds a connection for as long as it takes, hashing included, and may not leave none for the rest.
  private readonly idempotent = new Gate(
    8,
    64,
    2 * SECOND,
    'Too many requests with an Idempotency-Key at this moment. Try again shortly.',
  )

  constructor(private readonly options: ExecutorOptions) {
    this.deadline = options.deadline ?? 10 * SECOND
  }

  get schema(): GraphQLSchema {
    return this.options.schema
  }

  /**
   * What the operation costs, once it has been found clean and affordable.
   * @throws ApiError BAD_USER_INPUT or QUERY_TOO_EXPENSIVE
   */
  admit({ document, variables, operationName }: Operation): number {
    assertCleanText(document, variables)
    const cost = operationCost(this.schema, document, variables, operationName)
    assertAffordable(cost)
    return cost
  }

  /**
   * Executes an operation, at most once where its sender gave an `Idempotency-Key`. A mutation is carried out for who the
   * viewer is by then. Its errors are masked.
   */
  async execute(operation: Operation, context: Context, rootValue?: unknown): Promise<ExecutionResult> {
    if (!isMutation(operation)) return this.run(operation, context, rootValue)
    try {
      await context.identify()
      if (context.exchange.idempotencyKey === null) return await this.run(operation, context, rootValue)
      return await this.idempotent.pass(() =>
        executeOnce(operation, context, () => this.run(operation, context)),
      )
    } catch (error) {
      return this.masked({ errors: [error as GraphQLError] }, context)
    }
  }

  private async run(operation: Operation, context: Context, rootValue?: unknown): Promise<ExecutionResult> {
    const answer = execute({ ...this.arguments(operation, context), rootValue })
    const result = answer instanceof Promise ? await this.inTime(answer) : answer
    try {
      // Nobody's data leaves without a note of it.
      await new AccessLogService(context.db).record(context.reads)
    } catch (error) {
      return this.masked({ errors: [error as GraphQLError] }, context)
    }
    return this.masked(result, context)
  }

  /**
   * The answers of a subscription, or the errors that kept it from beginning. `contextOfEvent` makes a context for each
   * event, so that each is answered for who the viewer is by then; one that is answered with null is not for them, and not sent.
   */
  async subscribe(
    operation: Operation,
    context: Context,
    contextOfEvent: () => Promise<Context>,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const source = await createSourceEventStream(this.arguments(operation, context))
    if (!(Symbol.asyncIterator in source)) return this.masked(source, context)
    const events = source[Symbol.asyncIterator]()
    let hasFailed = false
    const answers: AsyncIterableIterator<ExecutionResult> = {
      next: async () => {
        try {
          while (!hasFailed) {
            const event = await events.next()
            if (event.done) break
            const answer = await this.answerTo(event.value, operation, contextOfEvent)
            if (!isWithheld(answer)) return { done: false, value: answer }
          }
          return { done: true, value: undefined }
        } catch (error) {
          hasFailed = true
          return { done: false, value: { errors: [this.mask(error, null)] } }
        }
      },
      return: async () => {
        await events.return?.()
        return { done: true, value: undefined }
      },
      // graphql-ws ends only what looks like a whole generator.
      throw: async (error: unknown) => {
        await events.return?.()
        throw error
      },
      [Symbol.asyncIterator]: () => answers,
    }
    return answers
  }

  private async answerTo(
    event: unknown,
    operation: Operation,
    contextOfEvent: () => Promise<Context>,
  ): Promise<ExecutionResult> {
    try {
      return await this.execute(operation, await contextOfEvent(), event)
    } catch (error) {
      return { errors: [this.mask(error, null)] }
    }
  }

  /** The mask, for errors that arise before execution. */
  mask(error: unknown, requestId: string | null): GraphQLError {
    return mask(error, requestId, (cause, code) => this.options.report(cause, code, requestId))
  }

  private masked(result: ExecutionResult, context: Context): ExecutionResult {
    if (!result.errors) return result
    // One error may stand for many fields; see the guard.
    const errors = [...new Set(result.errors)]
    return { ...result, errors: errors.map((error) => this.mask(error, context.caller.requestId)) }
  }

  private arguments({ document, operationName, variables }: Operation, contextValue: Context) {
    return { schema: this.schema, document, operationName, variableValues: variables, contextValue }
  }

  private async inTime(answer: Promise<ExecutionResult>): Promise<ExecutionResult> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<ExecutionResult>((resolve) => {
      timer = setTimeout(
        () =>
          resolve({
            errors: [new ApiError('UNAVAILABLE', 'This took too long and was given up. Try again shortly.')],
          }),
        this.deadline,
      )
    })
    try {
      return await Promise.race([answer, deadline])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Whether an event is answered with nothing: it is about something that this viewer may not see. */
const isWithheld = ({ data, errors }: ExecutionResult): boolean =>
  !errors && data != null && Object.values(data).every((value) => value === null)
