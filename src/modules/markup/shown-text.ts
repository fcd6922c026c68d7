import { fromHtml } from 'hast-util-from-html'

/** What is read of a rendered text, and where it leads. */
export interface ShownText {
  /** The words, in NFC, without markup; blocks and lines stand in lines of their own. */
  text: string
  /** The addresses of links. */
  addresses: string[]
}

type Tree = ReturnType<typeof fromHtml>
type Node = Tree | Tree['children'][number]

/** Within a line; everything else begins one. */
const INLINE = new Set(['a', 'code', 'em', 's', 'span', 'strong'])

/** What readers see of HTML that `renderMarkup` has made. */
export function shownText(html: string): ShownText {
  const addresses: string[] = []
  const textOf = (node: Node): string => {
    if (node.type === 'text') return node.value
    if (!('children' in node)) return ''
    const words = node.children.map(textOf).join('')
    if (node.type !== 'element') return words
    if (node.tagName === 'a') addresses.push(String(node.properties['href'] ?? ''))
    return INLINE.has(node.tagName) ? words : `${words}\n`
  }
  const text = textOf(fromHtml(html, { fragment: true }))
  return { text: text.normalize('NFC').trim(), addresses }
}
