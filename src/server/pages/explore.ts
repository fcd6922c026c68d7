import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { html } from '../../core/html'
import { FIRST_OPERATION } from './first-operation'
import { LOCAL_ONLY } from './local-host'
import { json, sendPage } from './page'

/** GraphiQL from disk, for machines without internet. Not there where its packages are not, as in a production install. */
export function serveExplore(http: FastifyInstance): void {
  const files = findFiles()
  if (!files) return
  for (const [name, path] of Object.entries(files)) {
    const type = name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8'
    http.get(`/explore/${name}`, LOCAL_ONLY, async (_request, reply) =>
      reply.type(type).send(await readFile(path)),
    )
  }
  http.get('/explore', LOCAL_ONLY, async (_request, reply) =>
    sendPage(reply, {
      title: 'Explore',
      body: html`<div id="graphiql"></div>`,
      style: '#graphiql { height: 100dvh }',
      stylesheets: ['explore/graphiql.css'],
      scripts: ['explore/react.js', 'explore/react-dom.js', 'explore/graphiql.js'],
      script: SCRIPT,
      allowed: { 'font-src': ['data:'] },
    }),
  )
}

/** What the page loads, by name, or null where a package is missing. */
function findFiles(): Record<string, string> | null {
  try {
    const folder = (name: string) => dirname(require.resolve(`${name}/package.json`))
    return {
      'react.js': join(folder('react'), 'umd/react.production.min.js'),
      'react-dom.js': join(folder('react-dom'), 'umd/react-dom.production.min.js'),
      'graphiql.js': join(folder('graphiql'), 'graphiql.min.js'),
      'graphiql.css': join(folder('graphiql'), 'graphiql.min.css'),
    }
  } catch {
    return null
  }
}

const SCRIPT = `
const first = ${json(FIRST_OPERATION)}
const url = new URL('graphql', location.href)
const subscriptionUrl = url.href.replace(/^http/, 'ws')
const pretty = (value) => JSON.stringify(value, null, 2)
// GraphiQL keeps what was typed; given again, these would take its place.
const isFirstVisit = localStorage.getItem('graphiql:tabState') === null
const begin = { query: first.document, variables: pretty(first.variables), headers: pretty(first.headers) }
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: url.href, subscriptionUrl, enableIncrementalDelivery: false }),
    defaultEditorToolsVisibility: true,
    ...(isFirstVisit && begin),
  }),
)
`
