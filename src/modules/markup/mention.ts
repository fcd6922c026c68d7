import type { StateCore, Token } from 'markdown-it'
import { MAX_USERNAME_LENGTH, normaliseUsername } from '../user/username'

/** How many people a text mentions at most; whoever is named after them is not told. */
export const MAX_MENTIONS = 20

/** A username after an @ that begins a word, as `USERNAME_PATTERN` has it: not that of an e-mail address, nor a part of a longer one. */
const MENTION = new RegExp(
  `(?<![\\p{L}\\p{N}_@./-])@([a-z0-9][a-z0-9_]{0,${MAX_USERNAME_LENGTH - 2}}[a-z0-9])(?![\\p{L}\\p{N}_@])`,
  'giu',
)

/**
 * A rule of markdown-it: marks people who are mentioned as `<span class="mention" data-username="ada">@Ada</span>`, and puts their
 * usernames into `env.mentions`. What stands in code, in a link or after a backslash mentions nobody.
 */
export function markMentions(state: StateCore): void {
  const mentioned = new Set<string>()
  for (const block of state.tokens) {
    if (!block.children) continue
    let links = 0
    block.children = block.children.flatMap((token, index, tokens) => {
      links += token.type === 'link_open' ? 1 : token.type === 'link_close' ? -1 : 0
      if (token.type !== 'text' || links > 0) return token
      return withMentions(state, token, tokens[index - 1], mentioned)
    })
  }
  state.env['mentions'] = [...mentioned]
}

function withMentions(
  state: StateCore,
  token: Token,
  before: Token | undefined,
  mentioned: Set<string>,
): Token[] {
  const pieces: Token[] = []
  let end = 0
  for (const { 0: text, 1: name, index } of token.content.matchAll(MENTION)) {
    const username = normaliseUsername(name!)
    // What was escaped or written as an entity is a character like any other, in a token of its own.
    if (index === 0 && before?.type === 'text_special') continue
    if (!mentioned.has(username) && mentioned.size === MAX_MENTIONS) {
      state.env['isCrowded'] = true
      continue
    }
    mentioned.add(username)
    const opening = new state.Token('mention_open', 'span', 1)
    opening.attrs = [
      ['class', 'mention'],
      ['data-username', username],
    ]
    const closing = new state.Token('mention_close', 'span', -1)
    pieces.push(textToken(state, token.content.slice(end, index)), opening, textToken(state, text), closing)
    end = index + text.length
  }
  return [...pieces, textToken(state, token.content.slice(end))]
}

function textToken(state: StateCore, content: string): Token {
  const token = new state.Token('text', '', 0)
  token.content = content
  return token
}
