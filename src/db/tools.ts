import type { DataSource } from 'typeorm'
import type { Keep } from '../config/config'
import type { Background } from '../core/background'
import type { Clock } from '../core/clock'
import type { IdentityProvider } from '../core/identity-provider'
import type { DeliveryFailure } from '../core/delivery-failure'
import type { Mailer } from '../core/mail'
import type { ObjectStore } from '../core/object-store'
import type { ActivityDefinitions } from '../core/activity-definition'
import type { AttributeDefinitions } from '../core/attribute-definition'
import type { PreferenceDefinitions } from '../core/preference-definition'
import type { Purpose } from '../core/purpose'
import type { SmsSender } from '../core/sms'
import type { WebhookTransport } from '../core/webhook-transport'
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
  /** Null where the operator has named no provider of text messages. */
  sms: SmsSender | null
  /** Where text messages are sent that people ask for, as ISO 3166-1 alpha-2, null for everywhere; and how many to one country in a day (UTC). */
  textLimits: { countries: readonly string[] | null; perCountryAndDay: number }
  /** How many messages of each channel all processes together send in a second; null for as many as there are. */
  deliveryRates: Readonly<Record<'email' | 'sms', { perSecond: number } | null>>
  /** Told of a message that was refused for good. */
  onUndelivered?: (failure: DeliveryFailure) => void
  webhooks: WebhookTransport
  /** Where people's pictures are. */
  avatars: ObjectStore
  /** For what goes on after a request has been answered. */
  background: Background
  /** Whether the permissions of staff rest until they have signed in with two factors. */
  staffNeedSecondFactor: boolean
  /** Where the links in mails lead, without a trailing slash. */
  linkBase: string
  /** Where the application is, without a trailing slash; null where there is none yet. */
  appUrl: string | null
  /** Who we are to authenticators (WebAuthn): the name of the site, and the origins whose pages speak for it. */
  relyingParty: { id: string; name: string; origins: readonly string[] }
  /** Where clients reach us, without a trailing slash; in this name tokens and certificates are issued. */
  publicUrl: string
  /** What the application keeps about people. */
  attributes: AttributeDefinitions
  /** What people do that is worth knowing, and which share of the API's operations is recorded, from 0 to 1. */
  activity: { definitions: ActivityDefinitions; apiShare: number }
  /** Usernames that nobody chooses for themselves. */
  reservedUsernames: readonly string[]
  /** The services that tokens are issued for. */
  serviceAudiences: readonly string[]
  /** The ways in which people can react to what others have written. */
  reactions: readonly string[]
  /**
   * Told of every message that this process has sent, once it is committed and before whoever caused it is answered: what a
   * process knows of its own doing it need not wait to hear.
   */
  onNotified?: (topic: string, message: Message) => void
  /** What people are asked for, or may object to, by id. */
  purposes: ReadonlyMap<string, Purpose>
  /** The preferences that there are. */
  preferences: PreferenceDefinitions
  /** Where people may sign in besides here, by id. */
  identityProviders: ReadonlyMap<string, IdentityProvider>
  /** Where they are led back to: exact URLs, and our own page where nothing else is asked for; null where there is none. */
  redirects: { allowed: readonly string[]; ownPage: string | null }
  /** The connection strings of the database, for work on a connection of its own; `ownerUrl` is null where this process has none. */
  database: { appUrl: string; ownerUrl: string | null }
  /** Where backups go, and which of them stay. */
  backups: { folder: string; isScheduled: boolean; keep: Keep }
  /** Told about an effect that failed after its transaction had committed. */
  onEffectError: (error: unknown) => void
}
