import MarkdownIt, { type Env, type StateCore, type Token } from 'markdown-it'
import { markMentions } from './mention'
import { sanitize } from './sanitize'

/*
 * What people write is CommonMark with tables, strikethrough and bare links; a line break is one. HTML in it is text. An image is
 * a link to it: whoever shows one from elsewhere tells its owner who reads what, and when.
 */

/** Raise it with every change of what is made of a text: what an older version has made is then made anew. */
export const MARKUP_VERSION = 1

/** What is made of a text. */
export interface Markup {
  /** Safe to be put into a page as it is. */
  html: string
  /** The words without markup, in one line. */
  text: string
  /** The beginning of them: at most 200 characters. */
  excerpt: string
  /** The usernames that are mentioned, in lower case; at most 20. Whether they are anybody's is not known here. */
  mentions: readonly string[]
  /** Whether it names more people than that. */
  isCrowded: boolean
}

/** What becomes longer is shown as it was typed, in UTF-16 code units: a reference may be used a thousand times, */
const MAX_HTML = 200_000

/** and a row of a table filled up with cells. */
const MAX_TOKENS = 60_000

/** A reference to a long address may be used as often; of such a text the beginning is enough. */
const MAX_TEXT = 20_000

const MAX_EXCERPT = 200

/** The longest address that is a link. */
const MAX_ADDRESS = 2_000

const ADDRESS = /^(?:https?:\/\/|mailto:)[^\s]+$/i

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
// What is no link anyway is not looked for, nor further than the longest goes: where many begin, each would look at all the rest.
markdown.linkify.add('//', null).add('ftp:', null)
const matchAtStart = markdown.linkify.matchAtStart.bind(markdown.linkify)
markdown.linkify.matchAtStart = (text) => matchAtStart(text.slice(0, MAX_ADDRESS + 1))
// An address without a scheme would lead to wherever it is shown.
markdown.validateLink = (address) => address.length <= MAX_ADDRESS && ADDRESS.test(address)
markdown.core.ruler.after('linkify', 'links_for_images', linkImages)
markdown.core.ruler.after('links_for_images', 'mentions', markMentions)
markdown.core.ruler.push('attributes', keepFewAttributes)

/** Makes of Markdown what is shown of it. */
export function renderMarkup(source: string): Markup {
  const env: Env = {}
  const tokens = markdown.parse(source, env)
  const html = tokens.length > MAX_TOKENS ? null : markdown.renderer.render(tokens, markdown.options, env)
  const isShown = html !== null && html.length <= MAX_HTML
  const text = plainTextOf(tokens)
  return {
    html: sanitize(isShown ? html : asTyped(source)),
    text,
    excerpt: excerptOf(text),
    mentions: isShown ? (env['mentions'] as string[]) : [],
    isCrowded: env['isCrowded'] === true,
  }
}

const asTyped = (source: string): string =>
  `<p>${markdown.utils.escapeHtml(source).replaceAll('\n', '<br>')}</p>`

/** Within a link it is its description alone. */
function linkImages(state: StateCore): void {
  for (const block of state.tokens) {
    if (!block.children) continue
    let links = 0
    block.children = block.children.flatMap((token) => {
      links += token.type === 'link_open' ? 1 : token.type === 'link_close' ? -1 : 0
      if (token.type !== 'image') return token
      const address = String(token.attrGet('src'))
      const text = new state.Token('text', '', 0)
      text.content = textOf(token.children ?? []) || address
      if (links > 0) return text
      const opening = new state.Token('link_open', 'a', 1)
      opening.attrs = [['href', address]]
      return [opening, text, new state.Token('link_close', 'a', -1)]
    })
  }
}

/** Titles of links are seen by few; how a column is aligned is said without styles. */
function keepFewAttributes(state: StateCore): void {
  for (const token of state.tokens) {
    if (!token.attrs && !token.children) continue
    const align = /text-align:(\w+)/.exec(String(token.attrGet('style') ?? ''))?.[1]
    if (align) token.attrs = [['align', align]]
    for (const child of token.children ?? [])
      if (child.type === 'link_open') child.attrs = [['href', child.attrGet('href')!]]
  }
}

/** The words of tokens, and of what they contain. */
const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content, children }) => {
      if (children) return textOf(children)
      return type === 'softbreak' || type === 'hardbreak' ? ' ' : content
    })
    .join('')

function plainTextOf(tokens: readonly Token[]): string {
  const pieces: string[] = []
  let length = 0
  for (const token of tokens) {
    const piece = textOf([token])
    pieces.push(piece)
    length += piece.length
    if (length > MAX_TEXT) break
  }
  return beginningOf(pieces.join(' ').replace(/\s+/g, ' ').trim(), MAX_TEXT)
}

function excerptOf(text: string): string {
  const beginning = beginningOf(text, MAX_EXCERPT)
  if (beginning === text) return text
  const cut = beginningOf(beginning, MAX_EXCERPT - 1)
  const words = beginning.endsWith(' ') ? cut : cut.replace(/\s+\S*$/, '')
  return `${words.length > cut.length / 2 ? words : cut}…`
}

/** By code points: half of one is no text. */
const beginningOf = (text: string, length: number): string =>
  text.length <= length ? text : [...text.slice(0, 2 * length)].slice(0, length).join('')
