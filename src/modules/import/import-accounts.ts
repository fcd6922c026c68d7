import { newId } from '../../core/id'
import type { Database } from '../../db/database'
import { AttributeService } from '../attribute/attribute.service'
import { createAccounts, type NewAccount } from '../authentication/create-account'
import { EmailService } from '../email/email.service'
import { PreferenceService } from '../preference/preference.service'
import type { RoleRow } from '../role/role.loader'
import { RoleGrantService } from '../role/role-grant.service'
import { RoleService } from '../role/role.service'
import { UserService } from '../user/user.service'

/** Why somebody cannot be imported: what is wrong with which field, for a program and for a person. */
export interface Refusal {
  field: string
  code: string
  message: string
}

/** Somebody with an account in another system, held to all rules that need no database. */
export interface Newcomer extends Omit<NewAccount, 'id' | 'username' | 'displayName'> {
  /** The username where nothing is said. */
  displayName?: string
  /** The username, or several of which the first free one is taken. */
  usernames: readonly string[]
  /** Names of roles besides `user`, however they are spelled. */
  roles: readonly string[]
  preferences: readonly { key: string; value: unknown }[]
  attributes: readonly { key: string; value: unknown }[]
}

/** A newcomer for whom there is a place. */
export interface Admitted {
  account: Omit<NewAccount, 'id'>
  roles: readonly RoleRow[]
  preferences: Newcomer['preferences']
  attributes: Newcomer['attributes']
}

/** Names and addresses that are spoken for, though the database does not know them yet. */
export interface Spoken {
  has(name: string): boolean
  add(name: string): unknown
}

/** Decides about newcomers in their order: an admission, or what speaks against it. Nothing is written but to `spoken`. */
export async function admit(
  db: Database,
  newcomers: readonly Newcomer[],
  { allowStaff, spoken }: { allowStaff: boolean; spoken: Spoken },
): Promise<(Admitted | Refusal[])[]> {
  const roles = new Map(
    (await new RoleService(db).list()).map((role) => [role.name.toLowerCase(), role] as const),
  )
  const usernames = newcomers.flatMap((newcomer) => newcomer.usernames)
  const takenUsernames = new Set(await new UserService(db).takenUsernames(usernames))
  const addresses = newcomers.map(({ address }) => address)
  const takenAddresses = new Set(await new EmailService(db).takenAddresses(addresses))

  return newcomers.map(({ usernames: names, roles: roleNames, preferences, attributes, ...profile }) => {
    const username = names.find((name) => !takenUsernames.has(name) && !spoken.has(name))
    const refusals: Refusal[] = []
    if (username === undefined) {
      refusals.push({ field: 'username', code: 'TAKEN', message: 'Somebody has this username already.' })
    }
    if (takenAddresses.has(profile.address) || spoken.has(profile.address)) {
      refusals.push({ field: 'email', code: 'TAKEN', message: 'Somebody has this address already.' })
    }
    const granted = new Map<string, RoleRow>()
    for (const name of roleNames) {
      const role = roles.get(name.trim().toLowerCase())
      if (!role) {
        const message = `There is no role ${JSON.stringify(name)}. Make it first, or leave it out.`
        refusals.push({ field: 'roles', code: 'NOT_FOUND', message })
      } else if (role.permissions.length > 0 && !allowStaff) {
        const message = `The role ${JSON.stringify(role.name)} carries permissions over other people. Allow that for the import, or grant it by hand.`
        refusals.push({ field: 'roles', code: 'NOT_PERMITTED', message })
      } else if (role.name !== 'user') granted.set(role.id, role)
    }
    if (username === undefined || refusals.length > 0) return refusals
    spoken.add(username)
    spoken.add(profile.address)
    return {
      account: { ...profile, username, displayName: profile.displayName ?? username },
      roles: [...granted.values()],
      preferences,
      attributes,
    }
  })
}

/** Makes the accounts of the admitted, with all that they bring along. @throws Rejected TAKEN when others were faster. */
export async function importAccounts(tx: Database, admitted: readonly Admitted[]): Promise<void> {
  if (admitted.length === 0) return
  const people = admitted.map((person) => ({ ...person, userId: newId(tx.now) }))
  await createAccounts(
    tx,
    people.map(({ account, userId }) => ({ ...account, id: userId })),
    'account.imported',
    null,
  )
  await new RoleGrantService(tx).grantToNew(
    people.flatMap(({ userId, roles }) => roles.map((role) => ({ userId, role }))),
  )
  await new PreferenceService(tx).add(
    people.flatMap(({ userId, preferences }) => preferences.map((preference) => ({ userId, ...preference }))),
  )
  await new AttributeService(tx).add(
    people.flatMap(({ userId, attributes }) => attributes.map((attribute) => ({ userId, ...attribute }))),
  )
}
