import { ArgsType, Field, Int, type ClassType } from 'type-graphql'
import {
  DEFAULT_PAGE_SIZE,
  MAX_CURSOR_LENGTH,
  MAX_PAGE_SIZE,
  type Page,
  type PageRequest,
} from '../core/page'
import { Text } from './input'
import { Shown, Type } from './type'

@Type('PageInfo', 'Where a page lies in its list (Relay Cursor Connections).')
export class PageInfo {
  @Shown(() => Boolean, 'Whether more items follow this page.')
  hasNextPage!: () => boolean | Promise<boolean>

  @Shown(() => Boolean, 'Whether more items precede this page.')
  hasPreviousPage!: () => boolean | Promise<boolean>

  @Shown(() => String, 'The cursor of the first item; null on an empty page.', true)
  startCursor!: string | null

  @Shown(() => String, 'The cursor of the last item; null on an empty page.', true)
  endCursor!: string | null
}

const CURSOR = { max: MAX_CURSOR_LENGTH, optional: true, verbatim: true } as const

/** The arguments of every list. */
@ArgsType()
export class PageArguments implements PageRequest {
  @Field(() => Int, {
    nullable: true,
    description: `How many items from the start; 0 to ${MAX_PAGE_SIZE}, ${DEFAULT_PAGE_SIZE} where nothing is said.`,
  })
  first?: number | null

  @Text({ ...CURSOR, description: 'Only items after this cursor.' })
  after?: string | null

  @Field(() => Int, { nullable: true, description: `How many items from the end; 0 to ${MAX_PAGE_SIZE}.` })
  last?: number | null

  @Text({ ...CURSOR, description: 'Only items before this cursor.' })
  before?: string | null
}

export interface Connection<Row> {
  edges: { readonly cursor: string; readonly node: Row }[]
  pageInfo: PageInfo
  totalCount: () => Promise<number>
}

/** Declares `<Name>Connection` and `<Name>Edge` for a type. */
export function connectionOf<Node extends object>(
  name: string,
  nodeType: () => ClassType<Node>,
): ClassType<Connection<Node>> {
  @Type(`${name}Edge`, `One ${name} in a list, with its cursor.`)
  class Edge {
    @Shown(() => String, 'Marks this place in the list, for `after` and `before`.')
    cursor!: string

    @Shown(nodeType, `The ${name}.`)
    node!: Node
  }

  @Type(`${name}Connection`, `A page of a list of ${name}s.`)
  class ConnectionType {
    @Shown(() => [Edge], 'The items of this page with their cursors.')
    edges!: Edge[]

    @Shown(() => PageInfo, 'Where this page lies in the list.')
    pageInfo!: PageInfo

    @Field(() => Int, { description: 'How many items the whole list holds, counted when asked for.' })
    totalCount!: () => Promise<number>
  }
  return ConnectionType
}

/** A row in a page; its cursor is made only for those who ask. */
class RowEdge<Row> {
  constructor(
    readonly node: Row,
    private readonly page: Page<Row>,
  ) {}

  get cursor(): string {
    return this.page.cursorOf(this.node)
  }
}

/** A repository's page in the form that clients see. `count` runs only when `totalCount` is asked for. */
export function toConnection<Row>(page: Page<Row>, count: () => Promise<number>): Connection<Row> {
  const edges = page.rows.map((row) => new RowEdge(row, page))
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      get startCursor() {
        return edges[0]?.cursor ?? null
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null
      },
    },
    totalCount: count,
  }
}
