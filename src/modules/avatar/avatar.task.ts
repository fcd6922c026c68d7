import { defineTask } from '../../db/task'
import { AvatarLeftoverRepository } from './avatar-leftover.repository'
import { AVATAR_SIZES, objectName } from './avatar-size'

/** Removes the files of pictures that nobody has any more, one picture at a time; what cannot be removed now is tried again. */
export const removeAvatarLeftovers = defineTask({
  name: 'avatar:remove-leftovers',
  // Each minute: whoever has been erased is not to wait for it.
  schedule: '* * * * *',
  work: async ({ db, stopping }) => {
    let isMore = true
    while (isMore) {
      stopping.throwIfAborted()
      isMore = await db.transaction(async (tx) => {
        const leftovers = new AvatarLeftoverRepository(tx)
        const fileKey = await leftovers.lockNext()
        if (fileKey === null) return false
        for (const size of AVATAR_SIZES) await tx.tools.avatars.remove(objectName(fileKey, size))
        await leftovers.forget(fileKey)
        return true
      })
    }
  },
})
