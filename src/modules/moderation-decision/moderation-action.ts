/** What is decided about a case: by a moderator, but for `HOLD`. */
export enum ModerationAction {
  /** Nothing is wrong with it. */
  DISMISS = 'dismiss',
  /** A filter lets it wait until a moderator has decided; its author is told. */
  HOLD = 'hold',
  /** The author is told which rule it breaks; it stays. */
  WARN = 'warn',
  /** Nobody but its author and moderators sees it until the author has changed it and a moderator agrees. */
  HIDE = 'hide',
  REMOVE = 'remove',
  /** It is removed, and the author writes nothing until a moment. */
  SILENCE = 'silence',
  /** It is removed, and the author does not use their account. */
  SUSPEND = 'suspend',
}

/** A decision against somebody: all but that nothing is wrong. */
export type Measure = Exclude<ModerationAction, ModerationAction.DISMISS>

/** With which the thing goes that was reported. */
export const REMOVING: readonly Measure[] = [
  ModerationAction.REMOVE,
  ModerationAction.SILENCE,
  ModerationAction.SUSPEND,
]

/** With which something lasts, until a moment. */
export const LASTING: readonly ModerationAction[] = [ModerationAction.SILENCE, ModerationAction.SUSPEND]
