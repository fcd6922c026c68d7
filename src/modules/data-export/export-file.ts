import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { Html } from '../../core/html'
import { html } from '../../core/html'
import { toGlobalId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AvatarService } from '../avatar/avatar.service'
import { isHidden } from '../../db/reach'
import { exportedTables, subjectRows, type SubjectRow, type SubjectTable } from './subject-rows'

/** The files of a copy. */
export const DATA_FILE = 'data.json'
export const INDEX_FILE = 'index.html'
export const AVATAR_FILE = 'avatar.webp'

/**
 * The bytes of a ZIP file with all that is known of a person: for programs as JSON (GDPR art. 20) and for people as a page that
 * says of everything why it is kept, for how long and who may read it (art. 15); and the picture that they show of themselves. Call it inside a transaction of one snapshot.
 */
export async function exportFile(tx: Database, userId: Id): Promise<AsyncIterable<Buffer>> {
  const avatar = await new AvatarService(tx).pictureOf(userId)
  const zip = new ZipFile()
  const add = (name: string, lines: () => AsyncGenerator<string>) =>
    zip.addReadStreamLazy(name, { mtime: tx.now, compressionLevel: 9 }, (take) =>
      take(null, Readable.from(asBytes(lines()), { objectMode: false })),
    )
  add(INDEX_FILE, () => page(tx, userId, avatar !== null))
  add(DATA_FILE, () => json(tx, userId))
  if (avatar) zip.addBuffer(avatar, AVATAR_FILE, { mtime: tx.now, compress: false })
  zip.end()
  const bytes = zip.outputStream as Readable
  zip.on('error', (error: Error) => bytes.destroy(error))
  return bytes
}

async function* asBytes(lines: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${line}\n`, 'utf8')
}

async function* json(tx: Database, userId: Id): AsyncGenerator<string> {
  const head = {
    format: 'portico-export/1',
    userId: toGlobalId('user', userId),
    madeAt: tx.now.toISOString(),
  }
  yield `${JSON.stringify(head).slice(0, -1)},"tables":[`
  for (const [index, table] of exportedTables().entries()) {
    const columns = table.exported.map(({ property, category, purpose, readers, retention, onErase }) => {
      return { name: property, category, purpose, readers, retention, onErase }
    })
    yield `${index === 0 ? '' : ','}{"table":${JSON.stringify(table.name)},"columns":${JSON.stringify(columns)},"rows":[`
    let isFirst = true
    for await (const rows of subjectRows(tx, table, userId)) {
      for (const row of rows) {
        yield `${isFirst ? '' : ','}${JSON.stringify(row)}`
        isFirst = false
      }
    }
    yield ']}'
  }
  yield ']}'
}

/** `lastSeenAt` and `access_records` as a person writes it. */
const inWords = (name: string): string => {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const READERS: Record<string, string> = { everyone: 'everybody', self: 'you', nobody: 'nobody' }

async function* page(tx: Database, userId: Id, hasAvatar: boolean): AsyncGenerator<string> {
  const tables = exportedTables()
  yield HEAD
  yield html`<header>
    <h1>What we know about you</h1>
    <p>
      Made on ${tx.now.toISOString().slice(0, 16).replace('T', ' ')} UTC for ${toGlobalId('user', userId)}.
      The same for programs is in <a href="${DATA_FILE}">${DATA_FILE}</a>. Who of the staff has looked at your
      data is under <a href="#access_records">Access records</a>.
      ${hasAvatar ? html`Your picture is in <a href="${AVATAR_FILE}">${AVATAR_FILE}</a>.` : ''}
    </p>
    <nav>
      <ul>
        ${tables.map(({ name }) => html`<li><a href="#${name}">${inWords(name)}</a></li>`)}
      </ul>
    </nav>
  </header>`.toString()
  for (const table of tables) yield* section(tx, table, userId)
  yield FOOT
}

/** A table is written as it is read, so what opens an element stands apart from what closes it. */
async function* section(tx: Database, table: SubjectTable, userId: Id): AsyncGenerator<string> {
  yield `<section id="${table.name}">`
  yield about(table).toString()
  const shown = columnsOf(table)
  let isEmpty = true
  for await (const rows of subjectRows(tx, table, userId)) {
    if (isEmpty) {
      yield '<div class="wide" tabindex="0"><table><thead>'
      yield rowOf(shown.map((name) => html`<th scope="col">${inWords(name)}</th>`))
      yield '</thead><tbody>'
      isEmpty = false
    }
    const names = await namesOf(tx, table, rows)
    for (const row of rows) yield rowOf(shown.map((name) => html`<td>${asText(row[name], names)}</td>`))
  }
  yield isEmpty ? '<p>Nothing.</p>' : '</tbody></table></div>'
  yield '</section>'
}

// White space in a cell is shown as it is.
const rowOf = (cells: readonly Html[]): string => `<tr>${cells.join('')}</tr>`

const about = ({ name, exported }: SubjectTable): Html =>
  html`<h2>${inWords(name)}</h2>
    <details>
      <summary>Why we keep it, for how long, and who may read it</summary>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Why</th>
              <th scope="col">Kept</th>
              <th scope="col">Read by</th>
            </tr>
          </thead>
          <tbody>
            ${exported.map(
              ({ property, purpose, retention, readers }) =>
                html`<tr>
                  <th scope="row">${inWords(property)}</th>
                  <td>${purpose}</td>
                  <td>${retention}</td>
                  <td>${readers.map((reader) => READERS[reader] ?? `staff with ${reader}`).join(', ')}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`

/** What tells people something: not the ids of things that they cannot look up. */
const columnsOf = ({ exported, others, subjects }: SubjectTable): string[] =>
  [
    ...exported,
    ...others.filter(({ type, name }) => type !== 'bytea' && type !== 'uuid' && name !== 'version'),
  ]
    .filter(({ name }) => !subjects.includes(name) || subjects.length > 1)
    .map(({ property }) => property)

/** The names of people whom rows mention; usernames are public. */
async function namesOf(
  tx: Database,
  { exported }: SubjectTable,
  rows: readonly SubjectRow[],
): Promise<Map<string, string>> {
  const mentions = exported.filter(({ type }) => type === 'uuid').map(({ property }) => property)
  const ids = rows
    .flatMap((row) => mentions.map((property) => row[property]))
    .filter((id) => typeof id === 'string')
  if (ids.length === 0) return new Map()
  const people = await tx.query<{ id: string; username: string }>(
    `SELECT id, username FROM users WHERE id = ANY($1) AND NOT ${isHidden('users')}`,
    [[...new Set(ids)]],
  )
  return new Map(people.map(({ id, username }) => [id, username]))
}

function asText(value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === null || value === undefined) return '–'
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ')
  if (typeof value === 'string') return names.get(value) ?? value
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : `${value as number | boolean}`
}

const STYLE = `
:root { --paper: #f5f4f1; --card: #fff; --ink: #1d1c1a; --quiet: #66635c; --line: #e3e0d9; --accent: #a8552f }
@media (prefers-color-scheme: dark) { :root { --paper: #161513; --card: #201f1c; --ink: #f1efe9; --quiet: #a7a39a; --line: #38352f; --accent: #e39a72 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 1100px; margin: 0 auto; padding: 32px 20px 64px }
a { color: var(--accent) }
nav ul { columns: 14em; padding-left: 1.2em }
section { margin-top: 32px; padding: 20px 24px; border: 1px solid var(--line); border-radius: 14px; background: var(--card) }
h2 { margin: 0 0 8px }
summary { color: var(--quiet); cursor: pointer }
.wide { overflow-x: auto; margin-top: 12px }
table { border-collapse: collapse; font-size: 14px }
th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
td { max-width: 32em; overflow-wrap: break-word; white-space: pre-wrap }
@media print { section { break-inside: avoid-page; border: 0; padding: 0 } details > * { display: block } }
`

/** A page that loads nothing and runs nothing, wherever it is opened. */
const HEAD = [
  '<!doctype html>',
  '<html lang="en"><head><meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<meta name="color-scheme" content="light dark">',
  `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
  `<title>What we know about you</title><style>${STYLE}</style></head><body><main>`,
].join('\n')

const FOOT = '</main></body></html>'
