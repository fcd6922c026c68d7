import { ID } from 'type-graphql'
import type { Context } from '../context/context'
import type { Id, IdKind } from '../core/id'
import { Interface, NODE_ID, Shown } from './type'

/** Anything with a global id (GraphQL Global Object Identification Specification). */
@Interface('Node', 'Anything that has a global id.', {
  resolveType: (row: { __typename: string }) => row.__typename,
})
export abstract class Node {
  @Shown(() => ID, NODE_ID)
  id!: string
}

interface NodeKind {
  typeName: string
  /** The thing if it exists and the viewer may see it. */
  find: (context: Context, id: Id) => Promise<object | null>
}

const nodeKinds = new Map<IdKind, NodeKind>()

/** Makes a kind of thing reachable through `node(id)`. */
export function defineNode(kind: IdKind, typeName: string, find: NodeKind['find']): void {
  nodeKinds.set(kind, { typeName, find })
}

/** What `node(id)` answers: null for what is unknown, malformed or not visible alike. */
export async function findNode(
  context: Context,
  parsed: { kind: IdKind; id: Id } | null,
): Promise<object | null> {
  const kind = parsed && nodeKinds.get(parsed.kind)
  const row = kind && (await kind.find(context, parsed.id))
  return row ? { ...row, __typename: kind.typeName } : null
}
