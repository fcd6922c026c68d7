import {
  ApolloServer,
  type ApolloServerPlugin,
  type BaseContext,
  type GraphQLRequestContext,
} from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { ApolloServerErrorCode } from '@apollo/server/errors'
import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { Logger } from 'pino'
import type { Context } from '../context/context'
import { ERROR_CODES, type ErrorCode } from '../core/error'
import { shorten } from '../graphql/error-mask'
import type { Executor } from '../graphql/executor'
import { documentLimits } from '../graphql/limits/document-limits'
import { codeOfSyntaxError, PARSE_OPTIONS } from '../graphql/limits/limits'
import type { Operation } from '../graphql/operation'
import { newRequestId } from './requests'

export interface ApolloOptions {
  executor: Executor
  introspection: boolean
  landingPage: ApolloServerPlugin | null
  logger: Logger
}

/** Apollo Server as the HTTP transport: it parses, validates and answers; the executor, shared with sockets, executes. */
export function createApollo({
  executor,
  introspection,
  landingPage,
  logger,
}: ApolloOptions): ApolloServer<BaseContext> {
  return new ApolloServer<BaseContext>({
    gateway: gatewayTo(executor) as never,
    // Apollo's own refusal names itself; the rule below does it.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: PARSE_OPTIONS,
    validationRules: [documentLimits, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])],
    formatError: (formatted, error) => formatRequestError(executor, introspection, formatted, error),
    logger,
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
  /** As the client sent it: what it names may not be there. */
  request: Omit<Operation, 'document'>
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
        executor: ({ document, request: { operationName, variables }, context }: GatewayRequest) =>
          executor.execute({ document, operationName, variables }, context),
      }
    },
    stop: async () => undefined,
  }
}

const isOurs = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)

const MISFIT = 'The operation does not fit the schema.'

/** Errors from before execution, in the same words as those from it; what the executor has masked stays as it is. */
function formatRequestError(
  executor: Executor,
  tellsSchema: boolean,
  formatted: GraphQLFormattedError,
  error: unknown,
): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : undefined
  const ours =
    original instanceof GraphQLError && isOurs(original.extensions.code)
      ? original.extensions.code
      : undefined
  if (ours) return { ...formatted, extensions: { ...formatted.extensions, code: ours } }
  const code = formatted.extensions?.code
  if (code === ApolloServerErrorCode.INTERNAL_SERVER_ERROR)
    return executor.mask(error, newRequestId()).toJSON()
  // graphql-js names what would have been right: types and fields that the sender need not know of.
  if (code === ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED && !tellsSchema)
    return { ...formatted, message: MISFIT, extensions: { code: 'BAD_USER_INPUT' } }
  // Apollo goes on to tell, in further sentences, what to do with which libraries.
  const message =
    code === ApolloServerErrorCode.BAD_REQUEST
      ? formatted.message.split(/(?<=\.)\s/)[0]!
      : shorten(formatted.message)
  return { ...formatted, message, extensions: { code: codeOfSyntaxError(formatted) } }
}

/** The status of a request that comes to nothing, by what became of it. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  QUERY_TOO_EXPENSIVE: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

const statusOf = (code: unknown): number => (isOurs(code) ? STATUS[code] : undefined) ?? 500

/** The error with the HTTP status that Apollo is to answer with. */
export const withStatus = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    extensions: { ...error.extensions, http: { status: statusOf(error.extensions.code) } },
  })

/** Checks an operation before it is executed, and tells of it afterwards. */
function observe(executor: Executor): ApolloServerPlugin {
  return {
    async requestDidStart() {
      let cost: number | null = null
      return {
        async didResolveOperation({ document, request: { operationName, variables }, contextValue }) {
          try {
            cost = executor.admit({ document, operationName, variables })
          } catch (error) {
            throw withStatus(executor.mask(error, (contextValue as Context).caller.requestId))
          }
        },
        async willSendResponse(request) {
          const { contextValue, document, operation, operationName, response } =
            request as GraphQLRequestContext<Context>
          if (response.body?.kind !== 'single') return
          const { singleResult } = response.body
          // graphql-js adds this one when it stops validating; it tells nobody anything.
          const errors = singleResult.errors?.filter(({ message }) => message !== 'Validation aborted.')
          if (errors) singleResult.errors = errors
          if (cost !== null) singleResult.extensions = { ...singleResult.extensions, cost }
          const wait = errors?.find(({ extensions }) => typeof extensions?.retryAfter === 'number')
          if (wait) response.http.headers.set('retry-after', `${wait.extensions!.retryAfter as number}`)
          const errorCodes = (errors ?? []).map((error) => error.extensions?.code as ErrorCode)
          if (isEmpty(singleResult.data)) {
            const status = statusOfNothing(request, errorCodes)
            response.http.status = status
            // With data, even with none but nulls, the status would have to be 200.
            if (status !== undefined && status >= 400) delete singleResult.data
          }
          contextValue.exchange.operation = {
            name: operationName ?? null,
            kind: operation?.operation ?? null,
            // Only what has been validated names a field of ours.
            field: cost === null || !operation ? null : firstField(operation, document!),
            cost,
            errorCodes: [...new Set(errorCodes)],
          }
        },
      }
    },
  }
}

/** The name of the first field that an operation asks for, be it in a fragment. */
function firstField({ selectionSet }: { selectionSet: SelectionSetNode }, document: DocumentNode): string {
  const [first] = selectionSet.selections
  if (first!.kind === Kind.FIELD) return first!.name.value
  const { selectionSet: inner } =
    first!.kind === Kind.INLINE_FRAGMENT
      ? first!
      : (document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === first!.name.value,
        ) as FragmentDefinitionNode)
  return firstField({ selectionSet: inner }, document)
}

const isEmpty = (data: object | null | undefined): boolean =>
  Object.values(data ?? {}).every((value) => value === null)

/**
 * The HTTP status of an answer that holds nothing. That we cannot serve at the moment is for everyone on the way to see; what
 * is wrong with an operation is told with 200 to clients that know `application/json` only (GraphQL over HTTP §6.4.1).
 */
function statusOfNothing(
  { request, response }: GraphQLRequestContext<BaseContext>,
  codes: ErrorCode[],
): number | undefined {
  const { status } = response.http
  const ailing = codes.find((code) => code === 'UNAVAILABLE' || code === 'RATE_LIMITED')
  if (ailing) return statusOf(ailing)
  const isMistaken =
    status === 400 && Boolean(request.query) && codes.every((code) => code === 'BAD_USER_INPUT')
  return isMistaken && knowsPlainJsonOnly(request.http?.headers.get('accept') ?? '') ? 200 : status
}

const knowsPlainJsonOnly = (accept: string): boolean =>
  accept.includes('application/json') && !accept.includes('application/graphql-response+json')
