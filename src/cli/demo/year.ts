import { authorityOf } from '../../core/authority'
import { anonymous, type SignedIn } from '../../core/viewer'
import { DAY, HOUR, later, MINUTE, type Clock } from '../../core/clock'
import { newId, type Id } from '../../core/id'
import type { Database } from '../../db/database'
import { AuditService } from '../../modules/audit/audit.service'
import { createAccount } from '../../modules/authentication/create-account'
import { CommentService } from '../../modules/comment/comment.service'
import { PostService } from '../../modules/post/post.service'
import { PreferenceService } from '../../modules/preference/preference.service'
import { BUILT_IN_ROLES, type BuiltInRoleName } from '../../modules/role/built-in-role'
import { ReactionService } from '../../modules/reaction/reaction.service'
import { RoleGrantService } from '../../modules/role/role-grant.service'
import { SessionService } from '../../modules/session/session.service'
import { Transport } from '../../modules/session/transport'
import { UserService } from '../../modules/user/user.service'
import type { DemoPerson } from './people'
import { Dice } from './dice'
import { ANSWERS, REPLIES, TOPICS, type Topic } from './texts'

/** A clock that shows whatever moment is being told. */
export class StoryClock implements Clock {
  moment = new Date(0)

  now(): Date {
    return this.moment
  }
}

/** Somebody in the story: where they live, what they hold, and the database as they see it at the moment. */
interface Character extends DemoPerson {
  id: Id
  role: BuiltInRoleName
  address: string
  joinedAt: Date
  db: Database
  sessionId: Id | null
}

interface Happening {
  at: Date
  tell: () => Promise<unknown>
}

const DEVICES = [
  'Firefox on Linux',
  'Safari on iPhone',
  'Chrome on Android',
  'Safari on iPad',
  'Edge on Windows',
  'Chrome on macOS',
  'Firefox on Android',
]

/**
 * A year in which people join, sign in, set preferences and write, told through the services, so that every event, key
 * and rule of it is real. The same dice tell the same year; only ids, tokens and keys differ.
 */
export class Year {
  private readonly dice = new Dice(20_251_101)
  private readonly shape = new Dice(7)
  private readonly talk = new Dice(11)
  private readonly happenings: Happening[] = []
  private readonly lastSeen = new Map<Id, Date>()

  constructor(
    private readonly tx: Database,
    private readonly clock: StoryClock,
    private readonly now: Date,
  ) {}

  /** Plans everybody's year; `passwordHash` is for those who are meant to be signed in as. */
  plan(people: readonly (DemoPerson & { role: BuiltInRoleName; passwordHash: string | null })[]): void {
    const characters = people.map(({ passwordHash, ...person }, index) => {
      const joinedAt = this.timeOfDay(this.daysAgo(index < 3 ? 364 - index : this.dice.between(20, 360)))
      const character: Character = {
        ...person,
        id: newId(joinedAt),
        address: this.dice.pick(['192.0.2', '198.51.100', '203.0.113']) + `.${this.dice.between(1, 254)}`,
        joinedAt,
        db: this.tx,
        sessionId: null,
      }
      this.planAccount(character, passwordHash)
      this.planSessions(character)
      return character
    })
    for (const [name, topic] of Object.entries(TOPICS)) {
      const writers = characters.filter(({ topics }) => topics.includes(name))
      for (const title of topic.titles) this.planPost(this.dice.pick(writers), characters, topic, title)
    }
  }

  /** Lets everything happen in its order. */
  async tell(): Promise<void> {
    for (const { at, tell } of this.happenings.sort((one, other) => one.at.getTime() - other.at.getTime())) {
      this.clock.moment = at
      await tell()
    }
    this.clock.moment = this.now
    await new SessionService(this.tx).see(this.lastSeen)
  }

  private planAccount(character: Character, passwordHash: string | null): void {
    const { id, role, username, displayName, locale, timeZone, bio, address, joinedAt } = character
    this.happens(joinedAt, async () => {
      const db = this.tx.as({ viewer: anonymous, requestId: null, address })
      const email = `${username}@example.com`
      await createAccount(
        db,
        { id, username, displayName, locale, timeZone, address: email, passwordHash },
        id,
      )
      if (role !== 'user') await new RoleGrantService(this.tx).grantBuiltIn(id, role)
      await this.signIn(character)
    })
    if (bio !== null) {
      this.happens(later(joinedAt, this.dice.between(2, 30) * MINUTE), () =>
        new UserService(character.db).updateProfile({ bio }),
      )
    }
    if (this.dice.chance(0.6)) {
      const preferences = this.dice.some(
        [
          { key: 'theme', value: this.dice.pick(['light', 'dark']) },
          { key: 'language', value: locale.split('-')[0]! },
          { key: 'timeFormat', value: this.dice.pick(['12h', '24h']) },
          { key: 'pageSize', value: this.dice.pick([10, 50]) },
          { key: 'notifications.email', value: false },
          { key: 'notifications.digest', value: this.dice.pick(['never', 'daily']) },
        ],
        this.dice.between(1, 4),
      )
      this.happens(later(joinedAt, this.dice.between(1, 40) * HOUR), () =>
        new PreferenceService(character.db).set({ preferences }),
      )
    }
  }

  private planSessions(character: Character): void {
    const recent = Array.from({ length: character.role === 'user' ? 1 : 2 }, () => this.dice.between(1, 12))
    const earlier = Array.from({ length: this.dice.between(0, 2) }, () => this.dice.between(14, 300))
    for (const days of [...earlier, ...recent]) {
      const at = this.timeOfDay(this.daysAgo(days))
      if (at <= later(character.joinedAt, DAY)) continue
      if (this.dice.chance(0.15)) {
        this.happens(later(at, -MINUTE), () =>
          new AuditService(
            this.tx.as({ viewer: anonymous, requestId: null, address: character.address }),
          ).record('session.sign-in-failed', { subjectId: character.id }),
        )
      }
      this.happens(at, () => this.signIn(character))
      if (this.dice.chance(0.3)) {
        this.happens(later(at, this.dice.between(1, 6) * HOUR), () =>
          new SessionService(character.db).signOut(),
        )
      }
    }
  }

  private planPost(author: Character, others: readonly Character[], topic: Topic, title: string): void {
    const membership = (this.now.getTime() - author.joinedAt.getTime()) / DAY
    const at = this.timeOfDay(this.daysAgo(this.dice.between(0, Math.max(1, membership - 2))))
    const body = this.write(topic)
    const tags = this.dice.some(topic.tags, this.dice.between(1, 3))
    const publish = this.dice.chance(0.88)
    let postId: Id
    this.happens(at, async () => {
      postId = (await new PostService(author.db).create({ title, body, tags, publish })).id
    })
    if (publish && this.talk.chance(0.3)) this.planTalk(author, others, at, () => postId)
    if (publish && this.dice.chance(0.15)) {
      const afterthought = `${body}\n\n${this.dice.pick(topic.thoughts)}`
      this.happens(later(at, this.dice.between(1, 50) * HOUR), () =>
        new PostService(author.db).update({ postId, body: afterthought }),
      )
    }
  }

  /** What others say to a post, how they react, and what its author answers. */
  private planTalk(author: Character, others: readonly Character[], postedAt: Date, postId: () => Id): void {
    const readers = others.filter((other) => other !== author && other.joinedAt < postedAt)
    for (const reader of this.talk.some(readers, this.talk.between(1, 5))) {
      const at = later(postedAt, this.talk.between(10, 72 * 60) * MINUTE)
      if (this.talk.chance(0.7)) {
        const kind = this.talk.pick(this.tx.tools.reactions)
        this.happens(later(at, -MINUTE), () =>
          new ReactionService(reader.db).add({ subjectId: postId(), kind }),
        )
      }
      const body = this.talk.pick(REPLIES)
      let parentId: Id
      this.happens(at, async () => {
        parentId = (await new CommentService(reader.db).add({ postId: postId(), body })).id
      })
      if (!this.talk.chance(0.35)) continue
      const answer = this.talk.pick(ANSWERS)
      const answered = this.talk.chance(0.5) ? `@${reader.username} ${answer}` : answer
      this.happens(later(at, this.talk.between(5, 600) * MINUTE), () =>
        new CommentService(author.db).add({ postId: postId(), parentId, body: answered }),
      )
    }
  }

  /** In Markdown: some make a list of what others tell in sentences. */
  private write(topic: Topic): string {
    const thoughts = this.dice.some(topic.thoughts, this.dice.between(4, 8))
    const turn = Math.ceil(thoughts.length / 2)
    const rest = thoughts.slice(turn - 1)
    const closing = this.dice.pick(topic.closings)
    return [
      [this.dice.pick(topic.openings), ...thoughts.slice(0, turn - 1)].join(' '),
      this.shape.chance(0.3) ? rest.map((thought) => `- ${thought}`).join('\n') : rest.join(' '),
      this.shape.pick([closing, `*${closing}*`, `> ${closing}`]),
    ].join('\n\n')
  }

  private async signIn(character: Character): Promise<void> {
    const { id, role, username, address } = character
    const db = this.tx.as({ viewer: anonymous, requestId: null, address })
    const transport = this.dice.pick([Transport.BEARER, Transport.COOKIE])
    const { session } = await new SessionService(db).start(id, transport, this.dice.pick(DEVICES))
    const viewer: SignedIn = {
      kind: 'signed-in',
      userId: id,
      sessionId: session.id,
      username,
      authenticatedAt: this.clock.now(),
      ...authorityOf([{ ...BUILT_IN_ROLES[role], groupId: null, requiresReason: false }]),
    }
    character.db = this.tx.as({ viewer, requestId: null, address })
    const seen = later(this.clock.now(), this.dice.between(1, 20) * HOUR)
    this.lastSeen.set(session.id, seen < this.now ? seen : this.now)
  }

  private happens(at: Date, tell: () => Promise<unknown>): void {
    // What would lie in the future has not happened.
    if (at < this.now) this.happenings.push({ at, tell })
  }

  private daysAgo(days: number): Date {
    return later(this.now, -days * DAY)
  }

  private timeOfDay(date: Date): Date {
    return later(new Date(Math.floor(date.getTime() / DAY) * DAY), this.dice.between(6 * HOUR, 23 * HOUR))
  }
}
