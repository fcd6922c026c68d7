import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import type { Transport } from './generated/operations'

/** What a call can carry besides its variables. */
export interface CallOptions {
  /** Gives the call up; its promise then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Makes a mutation safe to send again: sent twice with one key, it is carried out once and answered twice. */
  idempotencyKey?: string
}

/** The way from the operations to the server and back. */
export interface Road {
  /** What sign-ins ask for where their input says nothing. */
  readonly transport: Transport | undefined
  send<Data, Variables extends object, Result>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options: CallOptions | undefined,
    take: (data: Data) => Result,
  ): Promise<Result>
  listen<Data, Variables extends object, Result>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    take: (data: Data) => Result,
  ): AsyncIterableIterator<Result>
}

interface Connection {
  edges: { node: unknown }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

type Forward<Variables> = Omit<Variables, 'last' | 'before'>

type NodeOf<Answer> = NonNullable<Answer> extends { edges: { node: infer Node }[] } ? Node : never

/** A list that the server answers page by page. Called, it answers one page. */
export interface List<Variables, Answer> {
  (variables?: Variables, options?: CallOptions): Promise<Answer>
  /** Page after page, each fetched when it is asked for; `first` is their size. */
  pages(
    variables?: Forward<Variables>,
    options?: CallOptions,
  ): AsyncGenerator<NonNullable<Answer>, void, undefined>
  /** Item after item across the pages. */
  each(variables?: Forward<Variables>, options?: CallOptions): AsyncGenerator<NodeOf<Answer>, void, undefined>
}

/** A list from the way to fetch one of its pages. */
export function listOf<Variables extends { after?: string | null }, Answer extends Connection | null>(
  fetchPage: (variables: Variables, options?: CallOptions) => Promise<Answer>,
): List<Variables, Answer> {
  async function* pages(variables?: Forward<Variables>, options?: CallOptions) {
    let page = await fetchPage({ ...variables } as Variables, options)
    while (page) {
      yield page
      if (!page.pageInfo.hasNextPage) return
      page = await fetchPage({ ...variables, after: page.pageInfo.endCursor } as Variables, options)
    }
  }
  async function* each(variables?: Forward<Variables>, options?: CallOptions) {
    for await (const page of pages(variables, options))
      for (const { node } of page.edges) yield node as NodeOf<Answer>
  }
  const one = (variables?: Variables, options?: CallOptions) =>
    fetchPage(variables ?? ({} as Variables), options)
  return Object.assign(one, { pages, each })
}
