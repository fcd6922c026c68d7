import { NOBODY } from '../../api/input'
import { rejected, Rejected, UserErrorCode } from '../../core/error'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { addressProblem, normaliseAddress } from '../email/email-address'
import { EmailService } from '../email/email.service'
import { GroupService } from '../group/group.service'
import { RoleService } from '../role/role.service'
import { normaliseNumber, numberProblem } from '../phone/phone-number'
import { PhoneService } from '../phone/phone.service'
import type { UserRow } from '../user/user.loader'
import { UserService, type UserFilter, type UserOrder } from '../user/user.service'

export interface PeopleFilter extends Omit<UserFilter, 'id' | 'ids'> {
  /** An e-mail address, however it is spelled. */
  email?: string
  /** A phone number with the code of its country, however it is written. */
  phone?: string
}

/** People, found by all that is known of them. */
export class PeopleService {
  private readonly users: UserService

  constructor(private readonly db: Database) {
    this.users = new UserService(db)
  }

  /** @throws Rejected INVALID where `email` or `phone` is none. */
  async list(filter: PeopleFilter, order: UserOrder, page: PageRequest): Promise<Page<UserRow>> {
    return this.users.list(await this.resolve(filter), order, page)
  }

  /** @throws Rejected as `list` does. */
  async count(filter: PeopleFilter): Promise<number> {
    return this.users.count(await this.resolve(filter))
  }

  /**
   * The same filter by what is stored of people.
   * @throws Rejected INVALID where `email` or `phone` is none.
   */
  async resolve({ email, phone, ...filter }: PeopleFilter): Promise<UserFilter> {
    const [address, number] = [email && normaliseAddress(email), phone && normaliseNumber(phone)]
    if (address === null) throw new Rejected({ ...addressProblem('email'), field: ['filter', 'email'] })
    if (number === null) throw new Rejected(numberProblem(['filter', 'phone']))
    return {
      ...filter,
      ...(address && { id: (await new EmailService(this.db).ownerOf(address)) ?? NOBODY }),
      ...(number && { ids: await new PhoneService(this.db).ownersOf(number) }),
    }
  }

  /**
   * The same filter for whoever does something to all whom it finds: left empty by mistake, it would be about everybody.
   * @param place where it stands in the input
   * @throws Rejected REQUIRED where it says nothing, INVALID where `email` is none; NOT_FOUND for a role or a group that is not there
   */
  async resolveAll(filter: PeopleFilter, place: readonly string[]): Promise<UserFilter> {
    const given = Object.entries(filter).filter(([, value]) => value != null)
    const wrong = (code: UserErrorCode, field: readonly string[], message: string) =>
      rejected([...field], code, message)
    if (given.length === 0)
      throw wrong(UserErrorCode.REQUIRED, place, 'Say which people; for everybody, give `createdBefore`.')
    const empty = given.find(([, value]) => value === '')
    if (empty)
      throw wrong(UserErrorCode.REQUIRED, [...place, empty[0]], 'This must not be empty; leave it out.')
    const missing = await this.missingIn(filter)
    if (missing)
      throw wrong(UserErrorCode.NOT_FOUND, [...place, missing], `There is no such ${NAMES[missing]}.`)
    try {
      return await this.resolve(filter)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      const [problem] = error.problems
      throw wrong(problem!.code, [...place, problem!.field.at(-1)!], problem!.message)
    }
  }

  /** Whether the role and the group are there that a filter names. */
  async isThere(filter: Pick<UserFilter, 'roleId' | 'groupId'>): Promise<boolean> {
    return (await this.missingIn(filter)) === null
  }

  private async missingIn({
    roleId,
    groupId,
  }: Pick<UserFilter, 'roleId' | 'groupId'>): Promise<keyof typeof NAMES | null> {
    if (roleId && !(await new RoleService(this.db).exists(roleId))) return 'roleId'
    if (groupId && !(await new GroupService(this.db).exists(groupId))) return 'groupId'
    return null
  }
}

const NAMES = { roleId: 'role', groupId: 'group' } as const
