/** How many texts of one thing a case keeps: the first, and of the others the last. */
const MOST = 10

/** Stands between them; no text of them has it. */
const SEPARATOR = '\u001e'

/** What is kept of a thing that says this by now, where these texts of it were kept before. */
export function withText(kept: string | null, text: string): string {
  const [first, ...others] = [...textsIn(kept), text.replaceAll(SEPARATOR, ' ')]
  if (others.length === 0 || others.at(-1) === (others.at(-2) ?? first)) return kept ?? first
  return [first, ...others.slice(1 - MOST)].join(SEPARATOR)
}

/** The texts that are kept of a thing, each of which was reported, the first of them first. */
export const textsIn = (kept: string | null): string[] => kept?.split(SEPARATOR) ?? []
