import { createHash } from 'node:crypto'

/** What stands before a leaf and before a node when it is hashed, so that neither can be taken for the other. */
const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/**
 * A Merkle tree over entries in their order (RFC 6962 §2.1, RFC 9162 §2.1.1: SHA-256, `0x00` before a leaf and `0x01` before a
 * node). It keeps the roots of its whole subtrees and nothing else: its memory grows with the logarithm of what it has taken.
 */
export class MerkleTree {
  private count = 0
  /** The roots of whole subtrees, the largest first: one for each bit of `count` that is set. */
  private readonly subtrees: Buffer[] = []

  add(entry: Buffer): void {
    let hash = sha256(LEAF, entry)
    // As many ones as the count ends in, so many subtrees are whole with this entry.
    for (let left = this.count++; left % 2 === 1; left = (left - 1) / 2)
      hash = sha256(NODE, this.subtrees.pop()!, hash)
    this.subtrees.push(hash)
  }

  /** The root, 32 bytes; of no entries the hash of nothing. */
  get root(): Buffer {
    const [last, ...others] = this.subtrees.toReversed()
    return last ? others.reduce((right, left) => sha256(NODE, left, right), last) : sha256()
  }
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
