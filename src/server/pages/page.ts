import type { FastifyReply } from 'fastify'
import { randomBytes } from 'node:crypto'
import { Html, html, type Piece } from '../../core/html'

/** Content Security Policy Level 3: the sources of each directive. */
export type Directives = Record<string, readonly string[]>

/** What a page may load and do: nothing but what `allowed` names. Nobody may frame it. */
export const contentSecurityPolicy = (allowed: Directives): string =>
  Object.entries({
    'default-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    ...allowed,
  })
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join('; ')

export interface Page {
  title: string
  /** What the page shows; made from the nonce where it needs that itself. */
  body: Html | ((nonce: string) => Html)
  /** CSS and JavaScript of the page's own, and the addresses of what it loads besides. */
  style?: string
  stylesheets?: readonly string[]
  script?: string
  scripts?: readonly string[]
  /** What its policy allows beyond that. */
  allowed?: Directives
}

/** Answers with a page, under a policy of its own that runs only what carries the nonce of this answer. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const nonce = randomBytes(16).toString('base64')
  const ours = `'nonce-${nonce}'`
  const hasScript = page.script !== undefined || page.scripts !== undefined
  const policy = contentSecurityPolicy({
    'style-src': [ours],
    'img-src': ['data:'],
    ...(hasScript && { 'script-src': [ours], 'connect-src': ["'self'"] }),
    ...page.allowed,
  })
  return reply
    .header('content-security-policy', policy)
    .type('text/html; charset=utf-8')
    .send(layout(page, nonce).toString())
}

/** Answers with a page that says why something cannot be done, and what to do. */
export const sendNotice = (reply: FastifyReply, title: string, advice: string): FastifyReply =>
  sendPage(reply, {
    title,
    style: 'main { max-width: 480px; padding-top: 6vh }',
    body: html`<main>
      ${brand('Portico')}
      <section class="card">
        <h1>${title}</h1>
        <p>${advice}</p>
      </section>
    </main>`,
  })

/** A value inside a script: nothing in it can end the script. */
export const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

function layout({ title, body, style, stylesheets, script, scripts }: Page, nonce: string): Html {
  const inline = (code: string | undefined, tag: 'style' | 'script'): Piece =>
    code !== undefined && html`<${new Html(tag)} nonce="${nonce}">${new Html(code)}</${new Html(tag)}>`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Portico</title>
        <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO.toString())}" />
        ${inline(STYLE, 'style')}
        ${stylesheets?.map((address) => html`<link rel="stylesheet" nonce="${nonce}" href="${address}" />`)}
        ${inline(style, 'style')}
      </head>
      <body>
        ${typeof body === 'function' ? body(nonce) : body}
        ${scripts?.map((address) => html`<script nonce="${nonce}" src="${address}"></script>`)}
        ${inline(script, 'script')}
      </body>
    </html>`
}

/** A pediment on four columns. */
const LOGO = html`<svg
  xmlns="http://www.w3.org/2000/svg"
  width="28"
  height="28"
  viewBox="0 0 28 28"
  fill="#a8552f"
  aria-hidden="true"
>
  <path d="M14 2 26 9v2H2V9zM4 13h3v9H4zM10 13h3v9h-3zM15 13h3v9h-3zM21 13h3v9h-3zM2 24h24v2H2z" />
</svg>`

/** The head of a page that is read rather than worked with. */
export const brand = (name: string | Html): Html =>
  html`<header class="brand">${LOGO}<span>${name}</span></header>`

const STYLE = `
:root { --paper: #f5f4f1; --card: #fff; --ink: #1d1c1a; --quiet: #66635c; --line: #e3e0d9; --accent: #a8552f; --on-accent: #fff }
@media (prefers-color-scheme: dark) {
  :root { --paper: #161513; --card: #201f1c; --ink: #f1efe9; --quiet: #a7a39a; --line: #38352f; --accent: #e39a72; --on-accent: #1d1c1a }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere }
main { margin: 0 auto; padding: 0 20px 48px }
h1 { font-size: 26px; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
h1:focus { outline: none }
a { color: var(--accent) }
button { padding: 13px 22px; border: 0; border-radius: 10px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer }
button:disabled { opacity: .6; cursor: progress }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px }
.brand svg { fill: var(--accent) }
.brand { display: flex; align-items: center; gap: 10px; padding: 28px 0; font-weight: 600 }
.brand h1 { margin: 0; font: inherit }
.card { padding: 28px; border: 1px solid var(--line); border-radius: 16px; background: var(--card); display: grid; gap: 14px; justify-items: start }
.card > *, h1 { margin: 0 }
.quiet { color: var(--quiet) }
[hidden] { display: none }
`
