/** How somebody keeps somebody else away. */
export enum BlockKind {
  /** The other person cannot reach them, and what they write is hidden from them. */
  BLOCKED = 'BLOCKED',
  /** What the other person does is left out of their lists and notifications; nothing else changes. */
  MUTED = 'MUTED',
}
