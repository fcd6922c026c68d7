import { fromHtml } from 'hast-util-from-html'
import { defaultSchema, sanitize as sanitizeTree, type Schema } from 'hast-util-sanitize'
import { toHtml } from 'hast-util-to-html'

const TEXT = [
  'p',
  'br',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'strong',
  'em',
  's',
  'code',
  'pre',
  'a',
  'span',
]
const BLOCKS = ['blockquote', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td']
const ALIGN = ['align', 'left', 'center', 'right'] as const

/** All that HTML made of people's texts may consist of; everything else is taken out. */
const SCHEMA: Schema = {
  tagNames: [...TEXT, ...BLOCKS],
  ancestors: defaultSchema.ancestors,
  attributes: {
    // One without a scheme would lead to wherever the text is shown.
    a: [['href', /^(?:https?:\/\/|mailto:)/i]],
    code: [['className', /^language-[\w+#.-]{1,40}$/]],
    ol: ['start'],
    span: [['className', 'mention'], 'dataUsername'],
    td: [[...ALIGN]],
    th: [[...ALIGN]],
  },
  protocols: { href: ['http', 'https', 'mailto'] },
  // Nobody vouches for where people lead to, and the page that is left is not reached from there.
  required: { a: { rel: ['nofollow', 'ugc', 'noopener'] } },
  strip: ['script', 'style'],
}

/**
 * Reads HTML as browsers do (WHATWG), keeps of the tree what is on the list, and writes that anew: what is answered never was
 * part of the text that came in.
 */
export const sanitize = (html: string): string =>
  toHtml(sanitizeTree(fromHtml(html, { fragment: true }), SCHEMA))
