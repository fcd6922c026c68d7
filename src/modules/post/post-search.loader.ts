import { defineLoader, grouped } from '../../context/loader'
import type { Id } from '../../core/id'
import { PostSearchService, type PostHighlight, type FoundPostRow } from './post-search.service'

/** A post, and what was looked for in it; see `foundKey`. */
type FoundKey = `${Id}:${string}`

export const foundKey = ({ id, text }: Pick<FoundPostRow, 'id' | 'text'>): FoundKey => `${id}:${text}`

export const highlightOf = defineLoader<FoundKey, PostHighlight>(async (db, keys) => {
  const asked = keys.map((key) => {
    const end = key.indexOf(':')
    return { key, id: key.slice(0, end), text: key.slice(end + 1) }
  })
  const highlights = new Map<FoundKey, PostHighlight>()
  for (const [text, ofText] of grouped(asked, 'text')) {
    const found = await new PostSearchService(db).highlight(
      ofText.map(({ id }) => id),
      text,
    )
    for (const { key, id } of ofText) if (found.has(id)) highlights.set(key, found.get(id)!)
  }
  return highlights
})
