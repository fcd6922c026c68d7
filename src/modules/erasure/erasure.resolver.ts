import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { defineNode } from '../../api/node'
import { OwnStatements } from '../../api/type'
import type { Context } from '../../context/context'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import type { ErasureEntry } from './erase'
import { erasureById, erasureByUser, type ErasureRow } from './erasure.loader'
import { CancelErasurePayload, RequestErasurePayload } from './erasure.payload'
import { ErasureService } from './erasure.service'
import { ErasureEntryType, ErasureType } from './erasure.type'

defineNode('erasure', 'Erasure', (context, id) => context.load(erasureById, id))

@Resolver(() => UserType)
export class ErasureResolver {
  @Action(() => RequestErasurePayload, {
    description:
      'Says that you want everything about you to be erased. It is done after 30 days; until then `cancelErasure` takes it back. `viewer { erasurePlan }` says what goes and what stays.',
  })
  async requestErasure(@Ctx() context: Context) {
    return done({ erasure: await context.use(ErasureService).request() })
  }

  @Action(() => CancelErasurePayload, { description: 'Takes back that you want to be erased.' })
  async cancelErasure(@Ctx() context: Context) {
    return done({ erasure: await context.use(ErasureService).cancel() })
  }

  @FieldResolver(() => ErasureType, {
    nullable: true,
    description:
      'The last time that this person wanted to be erased, taken back or not; null for never. Self, or `privacy:manage`.',
  })
  erasure(@Ctx() context: Context, @Root() { id }: UserRow): Promise<ErasureRow | null> {
    return context.load(erasureByUser, id)
  }

  // One for each table.
  @OwnStatements(25)
  @FieldResolver(() => [ErasureEntryType], {
    nullable: true,
    description:
      'What erasing this person would do at this moment: what is deleted, replaced or kept, on which basis, and how many rows. Self, or `privacy:manage`.',
  })
  erasurePlan(@Ctx() context: Context, @Root() { id }: UserRow): Promise<ErasureEntry[]> {
    return context.use(ErasureService).plan(id)
  }
}
