import { generateSecret, generateURI, NobleCryptoPlugin, ScureBase32Plugin, verifySync } from 'otplib'

/** Length of a time step, in seconds (RFC 6238 §4.1). */
export const TOTP_PERIOD = 30

/** Secrets of 160 bits, the length that RFC 4226 §4 recommends. */
const SECRET_BYTES = 20

const plugins = { crypto: new NobleCryptoPlugin(), base32: new ScureBase32Plugin() }

/** A new secret for an authenticator app, in base32. */
export const newTotpSecret = (): string => generateSecret({ ...plugins, length: SECRET_BYTES })

/** The secret as authenticator apps read it from a QR code: `otpauth://totp/…`. */
export const totpUri = (secret: string, issuer: string, label: string): string =>
  generateURI({ strategy: 'totp', issuer, label, secret })

/**
 * The time step whose code this is, or null for a wrong one. Codes of the step before and after count too, for clocks that
 * differ and people who type slowly (RFC 6238 §5.2); one of step `after` or earlier was used before and does not.
 */
export function totpStep(secret: string, code: string, now: Date, after: number | null): number | null {
  const digits = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(digits)) return null
  const result = verifySync({
    ...plugins,
    strategy: 'totp',
    secret,
    token: digits,
    epoch: Math.floor(now.getTime() / 1_000),
    period: TOTP_PERIOD,
    epochTolerance: TOTP_PERIOD,
  })
  if (!result.valid || !('timeStep' in result)) return null
  return after === null || result.timeStep > after ? result.timeStep : null
}
