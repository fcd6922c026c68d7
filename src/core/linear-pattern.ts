import { RE2JS } from 're2js'

/** A pattern that takes time in proportion to the text, whatever the two are (RE2): no text can make it run away. */
export interface LinearPattern {
  test(text: string): boolean
  /** How many steps at most it takes for a character. */
  readonly size: number
  /** The pattern itself: by it ajv tells patterns apart. */
  toString(): string
}

/** @throws Error in the words of RE2 where it cannot read the pattern: it knows neither look-around nor references back. */
export function linearPattern(pattern: string): LinearPattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  return {
    test: (text) => compiled.matcher(text).find(),
    size: compiled.programSize(),
    toString: () => pattern,
  }
}
