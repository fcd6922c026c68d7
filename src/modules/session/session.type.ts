import { registerEnumType } from 'type-graphql'
import { connectionOf } from '../../api/connection'
import { Node } from '../../api/node'
import { GlobalId, Shown, Type } from '../../api/type'
import { AuthenticationMethod } from './authentication-method'
import { EndReason } from './end-reason'
import { Transport } from './transport'
import type { SessionRow } from './session.repository'

registerEnumType(Transport, {
  name: 'Transport',
  description: 'How a client carries its token.',
  valuesConfig: {
    BEARER: {
      description: 'In the header `Authorization: Bearer <token>`; for mobile apps, servers and scripts.',
    },
    COOKIE: {
      description: 'In the cookie `__Host-portico`, which scripts in the page cannot read; for browsers.',
    },
  },
})

registerEnumType(EndReason, {
  name: 'SessionEndReason',
  description: 'Why a session ended.',
  valuesConfig: {
    SIGNED_OUT: { description: 'The person signed out.' },
    REVOKED: { description: 'The person ended it from another session.' },
    REVOKED_BY_STAFF: { description: 'Staff ended it.' },
    PASSWORD_CHANGED: { description: 'The person changed the password from another session.' },
    FACTOR_CHANGED: { description: 'The person changed a second factor from another session.' },
    PASSWORD_RESET_REQUIRED: { description: 'Staff asked for another password.' },
    SUSPENDED: { description: 'Staff suspended the account.' },
    DEACTIVATED: { description: 'The person deactivated their account.' },
    ERASED: { description: 'The person was erased.' },
    PASSWORD_RESET: { description: 'The password was reset with the proof from a mail.' },
    TOKEN_REUSED: { description: 'A token that had been superseded was used; it may have been stolen.' },
    EXPIRED: { description: 'It had lasted as long as a session may.' },
    IDLE: { description: 'It was not used for as long as a session may rest.' },
    EMAIL_CHANGED: { description: 'The person changed the e-mail address from another session.' },
    DISOWNED: {
      description:
        'The person said that something was not them, or took a change of the e-mail address back.',
    },
  },
})

@Type(
  'Session',
  'A sign-in on one device, listed until 90 days after its end. Visible to its holder and to holders of `sessions:read`.',
  { implements: Node },
)
export class SessionType implements Omit<SessionRow, 'userId' | 'impersonatorId' | 'address'> {
  @GlobalId('session')
  id!: string

  @Shown(() => Transport, 'How the client carries the token.')
  transport!: Transport

  @Shown(() => [AuthenticationMethod], 'How the person has proven who they are in this session.')
  methods!: AuthenticationMethod[]

  @Shown(
    () => String,
    'What the device was called at sign-in, by the client or else after its browser and system.',
  )
  deviceName!: string

  @Shown(() => Date, 'When the person signed in.')
  createdAt!: Date

  @Shown(() => Date, 'When the person last proved who they are in this session.')
  authenticatedAt!: Date

  @Shown(() => Date, 'When it was last used, to the minute.')
  lastSeenAt!: Date

  @Shown(() => Date, 'When it ends at the latest.')
  expiresAt!: Date

  @Shown(() => Date, 'When it ended; null while it is open.', true)
  endedAt!: Date | null

  @Shown(() => EndReason, 'Why it ended; null while it is open.', true)
  endReason!: EndReason | null
}

export const SessionConnection = connectionOf('Session', () => SessionType)

export enum SessionChangeKind {
  STARTED = 'started',
  RENEWED = 'renewed',
  ENDED = 'ended',
}

registerEnumType(SessionChangeKind, {
  name: 'SessionChangeKind',
  description: 'What happened to a session.',
  valuesConfig: {
    STARTED: { description: 'Somebody signed in.' },
    RENEWED: {
      description: 'The session has a new token, on request or because its holder proved again who they are.',
    },
    ENDED: { description: 'It was ended.' },
  },
})

@Type('SessionChange', "A change among the viewer's sessions.")
export class SessionChange {
  @Shown(() => SessionChangeKind, 'What happened.')
  kind!: SessionChangeKind

  @Shown(() => SessionType, 'The session that it happened to, as it is now.', true)
  session!: SessionType | null
}
