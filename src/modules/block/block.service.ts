import { rejected, UserErrorCode } from '../../core/error'
import { newId, toGlobalId, type Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import { requireSession, requireSignedIn } from '../../core/viewer'
import { Change } from '../../db/change'
import type { Database } from '../../db/database'
import { AuditService } from '../audit/audit.service'
import { ThrottleService } from '../throttle/throttle.service'
import { UserService } from '../user/user.service'
import { BlockKind } from './block-kind'
import { BlockRepository, type BlockRow } from './block.repository'

/** How many people somebody blocks at most, and how many they mute. */
const MAX_BLOCKS = 1_000

const EVENTS = {
  [BlockKind.BLOCKED]: ['user.blocked', 'user.unblocked'],
  [BlockKind.MUTED]: ['user.muted', 'user.unmuted'],
} as const

/** A block that has come, or has gone. */
export interface BlockChange {
  personId: Id
  blockedId: Id
}

/** A block comes or goes. Its transaction holds the row of whoever blocks. */
export const blocksChange = new Change<BlockChange>()

/**
 * Whom people have blocked and muted. Whoever is blocked is told nothing: what they do answers as if the other person were not there,
 * or as if it had been done, and is kept away from them.
 */
export class BlockService {
  private readonly blocks: BlockRepository

  constructor(private readonly db: Database) {
    this.blocks = new BlockRepository(db)
  }

  async list(personId: Id, kind: BlockKind, page: PageRequest): Promise<Page<BlockRow>> {
    return this.blocks.list(personId, kind, page)
  }

  async count(personId: Id, kind: BlockKind): Promise<number> {
    return this.blocks.count(personId, kind)
  }

  /** Which of these people the viewer has blocked. */
  async blockedAmong(people: readonly Id[]): Promise<Id[]> {
    return this.blocks.blockedBy(requireSession(this.db.caller.viewer).userId, people)
  }

  /** Which of these people have blocked the viewer, which is theirs to know: it decides what is kept away, and is never answered. */
  async blockersAmong(people: readonly Id[]): Promise<Id[]> {
    return this.blocks.blockersOf(requireSignedIn(this.db.caller.viewer).userId, people)
  }

  /** Nobody of these has blocked the viewer, who is not told which of them has. @throws Rejected NOT_PERMITTED */
  async assertNotKeptAway(people: readonly Id[], field: string | string[]): Promise<void> {
    if ((await this.blockersAmong(people)).length > 0)
      throw rejected(field, UserErrorCode.NOT_PERMITTED, 'You cannot add anything here.')
  }

  /** The viewer has blocked nobody of these. @throws Rejected NOT_PERMITTED */
  async assertBlocksNone(people: readonly Id[], field: string | string[]): Promise<void> {
    if ((await this.blockedAmong(people)).length === 0) return
    throw rejected(field, UserErrorCode.NOT_PERMITTED, 'You have blocked this person. Unblock them first.')
  }

  /** Blocks somebody; one who is blocked stays so. @throws ApiError RATE_LIMITED; Rejected NOT_FOUND; NOT_PERMITTED of oneself, and of too many. */
  async block(userId: Id): Promise<BlockRow> {
    return this.add(BlockKind.BLOCKED, userId, null)
  }

  /** Takes a block back; whoever is not blocked stays so. @throws ApiError RATE_LIMITED; Rejected NOT_FOUND */
  async unblock(userId: Id): Promise<Id> {
    return this.remove(BlockKind.BLOCKED, userId)
  }

  /**
   * Mutes somebody until a moment, or until it is taken back; of one who is muted the end changes.
   * @throws ApiError RATE_LIMITED; Rejected NOT_FOUND; INVALID for an end that has passed; NOT_PERMITTED of oneself, and of too many.
   */
  async mute(userId: Id, until: Date | null): Promise<BlockRow> {
    if (until && until <= this.db.now)
      throw rejected('until', UserErrorCode.INVALID, 'This moment has passed. Choose a later one, or none.')
    return this.add(BlockKind.MUTED, userId, until)
  }

  /** Takes it back; whoever is not muted stays so. @throws ApiError RATE_LIMITED; Rejected NOT_FOUND */
  async unmute(userId: Id): Promise<Id> {
    return this.remove(BlockKind.MUTED, userId)
  }

  private async add(kind: BlockKind, blockedId: Id, endsAt: Date | null): Promise<BlockRow> {
    const { userId: personId } = requireSession(this.db.caller.viewer)
    if (personId === blockedId)
      throw rejected('userId', UserErrorCode.NOT_PERMITTED, 'Nobody blocks or mutes themselves.')
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      const blocks = new BlockRepository(tx)
      // Those of one person take turns, so that the limit holds; so does what reaches them meanwhile.
      await new UserService(tx).hold(personId)
      if (!(await new UserService(tx).isShown(blockedId))) throw noSuchPerson()
      await blocks.removeOver(personId)
      const present = await blocks.find(personId, kind, blockedId)
      if (present && present.endsAt?.getTime() === endsAt?.getTime()) return present
      const block: BlockRow = present
        ? { ...present, endsAt }
        : { id: newId(tx.now), personId, blockedId, kind, endsAt, createdAt: tx.now }
      if (present) await blocks.save(block)
      else {
        if ((await blocks.countOf(personId, kind)) >= MAX_BLOCKS) throw tooMany()
        await blocks.add(block)
      }
      await record(tx, EVENTS[kind][0], blockedId)
      if (kind === BlockKind.BLOCKED) await blocksChange.make(tx, block)
      return block
    })
  }

  private async remove(kind: BlockKind, blockedId: Id): Promise<Id> {
    const { userId: personId } = requireSession(this.db.caller.viewer)
    await new ThrottleService(this.db).tryWriting()
    return this.db.transaction(async (tx) => {
      const blocks = new BlockRepository(tx)
      await new UserService(tx).hold(personId)
      const block = await blocks.find(personId, kind, blockedId)
      // Whoever is not there any more can be unblocked all the same.
      if (!block && !(await new UserService(tx).isShown(blockedId))) throw noSuchPerson()
      if (!block) return blockedId
      await blocks.remove(block.id)
      await record(tx, EVENTS[kind][1], blockedId)
      if (kind === BlockKind.BLOCKED) await blocksChange.make(tx, block)
      return blockedId
    })
  }
}

async function record(
  tx: Database,
  action: (typeof EVENTS)[BlockKind][number],
  blockedId: Id,
): Promise<void> {
  // An event of whoever does it: the other person does not find it in their own trail.
  await new AuditService(tx).record(action, { target: toGlobalId('user', blockedId) })
}

const noSuchPerson = () => rejected('userId', UserErrorCode.NOT_FOUND, 'There is no such person.')

const tooMany = () =>
  rejected(
    'userId',
    UserErrorCode.NOT_PERMITTED,
    `You have as many as can be kept, ${MAX_BLOCKS}. Take one back first.`,
  )
