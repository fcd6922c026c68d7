import { UserErrorCode, type Problem } from '../core/error'

/** Shortest password, in code points, where it is the only factor, and where a second one is on (NIST SP 800-63B-4 §3.1.1.2). */
export const MINIMUM_ALONE = 15
export const MINIMUM_WITH_SECOND_FACTOR = 8

/** Longest password, in bytes of UTF-8 after normalisation: room for 64 emoji. */
export const MAXIMUM_BYTES = 256

const PRODUCT_NAME = 'portico'

/** Whether a password is too short to be the only factor. */
export const isShort = (password: string): boolean => [...normalisePassword(password)].length < MINIMUM_ALONE

/** A password as it is counted, compared and hashed: NFKC, so that it does not matter which keyboard composed its accents. */
export const normalisePassword = (password: string): string => password.normalize('NFKC')

/** Whether the text can be written as UTF-8. A lone surrogate cannot, and would be hashed as the replacement character. */
export const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text)

/**
 * What keeps this password from being used, after NIST SP 800-63B-4: length, the blocklist, and words that say who its owner is.
 * There are no composition rules, on purpose. Empty when it is fine.
 */
export function passwordProblems(
  password: string,
  context: {
    /** The owner's e-mail addresses, names and user name. */
    personal: readonly string[]
    minimum: typeof MINIMUM_ALONE | typeof MINIMUM_WITH_SECOND_FACTOR
  },
): Omit<Problem, 'field'>[] {
  const normalised = normalisePassword(password)
  if (!isWellFormed(password) || normalised.includes('\0')) {
    return [
      {
        code: UserErrorCode.INVALID,
        message: 'Leave out the invisible or broken characters, and type it again.',
      },
    ]
  }
  // Before the searches below, whose time grows with the length.
  if (Buffer.byteLength(normalised, 'utf8') > MAXIMUM_BYTES) {
    const message = `Shorten it to ${MAXIMUM_BYTES} bytes: that is ${MAXIMUM_BYTES} plain letters or 64 emoji.`
    return [{ code: UserErrorCode.TOO_LONG, message }]
  }

  const problems: Omit<Problem, 'field'>[] = []
  const comparable = normalised.toLowerCase()
  if ([...normalised].length < context.minimum) {
    const message = `Use at least ${context.minimum} characters. Three or four unrelated words are easy to remember.`
    problems.push({ code: UserErrorCode.TOO_SHORT, message })
  }
  if (isCommon(comparable)) {
    const message =
      'This is one of the passwords that are guessed first. Choose one that nobody else would think of.'
    problems.push({ code: UserErrorCode.PASSWORD_TOO_COMMON, message })
  }
  if ([...context.personal, PRODUCT_NAME].some((text) => names(comparable, text))) {
    const message = 'Leave out your name, your user name, your e-mail address and the name of this service.'
    problems.push({ code: UserErrorCode.PASSWORD_TOO_SIMILAR, message })
  }
  return problems
}

let blocklist: ReadonlySet<string> | undefined

/**
 * The passwords of public breaches that are seen most, and the commonest words of English: NIST SP 800-63B-4 §3.1.1.2 wants
 * both refused. Lower case. They are unpacked at first, which takes 100 ms: a server does it once it is ready, a command
 * when it needs them.
 */
export function commonPasswords(): ReadonlySet<string> {
  if (!blocklist) {
    /* eslint-disable @typescript-eslint/no-require-imports -- an import would unpack them at every start */
    const common = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common')
    const english = require('@zxcvbn-ts/language-en') as typeof import('@zxcvbn-ts/language-en')
    /* eslint-enable @typescript-eslint/no-require-imports */
    blocklist = new Set([...common.dictionary['passwords-common'], ...english.dictionary['commonWords-en']])
  }
  return blocklist
}

/** Ways across a keyboard or an alphabet, which fingers follow from any point and in both directions. */
const WALKS = [
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'zaq12wsxcde34rfvbgt56yhnmju78ik',
  'qawsedrftgyhujikolp',
  'qazwsxedcrfvtgbyhnujmikolp',
  'a1b2c3d4e5f6g7h8i9j0',
].flatMap((walk) => [walk.repeat(3), [...walk.repeat(3)].reverse().join('')])

/**
 * On the blocklist, a walk, or one of these brought to length: repeated (`passwordpassword`), or one word with a number and
 * a separator (`password1234567!!!`). A phrase of different words is never common, even if each of them is.
 */
function isCommon(text: string): boolean {
  if (commonPasswords().has(text) || WALKS.some((walk) => walk.includes(text))) return true

  const unit = repeatedUnit(text)
  if (unit) return /^[ -~]{1,4}$/.test(unit) || isCommon(unit)

  const runs = new Set(text.match(/[a-z]+|[0-9]+|[^a-z0-9]+/g))
  if (runs.size < 2 || runs.size > 3) return false
  const words = [...runs].filter((run) => /[a-z]/.test(run))
  return words.length <= 1 && [...runs].every((run) => /^([ -~]{1,2}|\d{3,4})$/.test(run) || isCommon(run))
}

/** The shortest text that, said twice or more, gives this one, the last time perhaps not to its end; null when there is none. */
function repeatedUnit(text: string): string | null {
  for (let period = 1; period * 2 <= text.length; period++) {
    if (text.endsWith(text.slice(0, -period)) && text.startsWith(text.slice(period)))
      return text.slice(0, period)
  }
  return null
}

/** Whether the password holds this e-mail address, name or user name, or a word of it, however the words are joined. */
function names(password: string, personal: string): boolean {
  const whole = normalisePassword(personal).trim().toLowerCase()
  // Of an address only the part before the @ says who it is; half the world is at the same provider.
  const local = whole.includes('@') ? whole.slice(0, whole.lastIndexOf('@')) : whole
  const joined = onlyLetters(local)
  return (
    [whole, local, ...local.split(/[^\p{L}\p{M}\p{N}]+/u)].some(
      (word) => isTelling(word) && password.includes(word),
    ) ||
    (joined !== local && isTelling(joined) && onlyLetters(password).includes(joined))
  )
}

const onlyLetters = (text: string) => text.replace(/[^\p{L}\p{M}\p{N}]+/gu, '')

/** Shorter words turn up by chance. Two characters are a whole name where each is a syllable. */
const isTelling = (word: string): boolean =>
  [...word].length >= 4 || /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]{2}/u.test(word)
