import type { DataSource } from 'typeorm'
import type { Keep } from '../config/config'
import type { Background } from '../core/background'
import type { Clock } from '../core/clock'
import type { IdentityProvider } from '../core/identity-provider'
import type { Mailer } from '../core/mail'
import type { Keyring } from '../crypto/keyring'
import type { BreachCheck } from '../crypto/breach-check'
import type { PasswordHasher } from '../crypto/password-hash'
import type { StrengthMeter } from '../crypto/strength-meter'
import type { Message } from './pub-sub'

/** What a process has one of, and lends to every request through its database handle. */
export interface Tools {
  source: DataSource
  clock: Clock
  keyring: Keyring
  hasher: PasswordHasher
  strength: StrengthMeter
  breaches: BreachCheck
  mailer: Mailer
  /** For what goes on after a request has been answered. */
  background: Background
  /** Whether the permissions of staff rest until they have signed in with two factors. */
  staffNeedSecondFactor: boolean
  /** Where the links in mails lead, without a trailing slash. */
  linkBase: string
  /** Who we are to authenticators (WebAuthn): the name of the site, and the origins whose pages speak for it. */
  relyingParty: { id: string; name: string; origins: readonly string[] }
  /** In whose name tokens for other services are issued, and for which. */
  serviceTokens: { issuer: string; audiences: readonly string[] }
  /**
   * Told of every message that this process has sent, once it is committed and before whoever caused it is answered: what a
   * process knows of its own doing it need not wait to hear.
   */
  onNotified?: (topic: string, message: Message) => void
  /** Where people may sign in besides here, by id. */
  identityProviders: ReadonlyMap<string, IdentityProvider>
  /** Where they are led back to: exact URLs, and our own page where nothing else is asked for; null where there is none. */
  redirects: { allowed: readonly string[]; ownPage: string | null }
  /** Where backups go, which of them stay, and the database that they are of; `ownerUrl` is null where this process has none. */
  backups: {
    folder: string
    isScheduled: boolean
    keep: Keep
    database: { appUrl: string; ownerUrl: string | null }
  }
  /** Told about an effect that failed after its transaction had committed. */
  onEffectError: (error: unknown) => void
}
