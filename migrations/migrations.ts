import { Foundation1763990000000 } from './1763990000000-foundation'
import { SignIn1764000000000 } from './1764000000000-sign-in'
import { Imports1764030000000 } from './1764030000000-imports'

/** Every migration, oldest first. Append-only: what has been released is never changed, only followed. */
export const migrations = [Foundation1763990000000, SignIn1764000000000, Imports1764030000000]
