import { Shown, Type } from './type'

/** A piece of a text, which is what was looked for or stands beside it. */
export interface TextSegment {
  text: string
  isMatch: boolean
}

@Type('TextSegment', 'A piece of a plain text: what was looked for, or what stands beside it. It is no HTML.')
export class TextSegmentType implements TextSegment {
  @Shown(() => String, 'The piece.')
  text!: string

  @Shown(() => Boolean, 'Whether it is what was looked for.')
  isMatch!: boolean
}
