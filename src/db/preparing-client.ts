import { Client, type ClientConfig } from 'pg'

/** How many statements a process prepares, and how long one may be: each takes memory on every connection. */
const MAX_STATEMENTS = 300
const MAX_LENGTH = 5_000

/** What PostgreSQL answers when a migration has changed the type of a column that a prepared statement returns. */
const STALE = '0A000'

/** What pg says where a statement is not answered within `query_timeout`, and nothing else of it. */
const UNANSWERED = 'Query read timeout'

/** The comment at the start of a statement whose plan depends on what it is given: it is planned at every execution. */
export const PLANNED_ANEW = 'planned anew'
const MARK = `/* ${PLANNED_ANEW} */`

const names = new Map<string, string>()
let named = 0

/**
 * A connection that has PostgreSQL parse and plan each statement with parameters once, and not at every execution. Those
 * that come first are prepared; beyond the limit they are sent as they are.
 */
export class PreparingClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config)
    // Whoever waits for an answer is told that the connection is lost; told to nobody else, it would end the process.
    this.on('error', () => undefined)
  }

  // pg declares a dozen forms of it; TypeORM uses the one with text and values, which answers a promise.
  override query(...parameters: unknown[]): never {
    const [text, values, ...rest] = parameters
    const ask = super.query.bind(this) as (...parameters: unknown[]) => Promise<unknown> | undefined
    const name =
      typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined
    const answer = name === undefined ? ask(...parameters) : ask({ name, text, values }, ...rest)
    answer?.catch(({ code, message }: { code?: string; message?: string }) => {
      if (code === STALE) names.delete(text as string)
      // The server may yet carry it out, inside a transaction that no ROLLBACK would reach: whoever had this connection next
      // would commit it with their own.
      if (message === UNANSWERED) this.connection.stream.destroy()
    })
    return answer as never
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (
    known !== undefined ||
    names.size >= MAX_STATEMENTS ||
    text.length > MAX_LENGTH ||
    text.startsWith(MARK)
  )
    return known
  const name = `portico_${named++}`
  names.set(text, name)
  return name
}
