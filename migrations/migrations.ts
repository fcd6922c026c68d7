import { Foundation1763990000000 } from './1763990000000-foundation'
import { SignIn1764000000000 } from './1764000000000-sign-in'
import { SecondFactors1764100000000 } from './1764100000000-second-factors'
import { Recovery1764400000000 } from './1764400000000-recovery'

/** Every migration, oldest first. Append-only: what has been released is never changed, only followed. */
export const migrations = [
  Foundation1763990000000,
  SignIn1764000000000,
  SecondFactors1764100000000,
  Recovery1764400000000,
]
