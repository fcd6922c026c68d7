import { getOperationAST, type DocumentNode } from 'graphql'

/** An operation that has been parsed and validated. */
export interface Operation {
  document: DocumentNode
  operationName?: string | null
  variables?: Record<string, unknown> | null
}

/** Whether the operation changes something. */
export const isMutation = ({ document, operationName }: Operation): boolean =>
  getOperationAST(document, operationName)?.operation === 'mutation'
