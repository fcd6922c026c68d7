/** How somebody stands to a conversation. */
export enum ParticipantStatus {
  /** Somebody who is a stranger to them has written; they have neither accepted nor declined. */
  REQUESTED = 'REQUESTED',
  ACCEPTED = 'ACCEPTED',
  /** They want nothing of it. To the others it looks as if they had not answered. */
  DECLINED = 'DECLINED',
  /** They have left, or were taken out. */
  LEFT = 'LEFT',
}

/** Who reads a conversation, as SQL has it: whoever takes part, and whoever has yet to answer. */
export const readsConversation = (participant: string): string =>
  `${participant}.status IN ('${ParticipantStatus.ACCEPTED}', '${ParticipantStatus.REQUESTED}')`
