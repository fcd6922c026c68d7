import { ALL_ACTIONS, entryOf, type AuditAction } from '../../src/modules/audit/audit-event'
import { messageOf } from '../../src/modules/security/event-words'

const LOCALES = ['en', 'de-AT']

/** Something for every detail that an action has. */
const detailsOf = (action: AuditAction) =>
  Object.fromEntries(
    Object.keys(entryOf(action).details ?? {}).map((name) => [
      name,
      name === 'method' ? 'totp' : `<${name}>`,
    ]),
  )

describe.each(LOCALES)('the words for what happened, in %s,', (locale) => {
  test.each(ALL_ACTIONS)('are a sentence whatever is known: %s', (action) => {
    for (const details of [detailsOf(action), {}]) {
      const words = messageOf({ action, details }, 'Firefox on Linux', locale)
      expect(words).toMatch(/^\p{Lu}.*[.…]$/u)
      expect(words).not.toMatch(/[{}[\]]|undefined|null|\.\.$/)
    }
  })

  test('name no detail that the action has not', () => {
    for (const action of ALL_ACTIONS) {
      const filled = messageOf({ action, details: detailsOf(action) }, 'Firefox on Linux', locale)
      expect([action, filled.includes('…')]).toEqual([action, false])
    }
  })
})

test('say where somebody signed in, and why something was done as long as that is known', () => {
  const told = (action: AuditAction, details: object, device: string | null = null, locale = 'en') =>
    messageOf({ action, details: details as Record<string, unknown> }, device, locale)
  expect(told('session.started', {}, 'Firefox on Linux')).toBe('Signed in from Firefox on Linux.')
  expect(told('session.started', {}, 'Firefox on Linux', 'de')).toBe('Angemeldet von Firefox on Linux.')
  expect(told('session.started', {})).toBe('Signed in from a device that is not known.')
  expect(told('account.suspended', { reason: 'Sent spam.' })).toBe(
    'Somebody who looks after accounts suspended the account: Sent spam.',
  )
  expect(told('account.suspended', { until: null })).toBe(
    'Somebody who looks after accounts suspended the account.',
  )
  expect(told('recovery-code.used', { left: 0 })).toBe('A recovery code was used; 0 are left.')
  expect(told('preferences.updated', { keys: ['theme', 'language'] }, null, 'de')).toBe(
    'Einstellungen wurden geändert: theme, language.',
  )
})
