import { html, type Html } from '../../core/html'
import type { Directives } from './page'

/** A mail in its frame is under the page's policy as well, and has its looks in style attributes. */
export const IN_FRAMES: Directives = { 'style-src-attr': ["'unsafe-inline'"] }

/** A mail in a frame of its own: with the style that the page's policy lets through, and links that lead out of the frame. */
export function framed(content: string, nonce: string): Html {
  const shown = content
    .replace('<head>', '<head><base target="_blank">')
    .replace('<style>', `<style nonce="${nonce}">`)
  return html`<iframe
    title="The mail"
    sandbox="allow-popups allow-popups-to-escape-sandbox"
    srcdoc="${shown}"
  ></iframe>`
}

export const FRAMED_STYLE =
  'iframe { display: block; width: 100%; height: 420px; border: 1px solid var(--line); border-radius: 10px; resize: vertical }'
