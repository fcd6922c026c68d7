/** The message that somebody has agreed to something, or taken it back: what they may do can depend on it. */
export const CONSENTS_CHANGED = 'consents-changed'
