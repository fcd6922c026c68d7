import { idOf } from '../core/id'
import type { Database } from '../db/database'
import type { UserRow } from '../modules/user/user.loader'
import { UserService } from '../modules/user/user.service'

/** The person whom a word of the command line names: a username, or an id as clients see it. @throws Error where there is none. */
export async function personOf(db: Database, word: string): Promise<UserRow> {
  const users = new UserService(db)
  const id = idOf('user', word)
  const person = id === null ? await users.findByUsername(word) : await users.lookup(id)
  if (!person) throw new Error(`There is nobody whose username or id is “${word}”.`)
  return person
}
