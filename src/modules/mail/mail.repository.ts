import type { Id } from '../../core/id'
import type { Database } from '../../db/database'
import { isHidden } from '../../db/reach'
import { isActive } from '../user/user-status'
import type { Reader } from './mail-template'

/** Somebody to write to, their address as it is stored. */
export interface RecipientRow extends Reader {
  emailId: Id
  address: Buffer
  addressIndex: Buffer
  /** Whether their data is kept and no more, or they have deactivated their account. */
  isHidden: boolean
  /** What the acting session's device is called. */
  device: string | null
}

const RECIPIENT = `
  SELECT person.locale, person.time_zone AS "timeZone", email.id AS "emailId", email.address,
    email.address_index AS "addressIndex", acting.device_name AS device,
    ${isHidden('person')} AS "isHidden"
  FROM users person
  JOIN emails email ON email.user_id = person.id AND email.is_primary
  LEFT JOIN sessions acting ON acting.id = $2 AND acting.user_id = person.id
  WHERE person.id = $1`

/**
 * The one question of a mail: whom does it go to, and how are they written to?
 * @visibility where a mail goes, which nobody is told
 */
export class MailRepository {
  constructor(private readonly db: Database) {}

  async findRecipient(userId: Id): Promise<RecipientRow | null> {
    const { viewer } = this.db.caller
    const sessionId = viewer.kind === 'signed-in' ? viewer.sessionId : null
    const [row] = await this.db.query<RecipientRow>(RECIPIENT, [userId, sessionId])
    return row ?? null
  }

  /** Whether somebody may be written to by now about what they can do without; who is gone is neither active nor hidden. */
  async standingOf(userId: Id): Promise<{ isActive: boolean; isHidden: boolean }> {
    const [row] = await this.db.query<{ isActive: boolean; isHidden: boolean }>(
      `SELECT ${isActive('person', '$2')} AS "isActive", ${isHidden('person')} AS "isHidden" FROM users person WHERE id = $1`,
      [userId, this.db.now],
    )
    return row ?? { isActive: false, isHidden: false }
  }
}
