import { DAY } from '../../core/clock'

export const MAX_USERNAME_LENGTH = 30

/** How long a username that was given up leads to the person and is nobody else's, in milliseconds. */
export const USERNAME_RESERVATION = 90 * DAY

/** How often somebody may change their username themselves, within so many milliseconds. */
export const USERNAME_CHANGES = { most: 3, within: 30 * DAY } as const

export const USERNAME_PATTERN = {
  matches: /^[a-z0-9](?:[a-z0-9_]*[a-z0-9])$/i,
  says: 'Use letters a–z, digits and, in between, underscores.',
}

/** The one form under which a username is stored and found. What is far too long to be one stays as it is: nobody's. */
export const normaliseUsername = (text: string): string =>
  text.length > 4 * MAX_USERNAME_LENGTH ? text : text.normalize('NFKC').trim().toLowerCase()

/** The nearest username to what somebody is called elsewhere, of an address its local part; it may be too short to be one. */
export const usernameFrom = (text: string): string =>
  text
    .split('@')[0]!
    .slice(0, 4 * MAX_USERNAME_LENGTH)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_USERNAME_LENGTH)
    .replace(/^_+|_+$/g, '')
