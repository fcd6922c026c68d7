import { randomUUID } from 'node:crypto'
import { newId, type Id } from '../../src/core/id'
import { personalTables, type PersonalColumn, type PersonalTable } from '../../src/db/personal-tables'
import type { Database } from '../../src/db/database'
import { AccessRecord } from '../../src/modules/access-log/access-record.entity'
import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { track, viewOf } from './activity'
import { commentOn } from './content'
import { filterMatchIn } from './content-filter'
import { appealOf, decisionAbout, reportOf } from './moderation'
import { privacyRequestOf } from './privacy'
import { answerIn, noteIn, ticketOf } from './tickets'
import { unique, type Person, type World } from './world'

/** A person with a word of their own in every column that can hold one. */
export interface Canary extends Person {
  /** The word of each column, by `table.column`; it stands nowhere else. */
  words: ReadonlyMap<string, string>
}

/** What no word can stand in, and why. */
const NOT_WORDS: Record<string, string> = {
  'activity_events.kind': 'a kind of a list',
  'insight_rollups.groups': 'what can be chosen, and kinds, devices and names, each of a list',
  'users.locale': 'a language of a list',
  'users.time_zone': 'a time zone of a list',
  'users.status': 'a state of a list',
  'users.bio_audience': 'an audience of a list',
  'users.avatar_audience': 'an audience of a list',
  'users.last_seen_audience': 'an audience of a list',
  'factors.kind': 'a kind of a list',
  'factors.shared_secret': 'a secret that nobody is shown',
  'reactions.kind': 'a kind of the configuration',
  'sessions.methods': 'ways to sign in, of a list',
  'access_records.roles': 'names of roles',
  'access_records.fields': 'names of fields',
  'access_records.reason': 'of records from before it was encrypted',
  'challenges.state': 'what was begun; the address in it has a test of its own',
  'data_export_parts.body': 'a copy of the rest',
  'bulk_jobs.work_order': 'what somebody asked to be done to others',
  'announcements.whom': 'whom somebody looked for to tell them something',
  'erasures.certificate': 'names of tables, and counts',
  'audit_events.personal_details': 'JSON',
  'privacy_requests.kind': 'a right of a list',
  'privacy_requests.purpose': 'the id of a purpose of the configuration',
  'privacy_requests.status': 'a state of a list',
  'moderation_decisions.action': 'a measure of a list',
  'content_filter_matches.action': 'an action of a list',
  'appeals.status': 'a state of a list',
  'reports.reason': 'a reason of a list',
  'consents.purpose': 'the id of a purpose of the configuration',
  'consents.text_version': 'the version of a text of the configuration',
  'consents.locale': 'a language of a list',
  'blocks.kind': 'a kind of a list',
  'conversation_participants.status': 'a state of a list',
  'attributes.audience': 'an audience of a list',
  'avatars.file_key': 'a random name of files',
  'notifications.kind': 'a kind of a list',
  'notifications.target': 'a global id',
  'notifications.topic': 'a topic of a list',
  'tickets.category': 'a category of a list',
  'tickets.status': 'a state of a list',
  'ticket_changes.field': 'a field of a list',
  'deliveries.channel': 'a channel of a list',
  'deliveries.status': 'a state of a list',
  'deliveries.letter': 'what a mail says, under a key of its own; it has a test of its own',
  'consents.source': 'a source of a list',
}

const isText = ({ type, encrypted }: PersonalColumn) =>
  type === 'text' || type === 'jsonb' || encrypted === true

/** Every column of a person's that can hold a word. */
export const wordColumns = (): { table: PersonalTable; column: PersonalColumn }[] =>
  personalTables().flatMap((table) =>
    table.personal
      .filter((column) => isText(column) && NOT_WORDS[`${table.name}.${column.name}`] === undefined)
      // A derived table has what the other one has.
      .filter(() => table.name !== 'user_search')
      .map((column) => ({ table, column })),
  )

/**
 * Somebody with one row at least in every table that can be about a person, made below the API, so that a column which is
 * added tomorrow has its word as well.
 */
export async function canary(world: World): Promise<Canary> {
  const person = await world.person({ password: 'harbour lantern at dusk' })
  const words = new Map<string, string>()
  const word = (name: string): string => {
    const made = unique('canary')
    words.set(name, made)
    return made
  }
  const { db } = world
  const staff = await world.person({ role: 'admin' })
  // A suspension that is over, with its reason.
  await db.query(
    `UPDATE users SET status = 'suspended', suspended_at = now() - interval '2 days', suspended_until = now() - interval '1 day'
     WHERE id = $1`,
    [person.id],
  )
  const postId = newId()
  await db.query(
    `INSERT INTO posts (id, author_id, slug, title, body, tags, status, created_at, updated_at, version)
     VALUES ($1, $2, $3, '', '', '{}', 'draft', now(), now(), 1)`,
    [postId, person.id, unique()],
  )
  await db.query(
    `INSERT INTO post_revisions (post_id, number, author_id, replaced_at, title, body, tags)
     VALUES ($1, 1, $2, now(), '', '', '{}')`,
    [postId, person.id],
  )
  await track(person.api, [viewOf(world)], { anonymousId: randomUUID() })
  const comment = await commentOn(world, await world.post(), person)
  const { decisionId, caseId } = await decisionAbout(world, comment)
  await filterMatchIn(world, caseId)
  await appealOf(world, person, decisionId)
  await reportOf(world, (await world.post()).globalId, { by: person })
  await db.query(
    `INSERT INTO preferences (user_id, key, value, updated_at) VALUES ($1, 'theme', '""', now())`,
    [person.id],
  )
  await db.query(
    `INSERT INTO former_usernames (id, user_id, username, changed_at, reservation_ends_at)
     VALUES ($2, $1, '', now(), now() + interval '90 days')`,
    [person.id, newId()],
  )
  await db.query(`INSERT INTO avatars (user_id, file_key, changed_at) VALUES ($1, $2, now())`, [
    person.id,
    unique(),
  ])
  await db.query(
    `INSERT INTO attributes (id, user_id, key, version, updated_at) VALUES ($2, $1, 'diary', 1, now())`,
    [person.id, newId()],
  )
  await db.query(
    `INSERT INTO device_preferences (user_id, device_id, key, value, updated_at) VALUES ($1, '', 'theme', '""', now())`,
    [person.id],
  )
  await db.query(
    `INSERT INTO preference_changes (id, user_id, key, number, device_id, before, after, changed_at)
     VALUES ($2, $1, 'theme', 1, '', '""', '""', now())`,
    [person.id, newId()],
  )
  await db.query(
    `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, is_synced, name, created_at)
     VALUES ($1, $2, $3, '', 0, '{}', false, '', now())`,
    [newId(), person.id, unique()],
  )
  await db.query(
    `INSERT INTO access_tokens (id, user_id, name, token_hash, scopes, created_at, expires_at)
     VALUES ($1, $2, '', $3, '{}', now(), now() + interval '1 day')`,
    [newId(), person.id, Buffer.from(unique())],
  )
  await db.query(
    `INSERT INTO staff_notes (id, subject_id, author_id, body, created_at, updated_at, version)
     VALUES ($1, $2, $3, '', now(), now(), 1)`,
    [newId(), person.id, staff.id],
  )
  await db.query(
    `INSERT INTO identities (id, user_id, provider, subject_identifier, subject_identifier_index, created_at)
     VALUES ($1, $2, '', '', $3, now())`,
    [newId(), person.id, Buffer.from(unique())],
  )
  await db.query(
    `INSERT INTO blocks (id, person_id, blocked_id, kind, created_at) VALUES ($1, $2, $3, 'BLOCKED', now())`,
    [newId(), person.id, staff.id],
  )
  await db.query(`INSERT INTO unsubscriptions (user_id, topic, created_at) VALUES ($1, '', now())`, [
    person.id,
  ])
  const conversationId = newId()
  await db.query(
    `INSERT INTO conversations (id, creator_id, named_by_id, is_group, title, last_number, created_at) VALUES ($1, $2, $2, true, '', 1, now())`,
    [conversationId, person.id],
  )
  for (const each of [person, staff])
    await db.query(
      `INSERT INTO conversation_participants
         (id, conversation_id, user_id, status, joined_at, sees_after, last_read_number, unread_count, last_activity_at)
       VALUES ($1, $2, $3, 'ACCEPTED', now(), 0, 0, 0, now())`,
      [newId(), conversationId, each.id],
    )
  await db.query(
    `INSERT INTO messages (id, conversation_id, number, sender_id, body, created_at, version) VALUES ($1, $2, 1, $3, '', now(), 1)`,
    [newId(), conversationId, person.id],
  )
  await db.query(
    `INSERT INTO phones (id, user_id, phone_number, phone_number_index, is_primary, verified_at) VALUES ($1, $2, '', $3, true, now())`,
    [newId(), person.id, Buffer.from(unique())],
  )
  await privacyRequestOf(world, person)
  const ticketId = await ticketOf(world, person)
  await answerIn(world, ticketId, staff)
  await noteIn(world, ticketId, staff)
  // One that is over: it keeps nobody from being erased.
  await db.query(
    `INSERT INTO legal_holds (id, user_id, hold_reason, placed_at, released_at) VALUES ($1, $2, '', now(), now())`,
    [newId(), person.id],
  )
  await db.query(
    `INSERT INTO kept_texts (id, author_id, written_kind, written_id, former_text, kept_at) VALUES ($1, $2, 'comment', $1, '', now())`,
    [newId(), person.id],
  )
  for (const { table, column } of wordColumns()) {
    await write(db, table, column, person.id, word(`${table.name}.${column.name}`))
  }
  return { ...person, username: words.get('users.username')!, email: words.get('emails.address')!, words }
}

/** Puts a word into a column of all of a person's rows, encrypted where the column is. */
async function write(
  db: Database,
  table: PersonalTable,
  column: PersonalColumn,
  userId: Id,
  text: string,
): Promise<void> {
  const ownerOf = column.keyOf
    ? [...table.personal, ...table.others].find(({ property }) => property === column.keyOf)!.name
    : table.subjects[0]!
  if (APPEND_ONLY_WRITES[table.name]) return APPEND_ONLY_WRITES[table.name]!(db, userId, text)
  if (column.encrypted) {
    const rows = await db.query<{ id: Id }>(
      `SELECT id FROM ${table.name} WHERE ${table.isTheirs} AND ${ownerOf} = $1`,
      [userId],
    )
    for (const { id } of rows) {
      const sealed = await db.codec.seal(table.entity, column.property, { id, ownerId: userId }, text)
      await db.query(`UPDATE ${table.name} SET ${column.name} = $2 WHERE id = $1`, [id, sealed])
    }
    if (column.lookup) {
      const index = db.codec.blindIndex(table.entity, column.property, text)
      await db.query(`UPDATE ${table.name} SET ${column.name}_index = $2 WHERE ${table.isTheirs}`, [
        userId,
        index,
      ])
    }
    return expectRows(table, column, rows.length)
  }
  const value = column.type === 'jsonb' ? 'to_jsonb($2::text)' : column.isArray ? 'ARRAY[$2]' : '$2'
  const rows = await db.query(
    `UPDATE ${table.name} SET ${column.name} = ${value} WHERE ${table.isTheirs} RETURNING 1`,
    [userId, text],
  )
  // TypeORM answers an UPDATE with its rows and their number.
  expectRows(table, column, (rows as unknown as [unknown[], number])[1])
}

/** What cannot be changed afterwards is written with its word. */
const APPEND_ONLY_WRITES: Record<string, (db: Database, userId: Id, text: string) => Promise<void>> = {
  audit_events: async (db, userId, text) => {
    const id = newId()
    const address = await db.codec.seal(AuditEvent, 'address', { id, ownerId: userId }, text)
    await db.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, is_security_event, address, details)
       VALUES ($1, now(), 'profile.updated', 'success', $2, $2, $2, false, $3, '{}')`,
      [id, userId, address],
    )
  },
  access_records: async (db, userId, text) => {
    const id = newId()
    const reason = await db.codec.seal(AccessRecord, 'accessReason', { id, ownerId: userId }, text)
    await db.query(
      `INSERT INTO access_records (id, occurred_at, reader_id, subject_id, roles, fields, access_reason)
       VALUES ($1, now(), $2, $2, '{}', '{}', $3)`,
      [id, userId, reason],
    )
  },
}

function expectRows({ name }: PersonalTable, column: PersonalColumn, count: number): void {
  if (count > 0) return
  throw new Error(
    `${name}.${column.name}: the canary has no row there. Make one in test/support/canary.ts, or say in NOT_WORDS why it holds no word.`,
  )
}
