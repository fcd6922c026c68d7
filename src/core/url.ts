/**
 * What an address means (WHATWG URL); null where it is none. In place of `URL.canParse`, which in Node 20 takes no address with an
 * umlaut for one any more once it has been asked often enough to be compiled.
 */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
