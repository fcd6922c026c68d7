/** Chance that repeats itself: the same seed throws the same numbers (mulberry32). Never for secrets. */
export class Dice {
  constructor(private state: number) {}

  /** From 0, included, to 1, excluded. */
  throw(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, both ends included. */
  between(lowest: number, highest: number): number {
    return lowest + Math.floor(this.throw() * (highest - lowest + 1))
  }

  chance(probability: number): boolean {
    return this.throw() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)]!
  }

  /** So many different ones, in an order of their own. */
  some<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items]
    return Array.from(
      { length: Math.min(count, items.length) },
      () => left.splice(this.between(0, left.length - 1), 1)[0]!,
    )
  }
}
