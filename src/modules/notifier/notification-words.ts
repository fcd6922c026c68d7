import type { Language } from '../../core/language'
import { NotificationKind } from '../notification/notification-kind'

/** What a notification says, of one who has done it, of two, or of more. */
type Sentence = (actors: string, isOne: boolean) => string

const SENTENCES: Record<Language, Record<NotificationKind, Sentence>> = {
  en: {
    [NotificationKind.MENTION]: (actors) => `${actors} mentioned you in a comment`,
    [NotificationKind.COMMENT]: (actors) => `${actors} commented on your post`,
    [NotificationKind.REPLY]: (actors) => `${actors} answered your comment`,
    [NotificationKind.MESSAGE]: (actors) => `${actors} wrote to you`,
    [NotificationKind.ANNOUNCEMENT]: () => 'There is news',
  },
  de: {
    [NotificationKind.MENTION]: (actors, isOne) =>
      `${actors} ${isOne ? 'hat' : 'haben'} dich in einem Kommentar erwähnt`,
    [NotificationKind.COMMENT]: (actors, isOne) =>
      `${actors} ${isOne ? 'hat' : 'haben'} deinen Beitrag kommentiert`,
    [NotificationKind.REPLY]: (actors, isOne) =>
      `${actors} ${isOne ? 'hat' : 'haben'} auf deinen Kommentar geantwortet`,
    [NotificationKind.MESSAGE]: (actors, isOne) => `${actors} ${isOne ? 'hat' : 'haben'} dir geschrieben`,
    [NotificationKind.ANNOUNCEMENT]: () => 'Es gibt Neuigkeiten',
  },
}

const SOMEBODY: Record<Language, string> = { en: 'Somebody', de: 'Jemand' }
const OTHERS: Record<Language, (name: string, others: number) => string> = {
  en: (name, others) => `${name} and ${others} ${others === 1 ? 'other' : 'others'}`,
  de: (name, others) => `${name} und ${others} ${others === 1 ? 'weitere Person' : 'weitere'}`,
}
const BOTH: Record<Language, string> = { en: 'and', de: 'und' }

/**
 * What has happened, in a sentence: "Ada and 3 others answered your comment".
 * @param names of those who have done it, the last first, as far as they are shown
 * @param actorCount how many they are
 */
export function wordsOf(
  kind: NotificationKind,
  { names, actorCount }: { names: readonly string[]; actorCount: number },
  language: Language,
): string {
  return SENTENCES[language][kind](actorsIn(names, actorCount, language), actorCount === 1)
}

function actorsIn([first, second]: readonly string[], actorCount: number, language: Language): string {
  if (actorCount <= 1) return first ?? SOMEBODY[language]
  if (actorCount === 2 && second !== undefined) return `${first} ${BOTH[language]} ${second}`
  return OTHERS[language](first ?? SOMEBODY[language], actorCount - 1)
}
