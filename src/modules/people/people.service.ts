import { NOBODY } from '../../api/input'
import { Rejected } from '../../core/error'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { addressProblem, normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import type { UserRow } from '../user/user.loader'
import { UserService, type UserFilter, type UserOrder } from '../user/user.service'

export interface PeopleFilter extends Omit<UserFilter, 'id'> {
  /** An e-mail address, however it is spelled. */
  email?: string
}

/** People, found by all that is known of them. */
export class PeopleService {
  private readonly users: UserService

  constructor(private readonly db: Database) {
    this.users = new UserService(db)
  }

  /** @throws Rejected INVALID where `email` is none. */
  async list(filter: PeopleFilter, order: UserOrder, page: PageRequest): Promise<Page<UserRow>> {
    return this.users.list(await this.resolve(filter), order, page)
  }

  /** @throws Rejected as `list` does. */
  async count(filter: PeopleFilter): Promise<number> {
    return this.users.count(await this.resolve(filter))
  }

  /**
   * The same filter by what is stored of people.
   * @throws Rejected INVALID where `email` is none.
   */
  async resolve({ email, ...filter }: PeopleFilter): Promise<UserFilter> {
    if (!email) return filter
    const address = normaliseAddress(email)
    if (address === null) throw new Rejected({ ...addressProblem('email'), field: ['filter', 'email'] })
    return { ...filter, id: (await new EmailService(this.db).ownerOf(address)) ?? NOBODY }
  }
}
