import { Audience } from '../../src/core/audience'
import { newId, type Id } from '../../src/core/id'
import type { Database } from '../../src/db/database'
import { Email } from '../../src/modules/email/email.entity'
import { EmailService } from '../../src/modules/email/email.service'
import { Password } from '../../src/modules/password/password.entity'
import { PasswordService } from '../../src/modules/password/password.service'
import { Post } from '../../src/modules/post/post.entity'
import { newPost, published } from '../../src/modules/post/new-post'
import { RoleGrantService } from '../../src/modules/role/role-grant.service'
import { SessionService } from '../../src/modules/session/session.service'
import { Transport } from '../../src/modules/session/transport'
import { User } from '../../src/modules/user/user.entity'
import { NOT_SUSPENDED } from '../../src/modules/user/user.repository'
import { UserService } from '../../src/modules/user/user.service'
import { UserStatus } from '../../src/modules/user/user-status'
import type { Tokens } from './load'

export const USERS = 1_000
/** Everybody's password: one hash serves all. */
export const PASSWORD = 'the same for everybody here'
const POSTS = 5_000
const ROWS_PER_STATEMENT = 500

const WORDS =
  'amber brook candle drift ember field glass harbour island juniper kettle lantern meadow night orchard pebble quiet river stone thistle umbrella valley willow yarrow'.split(
    ' ',
  )

/** The same people and posts in every run, and accounts that are signed in: their tokens. */
export async function seed(db: Database): Promise<Tokens> {
  const hash = await new PasswordService(db).hash(PASSWORD)
  return db.transaction(async (tx) => {
    const userIds = await seedUsers(tx)
    await seedPosts(tx, userIds)
    await seedPasswords(tx, userIds, hash)
    return {
      reader: await account(tx, 'reader', 'user'),
      admin: await account(tx, 'admin', 'admin'),
      writers: await writers(tx),
    }
  })
}

async function seedUsers(tx: Database): Promise<Id[]> {
  const users = Array.from({ length: USERS }, (_, number): User => {
    const createdAt = minutesBefore(tx.now, USERS - number + 60)
    return {
      id: newId(createdAt),
      username: `person${number}`,
      displayName: `${capital(word(number))} ${capital(word(number * 7 + 3))}`,
      bio: number % 3 === 0 ? sentence(number) : null,
      locale: 'en',
      timeZone: 'Europe/Berlin',
      status: number % 50 === 7 ? UserStatus.SUSPENDED : UserStatus.ACTIVE,
      lastSeenAt: number % 5 === 0 ? null : createdAt,
      lastSignInAt: null,
      credentialsFrozenUntil: null,
      invitedAt: null,
      restrictedAt: null,
      deactivatedAt: null,
      bioAudience: Audience.PUBLIC,
      avatarAudience: Audience.PUBLIC,
      lastSeenAudience: Audience.ONLY_ME,
      ...NOT_SUSPENDED,
      createdAt,
      updatedAt: createdAt,
      version: 1,
    }
  })
  const emails: Email[] = []
  for (const user of users) {
    const id = newId(user.createdAt)
    const address = `${user.username}@example.com`
    emails.push({
      id,
      userId: user.id,
      address: await tx.codec.seal(Email, 'address', { id, ownerId: user.id }, address),
      addressIndex: tx.codec.blindIndex(Email, 'address', address),
      isPrimary: true,
      verifiedAt: user.createdAt,
      primarySince: null,
      primaryUntil: null,
      replacedAt: null,
      bouncedAt: null,
      complainedAt: null,
      createdAt: user.createdAt,
    })
  }
  for (const rows of slices(users)) await tx.repo(User).insert(rows)
  for (const rows of slices(emails)) await tx.repo(Email).insert(rows)
  return users.map((user) => user.id)
}

async function seedPosts(tx: Database, authorIds: readonly Id[]): Promise<void> {
  const posts = Array.from({ length: POSTS }, (_, number): Post => {
    const at = minutesBefore(tx.now, POSTS - number + 1)
    const title = `${capital(word(number))} and ${word(number * 5 + 1)}`
    const isDraft = number % 10 === 9
    const draft = newPost(
      {
        authorId: authorIds[(number * 37) % authorIds.length]!,
        title,
        body: Array.from({ length: 4 }, (_, line) => sentence(number + line * 11)).join('\n'),
        tags: [word(number), word(number + 9)],
        language: 'en',
      },
      at,
    )
    // The same in every run.
    const slug = `${title.toLowerCase().replaceAll(' ', '-')}-${number}`
    return { ...draft, ...(!isDraft && published(at)), slug }
  })
  for (const rows of slices(posts)) await tx.repo(Post).insert(rows)
}

async function seedPasswords(tx: Database, userIds: readonly Id[], hash: string): Promise<void> {
  const passwords = userIds.map((userId): Password => {
    const none = { compromisedAt: null, resetRequiredAt: null }
    return { userId, hash, changedAt: tx.now, isShort: false, ...none }
  })
  for (const rows of slices(passwords)) await tx.repo(Password).insert(rows)
}

/** Somebody with a role and a session; returns its token. */
export async function account(tx: Database, username: string, role: 'user' | 'admin'): Promise<string> {
  const { id } = await new UserService(tx).create({
    id: newId(tx.now),
    username,
    displayName: capital(username),
    locale: 'en',
  })
  await new EmailService(tx).addPrimary(id, `${username}@example.com`)
  await new RoleGrantService(tx).grantBuiltIn(id, role)
  return (await new SessionService(tx).start(id, Transport.BEARER, 'Bench')).token
}

/** As many as write what a round asks for without anybody's being slowed down. */
async function writers(tx: Database): Promise<string[]> {
  const tokens: string[] = []
  for (let number = 0; number < 400; number++) tokens.push(await account(tx, `writer${number}`, 'user'))
  return tokens
}

const word = (number: number): string => WORDS[number % WORDS.length]!
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const sentence = (number: number): string =>
  capital(Array.from({ length: 9 }, (_, place) => word(number * 3 + place * place)).join(' ')) + '.'
const minutesBefore = (now: Date, minutes: number): Date => new Date(now.getTime() - minutes * 60_000)

function* slices<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT)
    yield rows.slice(start, start + ROWS_PER_STATEMENT)
}
