import type { Database } from '../../src/db/database'

/**
 * An invented year: people who come, sign in, fail to, write, are mailed, ask for help and are watched, straight in the tables. The same
 * seed makes the same year, row by row, so that it can be made in parts, in any order, and twice.
 */
export interface Plan {
  seed: number
  people: number
  /** How many rows there are about what they do. */
  events: number
  from: Date
  days: number
}

/** Which rows of each hundred are of which table. */
const SHARES = {
  activity: 40,
  acts: 24,
  sessions: 12,
  failures: 4,
  deliveries: 8,
  posts: 2,
  comments: 7,
  tickets: 2,
  cases: 1,
} as const

type Share = keyof typeof SHARES

/** A number from 0 up to 1 that follows from a row's number and what it is for. */
const random = ({ seed }: Plan, n: string, salt: number): string =>
  `((hashint8extended((${n})::bigint, ${seed * 1_000 + salt}) & 1073741823)::float8 / 1073741824)`

const idOf = ({ seed }: Plan, what: string, n: string): string => `md5('${seed} ${what} ' || (${n}))::uuid`

const oneOf = (plan: Plan, n: string, salt: number, ...words: string[]): string =>
  `(ARRAY[${words.map((word) => `'${word}'`).join(', ')}])[1 + floor(${random(plan, n, salt)} * ${words.length})::int]`

/** When a person came: more and more do, and nobody in the last weeks. */
const cameAt = (plan: Plan, person: string): string =>
  `(timestamptz '${plan.from.toISOString()}' + sqrt(${random(plan, person, 1)}) * ${plan.days * 0.9} * interval '1 day')`

/** Who does the n-th thing: some do much. */
const actor = (plan: Plan, n: string): string =>
  `floor(power(${random(plan, n, 2)}, 2.5) * ${plan.people})::int`

/** When the n-th thing is done, from when its person came until the end. */
const doneAt = (plan: Plan, n: string): string => {
  const end = `timestamptz '${plan.from.toISOString()}' + interval '${plan.days} days'`
  const came = cameAt(plan, actor(plan, n))
  return `date_trunc('milliseconds', ${came} + power(${random(plan, n, 3)}, 1.5) * (${end} - ${came}))`
}

const personId = (plan: Plan, person: string): string => idOf(plan, 'person', person)

/** Makes the people; a few object to being counted, and the data of a few is restricted. */
export async function makePeople(db: Database, plan: Plan): Promise<void> {
  const end = new Date(plan.from.getTime() + plan.days * 86_400_000)
  await db.query(
    `INSERT INTO users (id, username, display_name, locale, status, restricted_at, created_at, updated_at, version)
     SELECT ${personId(plan, 'n')}, 'sim' || n, 'Person ' || n, 'en', 'active',
       CASE WHEN ${random(plan, 'n', 4)} < 0.01 THEN $2::timestamptz END, ${cameAt(plan, 'n')}, ${cameAt(plan, 'n')}, 1
     FROM generate_series(0, $1::int - 1) AS n`,
    [plan.people, end],
  )
  await db.query(
    `INSERT INTO consents (id, user_id, purpose, text_version, locale, source, given, decided_at)
     SELECT ${idOf(plan, 'consent', 'n')}, ${personId(plan, 'n')}, 'analytics', '1', 'en', 'web', false, $2::timestamptz
     FROM generate_series(0, $1::int - 1) AS n WHERE ${random(plan, 'n', 5)} < 0.02`,
    [plan.people, end],
  )
  for (const [salt, key, ...values] of [
    [6, 'theme', 'dark', 'light', 'system'],
    [8, 'language', 'en', 'de', 'fr', 'pt-BR'],
  ] as [number, string, ...string[]][]) {
    await db.query(
      `INSERT INTO preferences (user_id, key, value, updated_at)
       SELECT ${personId(plan, 'n')}, '${key}', to_jsonb(${oneOf(plan, 'n', salt, ...values)}), ${cameAt(plan, 'n')}
       FROM generate_series(0, $1::int - 1) AS n WHERE ${random(plan, 'n', salt + 1)} < 0.5 ON CONFLICT DO NOTHING`,
      [plan.people],
    )
  }
}

/** Makes what is done, from one part of the whole to another (0 to 1); what is there already stays. Returns how many rows it wanted. */
export async function makeEvents(db: Database, plan: Plan, from: number, to: number): Promise<number> {
  let made = 0
  for (const share of Object.keys(SHARES) as Share[]) {
    const all = (plan.events * SHARES[share]) / 100
    const [first, end] = [Math.floor(all * from), Math.floor(all * to)]
    // In steps, as a statement of a job may take a minute.
    for (let next = first; next < end; next += STEP) {
      const last = Math.min(next + STEP, end) - 1
      await db.transaction((tx) => MAKE[share](tx, plan, `generate_series(${next}, ${last}) AS n`))
    }
    made += Math.max(0, end - first)
  }
  return made
}

const STEP = 100_000

const done = (plan: Plan, share: Share, series: string): string =>
  `(SELECT n, ${idOf(plan, share, 'n')} AS id, ${personId(plan, actor(plan, 'n'))} AS person, ${doneAt(plan, 'n')} AS at FROM ${series}) done`

const MAKE: Record<Share, (tx: Database, plan: Plan, series: string) => Promise<unknown>> = {
  activity: (tx, plan, series) =>
    tx.query(
      `INSERT INTO activity_events (id, occurred_at, received_at, person_id, anonymous_id, kind, name, definition_version, retention,
         properties, device_class)
       SELECT (lpad(to_hex(round(extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(md5(id::text), 1, 20))::uuid, at, at, CASE WHEN isknown THEN person END, CASE WHEN NOT isknown THEN md5('visitor' || person)::uuid END,
         CASE WHEN name LIKE 'page.%' THEN 'PAGE_VIEW' ELSE 'CUSTOM' END, name, 1, 'STANDARD', '{}', device
       FROM (SELECT *, ${random(plan, 'n', 20)} < 0.8 AS isknown,
         ${oneOf(plan, 'n', 21, 'page.viewed', 'page.viewed', 'page.viewed', 'cart.filled', 'checkout.begun', 'checkout.completed')} AS name,
         ${oneOf(plan, 'n', 22, 'desktop', 'mobile', 'mobile', 'tablet')} AS device FROM ${done(plan, 'activity', series)}) told
       ON CONFLICT DO NOTHING`,
    ),
  acts: (tx, plan, series) =>
    tx.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, details, is_security_event)
       SELECT id, at, ${oneOf(plan, 'n', 23, 'post.created', 'comment.added', 'preferences.updated', 'profile.updated', 'audit.read', 'session.ended')},
         CASE WHEN ${random(plan, 'n', 24)} < 0.95 THEN 'success' ELSE 'refused' END, person, person, person, '{}', false
       FROM ${done(plan, 'acts', series)} ON CONFLICT DO NOTHING`,
    ),
  sessions: async (tx, plan, series) => {
    await tx.query(
      `INSERT INTO sessions (id, user_id, token_hash, transport, device_name, created_at, authenticated_at, last_seen_at, expires_at, methods)
       SELECT id, person, sha256(id::text::bytea), 'cookie',
         ${oneOf(plan, 'n', 25, 'Firefox on Linux', 'Safari on iPhone', 'Chrome on Android', 'Edge on Windows', 'My own fridge')},
         at, at, at + ${random(plan, 'n', 26)} * interval '3 hours', at + interval '30 days', '{password}'
       FROM ${done(plan, 'sessions', series)} ON CONFLICT DO NOTHING`,
    )
    await tx.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_id, subject_id, owner_id, details, is_security_event)
       SELECT md5('started ' || id)::uuid, at, 'session.started', 'success', person, person, person,
         CASE WHEN ${random(plan, 'n', 27)} < 0.7 THEN '{"transport": "cookie", "methods": ["password"]}'::jsonb
           ELSE '{"transport": "cookie", "methods": ["password", "totp"]}'::jsonb END, true
       FROM ${done(plan, 'sessions', series)} ON CONFLICT DO NOTHING`,
    )
  },
  failures: (tx, plan, series) =>
    tx.query(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, subject_id, owner_id, details, is_security_event)
       SELECT id, at, ${oneOf(plan, 'n', 28, 'session.sign-in-failed', 'session.sign-in-failed', 'session.proof-failed', 'throttle.closed')}, 'failure',
         CASE WHEN ${random(plan, 'n', 29)} < 0.7 THEN person END, person, '{}', false
       FROM ${done(plan, 'failures', series)} ON CONFLICT DO NOTHING`,
    ),
  deliveries: (tx, plan, series) =>
    tx.query(
      `INSERT INTO deliveries (id, channel, template, user_id, is_decoy, address_index, status, retry_count, attempt_count, created_at, finished_at, priority)
       SELECT id, CASE WHEN ${random(plan, 'n', 30)} < 0.9 THEN 'email' ELSE 'sms' END, 'signUpCode', person, ${random(plan, 'n', 31)} < 0.05, '\\x00',
         ${oneOf(plan, 'n', 32, 'sent', 'sent', 'sent', 'sent', 'failed', 'suppressed', 'expired')}, 0, 1, at, at + interval '1 second', 1
       FROM ${done(plan, 'deliveries', series)} ON CONFLICT DO NOTHING`,
    ),
  posts: (tx, plan, series) =>
    tx.query(
      `WITH posted AS (
         INSERT INTO posts (id, author_id, slug, title, body, tags, status, created_at, updated_at, published_at, deleted_at, version, language, visibility)
         SELECT id, person, 'sim-' || id, 'A post', 'Words.', '{}', 'published', at, at, at,
           CASE WHEN ${random(plan, 'n', 33)} < 0.1 THEN at + interval '1 hour' END, 1,
           ${oneOf(plan, 'n', 34, 'en', 'de', 'fr')}, ${oneOf(plan, 'n', 35, 'public', 'public', 'members', 'only-me')}
         FROM ${done(plan, 'posts', series)} ON CONFLICT DO NOTHING RETURNING id
       ) INSERT INTO threads (post_id, comment_count) SELECT id, 0 FROM posted`,
    ),
  // Each is to one of the first posts.
  comments: (tx, plan, series) =>
    tx.query(
      `INSERT INTO comments (id, post_id, depth, author_id, body, body_html, markup_version, reply_count, created_at, deleted_at, version)
       SELECT done.id, thread.post_id, 0, person, 'Words.', '', 0, 0, at, CASE WHEN ${random(plan, 'n', 36)} < 0.05 THEN at + interval '1 hour' END, 1
       FROM ${done(plan, 'comments', series)}, LATERAL (SELECT post_id FROM threads LIMIT 1) thread ON CONFLICT DO NOTHING`,
    ),
  tickets: (tx, plan, series) =>
    tx.query(
      `INSERT INTO tickets (id, user_id, subject_line, category, status, priority, tags, opened_at, last_message_at, first_responded_at,
         first_response_seconds, solved_at, resolution_seconds, waited_seconds, due_at, version)
       SELECT id, person, '\\x00', ${oneOf(plan, 'n', 37, 'account', 'content', 'technical', 'other')}, 'solved', 2, '{}', at, at,
         at + took * interval '1 second', took, at + 3 * took * interval '1 second', 2 * took, took, at + interval '1 day', 1
       FROM (SELECT *, floor(60 + ${random(plan, 'n', 38)} * 36000)::int AS took FROM ${done(plan, 'tickets', series)}) asked
       ON CONFLICT (id) DO NOTHING`,
    ),
  cases: async (tx, plan, series) => {
    const made = done(plan, 'cases', series)
    const took = `floor(300 + ${random(plan, 'n', 39)} * 90000) * interval '1 second'`
    await tx.query(
      `INSERT INTO moderation_cases (id, subject_kind, subject_id, author_id, status, rank, opened_at, decided_at, version)
       SELECT id, 'post', id, person, ${oneOf(plan, 'n', 40, 'dismissed', 'acted-on', 'acted-on')}, 1, at, at + ${took}, 1 FROM ${made} ON CONFLICT DO NOTHING`,
    )
    await tx.query(
      `INSERT INTO reports (id, case_id, subject_id, reporter_id, reason, weight, created_at)
       SELECT md5('report ' || id)::uuid, id, id, person, ${oneOf(plan, 'n', 41, 'spam', 'spam', 'harassment', 'other')}, 1, at FROM ${made} ON CONFLICT DO NOTHING`,
    )
    await tx.query(
      `INSERT INTO moderation_decisions (id, case_id, subject_kind, subject_id, user_id, action, broken_rule, stated_reasons, is_automated, decided_at, appeal_ends_at, version)
       SELECT md5('decision ' || id)::uuid, id, 'post', id, person, ${oneOf(plan, 'n', 42, 'warn', 'remove', 'hide')}, '\\x00', '\\x00', false,
         at + ${took}, at + interval '180 days', 1 FROM ${made} WHERE ${oneOf(plan, 'n', 40, 'dismissed', 'acted-on', 'acted-on')} = 'acted-on'
       ON CONFLICT DO NOTHING`,
    )
  },
}

/** Makes changes to what is there: sessions go on, mails come back, posts go to the trash, tickets are put elsewhere, preferences change. */
export async function makeChanges(db: Database, plan: Plan): Promise<void> {
  const some = (salt: number, part: number) =>
    `((hashtextextended(id::text, ${plan.seed * 1_000 + salt}) & 1073741823)::float8 / 1073741824) < ${part}`
  for (const change of [
    `UPDATE sessions SET last_seen_at = last_seen_at + interval '17 minutes' WHERE ${some(50, 0.05)}`,
    `UPDATE deliveries SET status = 'failed' WHERE status = 'sent' AND ${some(51, 0.05)}`,
    `UPDATE posts SET deleted_at = created_at + interval '1 day' WHERE deleted_at IS NULL AND ${some(52, 0.1)}`,
    `UPDATE posts SET published_at = published_at + interval '3 days', status = 'published' WHERE ${some(53, 0.1)}`,
    `UPDATE comments SET deleted_at = created_at + interval '1 day' WHERE deleted_at IS NULL AND ${some(54, 0.1)}`,
    `UPDATE tickets SET category = 'privacy', solved_at = solved_at + interval '1 hour', resolution_seconds = resolution_seconds + 3600 WHERE ${some(55, 0.1)}`,
    `UPDATE preferences SET value = to_jsonb('dark'::text) WHERE key = 'theme' AND value <> to_jsonb('dark'::text)`,
  ])
    await db.query(change)
}
