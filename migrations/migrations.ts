import { Foundation1763990000000 } from './1763990000000-foundation'
import { SignIn1764000000000 } from './1764000000000-sign-in'
import { SessionLifeCycle1764000300000 } from './1764000300000-session-life-cycle'
import { Imports1764030000000 } from './1764030000000-imports'
import { Passwords1764100000000 } from './1764100000000-passwords'
import { SecondFactors1764200000000 } from './1764200000000-second-factors'
import { Identities1764300000000 } from './1764300000000-identities'
import { Recovery1764400000000 } from './1764400000000-recovery'
import { AccessTokens1764500000000 } from './1764500000000-access-tokens'
import { RecoveryCodesAge1764600000000 } from './1764600000000-recovery-codes-age'
import { Groups1764700000000 } from './1764700000000-groups'
import { JobQueue1764720000000 } from './1764720000000-job-queue'
import { Impersonation1764750000000 } from './1764750000000-impersonation'
import { Administration1764800000000 } from './1764800000000-administration'
import { Search1765000000000 } from './1765000000000-search'
import { PersonalDetails1765100000000 } from './1765100000000-personal-details'
import { BulkJobs1765110000000 } from './1765110000000-bulk-jobs'
import { SearchStatus1765120000000 } from './1765120000000-search-status'
import { Backups1767000000000 } from './1767000000000-backups'

/** Every migration, oldest first. Append-only: what has been released is never changed, only followed. */
export const migrations = [
  Foundation1763990000000,
  SignIn1764000000000,
  SessionLifeCycle1764000300000,
  Imports1764030000000,
  Passwords1764100000000,
  SecondFactors1764200000000,
  Identities1764300000000,
  Recovery1764400000000,
  AccessTokens1764500000000,
  RecoveryCodesAge1764600000000,
  Groups1764700000000,
  JobQueue1764720000000,
  Impersonation1764750000000,
  Administration1764800000000,
  Search1765000000000,
  PersonalDetails1765100000000,
  BulkJobs1765110000000,
  SearchStatus1765120000000,
  Backups1767000000000,
]
