import { Foundation1763990000000 } from './1763990000000-foundation'

/** Every migration, oldest first. Append-only: what has been released is never changed, only followed. */
export const migrations = [Foundation1763990000000]
