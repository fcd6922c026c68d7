import { Foundation1763990000000 } from './1763990000000-foundation'
import { SignIn1764000000000 } from './1764000000000-sign-in'
import { SecondFactors1764100000000 } from './1764100000000-second-factors'
import { Identities1764300000000 } from './1764300000000-identities'

/** Every migration, oldest first. Append-only: what has been released is never changed, only followed. */
export const migrations = [
  Foundation1763990000000,
  SignIn1764000000000,
  SecondFactors1764100000000,
  Identities1764300000000,
]
