import { randomBytes } from 'node:crypto'
import { later, MINUTE } from '../../core/clock'
import { ApiError } from '../../core/error'
import { toGlobalId, type Id } from '../../core/id'
import { requireSession } from '../../core/viewer'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { UserService } from '../user/user.service'
import type { AvatarSquares } from './avatar-image'
import { AvatarLeftoverRepository } from './avatar-leftover.repository'
import { AVATAR_SIZES, AVATAR_TYPE, AvatarSize, objectName, parseObjectName } from './avatar-size'
import { AvatarRepository, type AvatarRow } from './avatar.repository'
import { removeAvatarLeftovers } from './avatar.task'

export type { AvatarRow }

/** Where pictures are, after PUBLIC_URL; the name of a file follows. */
export const AVATARS_PATH = '/avatars'

/** How long an upload has to become somebody's picture, in milliseconds. */
const TO_BECOME = 15 * MINUTE

/** The pictures that people show of themselves. */
export class AvatarService {
  private readonly avatars: AvatarRepository

  constructor(private readonly db: Database) {
    this.avatars = new AvatarRepository(db)
  }

  /** The pictures of these people, as far as they are shown. */
  async shownOf(userIds: readonly Id[]): Promise<AvatarRow[]> {
    return this.avatars.findShown(userIds)
  }

  /** Where a picture is, for whoever looks at it. */
  urlOf({ fileKey }: Pick<AvatarRow, 'fileKey'>, size: AvatarSize): string {
    return `${this.db.tools.publicUrl}${AVATARS_PATH}/${objectName(fileKey, size)}`
  }

  /** The bytes of a file by its name; null for a picture that nobody shows, or shows no more. */
  async read(name: string): Promise<Buffer | null> {
    const named = parseObjectName(name)
    if (named === null || !(await this.avatars.isShown(named.fileKey))) return null
    return this.db.tools.avatars.read(name)
  }

  /** The largest picture of somebody, shown or not; null where there is none. Whose it is, the caller asks. */
  async pictureOf(userId: Id): Promise<Buffer | null> {
    const avatar = await this.avatars.findOf(userId)
    return avatar && this.db.tools.avatars.read(objectName(avatar.fileKey, AvatarSize.LARGE))
  }

  /**
   * Makes this the viewer's picture, in place of an older one, whose files are removed. What is written and becomes nobody's picture,
   * because something goes wrong on the way, is removed as well.
   * @throws ApiError UNAUTHENTICATED when the account has been closed meanwhile, UNAVAILABLE when the store cannot be reached.
   */
  async change(squares: AvatarSquares): Promise<AvatarRow> {
    const { userId } = requireSession(this.db.caller.viewer)
    const fileKey = randomBytes(16).toString('hex')
    const leftovers = new AvatarLeftoverRepository(this.db)
    // Before they are written: so that they are found, whatever happens next.
    await leftovers.reserve(fileKey, later(this.db.now, TO_BECOME))
    try {
      await this.write(fileKey, squares)
      await this.db.transaction(async (tx) => {
        if (!(await new UserService(tx).holdActive(userId)))
          throw new ApiError('UNAUTHENTICATED', 'Sign in first.')
        if (!(await new AvatarLeftoverRepository(tx).claim(fileKey))) throw tooLate()
        await new AvatarRepository(tx).put({ userId, fileKey, changedAt: tx.now })
        await new AuditService(tx).record('profile.avatar-changed', { target: toGlobalId('user', userId) })
        await tx.enqueue(removeAvatarLeftovers, {}, { key: 'all' })
      })
    } catch (error) {
      // Where even that fails, its time runs out.
      await leftovers.release(fileKey).catch(() => undefined)
      throw error
    }
    return { userId, fileKey }
  }

  private async write(fileKey: string, squares: AvatarSquares): Promise<void> {
    const { avatars } = this.db.tools
    try {
      for (const size of AVATAR_SIZES)
        await avatars.put(objectName(fileKey, size), squares[size], AVATAR_TYPE)
    } catch (error) {
      throw Object.assign(tooLate(), { cause: error })
    }
  }

  /** Removes the viewer's own picture, if there is one. */
  async remove(): Promise<Id> {
    const { userId } = requireSession(this.db.caller.viewer)
    await this.removeOf(userId, null)
    return userId
  }

  /** Removes somebody's picture, if there is one. Whether the viewer may, the caller asks. */
  async removeOf(userId: Id, reason: string | null): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await new AvatarRepository(tx).removeOf(userId))) return
      await new AuditService(tx).record('profile.avatar-removed', {
        subjectId: userId,
        target: toGlobalId('user', userId),
        details: { reason },
      })
      await tx.enqueue(removeAvatarLeftovers, {}, { key: 'all' })
    })
  }
}

const tooLate = (): ApiError =>
  new ApiError('UNAVAILABLE', 'The picture cannot be stored at the moment. Try again shortly.')
