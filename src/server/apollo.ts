import { ApolloServer, type ApolloServerPlugin, type BaseContext, type GraphQLRequestContext } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type DocumentNode, type ExecutionResult, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import type { Context } from '../context/context'
import { ApiError, ERROR_CODES, type ErrorCode } from '../core/error'
import type { Executor } from '../graphql/executor'
import { documentLimits } from '../graphql/limits/document-limits'
import { PARSE_OPTIONS } from '../graphql/limits/limits'

export interface ApolloOptions {
  executor: Executor
  introspection: boolean
  landingPage: ApolloServerPlugin | null
}

/** Apollo Server as the HTTP transport: it parses, validates and answers; the executor, shared with sockets, executes. */
export function createApollo({ executor, introspection, landingPage }: ApolloOptions): ApolloServer<BaseContext> {
  return new ApolloServer<BaseContext>({
    gateway: gatewayTo(executor) as never,
    introspection,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: PARSE_OPTIONS,
    validationRules: [documentLimits],
    formatError: (formatted, error) => formatRequestError(executor, formatted, error),
    plugins: [
      // Each of the first would wrap every field of the schema, or call home.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      landingPage ?? ApolloServerPluginLandingPageDisabled(),
      observe(executor),
    ] as ApolloServerPlugin[],
  })
}

interface GatewayRequest {
  document: DocumentNode
  operationName: string | null
  request: { variables?: Record<string, unknown> }
  context: Context
}

type SchemaListener = (loaded: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void

/** Apollo's `gateway` option is the way in for an executor of one's own. */
function gatewayTo(executor: Executor) {
  const listeners: SchemaListener[] = []
  return {
    onSchemaLoadOrUpdate: (listener: SchemaListener) => {
      listeners.push(listener)
      return () => undefined
    },
    load: async () => {
      for (const listener of listeners) listener({ apiSchema: executor.schema, coreSupergraphSdl: '' })
      return {
        executor: ({ document, operationName, request, context }: GatewayRequest): Promise<ExecutionResult> =>
          executor.execute({ document, operationName, variables: request.variables }, context),
      }
    },
    stop: async () => undefined,
  }
}

const isOurs = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)

/** Errors from before execution, in the same words as those from it; what the executor has masked stays as it is. */
function formatRequestError(executor: Executor, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? error.originalError : undefined
  const code = original instanceof GraphQLError && isOurs(original.extensions.code) ? original.extensions.code : formatted.extensions?.code
  if (isOurs(code)) return { ...formatted, extensions: { ...formatted.extensions, code } }
  if (code !== 'INTERNAL_SERVER_ERROR') return { ...formatted, extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode } }
  return executor.mask(error as GraphQLError, null).toJSON()
}

/** The status of a request that was refused before it was executed. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  QUERY_TOO_EXPENSIVE: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

/** The error with the HTTP status that Apollo is to answer with. */
export function withStatus(error: ApiError): GraphQLError {
  const status = STATUS[error.code] ?? 500
  return new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status } } })
}

/** Checks an operation before it is executed, and tells of it afterwards. */
function observe(executor: Executor): ApolloServerPlugin {
  return {
    async requestDidStart() {
      let cost: number | null = null
      return {
        async didResolveOperation({ document, request, operationName }) {
          try {
            cost = executor.admit({ document, variables: request.variables, operationName })
          } catch (error) {
            throw error instanceof ApiError ? withStatus(error) : error
          }
        },
        async willSendResponse(request) {
          const { contextValue, operation, operationName, response } = request as GraphQLRequestContext<Context>
          if (response.body?.kind !== 'single') return
          const { singleResult } = response.body
          // graphql-js adds this one when it stops validating; it tells nobody anything.
          if (singleResult.errors) singleResult.errors = singleResult.errors.filter(({ message }) => message !== 'Validation aborted.')
          if (cost !== null) singleResult.extensions = { ...singleResult.extensions, cost }
          const retryAfter = singleResult.errors?.find((error) => error.extensions?.retryAfter)?.extensions?.retryAfter
          if (retryAfter !== undefined) response.http.headers.set('retry-after', String(retryAfter))
          contextValue.exchange.operation = {
            name: operationName ?? null,
            kind: operation?.operation ?? null,
            cost,
            errorCodes: (singleResult.errors ?? []).map((error) => String(error.extensions?.code)),
          }
        },
      }
    },
  }
}
