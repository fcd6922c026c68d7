import { Client } from 'pg'
import type { Id } from '../../src/core/id'

export const POSTS = 1_000_000
export const COMMENTS = 5_000_000
export const PEOPLE = 20_000
export const CASES = 200_000
const YEARS = 3

/** Ids that can be told beforehand: those of one kind, by number. */
export const idOf = (kind: number, number: number): Id =>
  `${kind.toString(16).padStart(8, '0')}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
const idSql = (kind: number, number: string): string =>
  `('${kind.toString(16).padStart(8, '0')}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`
export const USER = 1
export const POST = 2
export const COMMENT = 3
export const CASE = 4

/** One who has written a tenth of all posts, and somebody who has written a few. */
export const WRITER = 0
export const NOBODY_MUCH = 777
/** The post to which a million comments were made, and the comment that a hundred thousand answer. */
export const THREAD = 500_000
export const THREAD_COMMENTS = 1_000_000
export const ANSWERED = 1
export const ANSWERS = 100_000

/** What posts say, by how many of them. */
export const WORDS = {
  half: 'everyday',
  tenth: 'weekly',
  thirtieth: 'monthly',
  hundredth: 'seasonal',
  thousandth: 'yearly',
  hundred: 'centennial',
  nobody: 'zzyzx',
  /** Half of the posts that are older than two years. */
  once: 'bygone',
}
export const SINGLE = 'quetzalcoatl'

/**
 * Words of letters that hardly follow each other by chance, from one that is everywhere to thirty thousand that are rare, and
 * sentences of them, from which texts are put together: PostgreSQL does nothing else as quickly.
 */
const MAKE_WORDS = `
  SELECT setseed(0.5);
  CREATE UNLOGGED TABLE made_words AS
    SELECT number, translate(left(md5(number::text), 3 + number % 6), '0123456789', 'lmnorstuvy') AS word
    FROM generate_series(0, 29999) number;
  CREATE UNLOGGED TABLE made_sentences AS
    SELECT sentence, string_agg(word, ' ') AS words, string_agg(word, ' ') FILTER (WHERE place < 5) AS beginning
    FROM (
      SELECT sentence, place, floor(exp(random() * ln(30000)))::int - 1 AS number
      FROM generate_series(0, 49999) sentence, generate_series(1, 9) place
    ) chosen JOIN made_words USING (number) GROUP BY sentence;
  CREATE UNIQUE INDEX ON made_sentences (sentence);
  ANALYZE made_sentences;`

const sentence = (name: string, factor: number) =>
  `JOIN made_sentences ${name} ON ${name}.sentence = (number * ${factor}::bigint + number / 50000) % 50000`

/** As many posts as are not made elsewhere: one every minute and a half or so, each in one of several states. */
const makePosts = (remainder: number) => `
  INSERT INTO posts (id, author_id, slug, title, body, body_html, plain_text, excerpt, markup_version, tags, language, status, visibility,
    publish_at, published_at, archived_at, created_at, updated_at, deleted_at, version)
  SELECT ${idSql(POST, 'number')}, ${idSql(USER, `CASE WHEN number % 10 = 3 THEN ${WRITER} ELSE floor(power(random(), 2) * ${PEOPLE})::int END`)},
    'post-' || number, title, words, '<p>' || words || '</p>', words, left(words, 60), 1,
    CASE WHEN number % 2 = 0 THEN ARRAY['news'] ELSE '{}' END || CASE WHEN number % 100 = 17 THEN ARRAY['photo'] ELSE '{}' END
      || CASE WHEN number % 25000 = 18 THEN ARRAY['eclipse'] ELSE '{}' END,
    CASE WHEN number % 10 < 7 THEN 'en' WHEN number % 10 < 9 THEN 'de' ELSE 'fr-CA' END,
    status, CASE WHEN number % 50 = 1 THEN 'only-me' WHEN number % 10 = 2 THEN 'members' ELSE 'public' END,
    CASE WHEN status = 'scheduled' THEN $1::timestamptz + number * interval '1 second' END,
    CASE WHEN status IN ('published', 'archived') THEN begun END, CASE WHEN status = 'archived' THEN begun END, begun, begun,
    CASE WHEN number % 100 = 99 THEN $1::timestamptz - (number % 2000000) * interval '3 seconds' END, 1
  FROM (
    SELECT number, CASE WHEN number = 777777 THEN 'The return of ${SINGLE}' ELSE initcap(title.beginning) END AS title,
      one.words || '. ' || two.words || '. ' || three.words
        || CASE WHEN number % 2 = 1 THEN ' ${WORDS.half}' ELSE '' END || CASE WHEN number % 10 = 3 THEN ' ${WORDS.tenth}' ELSE '' END
        || CASE WHEN number % 31 = 4 THEN ' ${WORDS.thirtieth}' ELSE '' END
        || CASE WHEN number % 101 = 5 THEN ' ${WORDS.hundredth}' ELSE '' END
        || CASE WHEN number % 1001 = 6 THEN ' ${WORDS.thousandth}' ELSE '' END
        || CASE WHEN number % 10007 = 7 THEN ' ${WORDS.hundred}' ELSE '' END
        || CASE WHEN number < 333333 AND number % 4 < 2 THEN ' ${WORDS.once}' ELSE '' END AS words,
      CASE number % 100 WHEN 11 THEN 'draft' WHEN 12 THEN 'draft' WHEN 13 THEN 'scheduled' WHEN 14 THEN 'archived' WHEN 15 THEN 'removed' WHEN 16 THEN 'held'
        ELSE 'published' END AS status,
      $1::timestamptz - (${POSTS} - number) * (interval '${YEARS} years' / ${POSTS}) AS begun
    FROM generate_series(0, ${POSTS - 1}) number
    ${sentence('title', 7919)} ${sentence('one', 104729)} ${sentence('two', 1299709)} ${sentence('three', 15485863)}
    WHERE number % 2 = ${remainder}
  ) made`

const MAKE_PEOPLE = `
  INSERT INTO users (id, username, display_name, locale, time_zone, status, restricted_at, deactivated_at, created_at, updated_at, version)
  SELECT ${idSql(USER, 'number')}, 'user' || number, 'Somebody', 'en', 'UTC', 'active',
    CASE WHEN number % 1000 = 999 THEN $1::timestamptz END, CASE WHEN number % 50 = 48 THEN $1::timestamptz END, $1, $1, 1
  FROM generate_series(0, ${PEOPLE - 1}) number`

/** A fifth of all is said to one post; of that, a tenth answers one comment. The rest is said to all posts, some of it to other comments. */
const MAKE_COMMENTS = `
  INSERT INTO comments (id, post_id, parent_id, depth, author_id, body, body_html, markup_version, reply_count, created_at, removed_at, version)
  SELECT ${idSql(COMMENT, 'number')}, ${idSql(POST, 'post')},
    CASE WHEN parent IS NOT NULL THEN ${idSql(COMMENT, 'parent')} END, CASE WHEN parent IS NULL THEN 0 ELSE 1 END,
    ${idSql(USER, `(number * 7919::bigint % ${PEOPLE})::int`)}, 'Said ' || number, '<p>Said ' || number || '</p>', 1, 0,
    $1::timestamptz - (${COMMENTS} - number) * (interval '${YEARS} years' / ${COMMENTS}),
    CASE WHEN number % 500 = 0 THEN $1::timestamptz END, 1
  FROM (
    SELECT number,
      CASE WHEN number <= ${THREAD_COMMENTS} THEN ${THREAD} ELSE (number * 104729::bigint % ${POSTS})::int END AS post,
      CASE WHEN number BETWEEN 2 AND ${ANSWERS + 1} THEN ${ANSWERED} END AS parent
    FROM generate_series(1, ${COMMENTS}) number
  ) made;`

const MAKE_THREADS = `
  INSERT INTO threads (post_id, comment_count) SELECT post_id, count(*) FROM comments GROUP BY post_id;
  INSERT INTO mentions (comment_id, user_id)
    SELECT ${idSql(COMMENT, 'number')}, ${idSql(USER, `number % ${PEOPLE}`)} FROM generate_series(1, 500000) number;
  INSERT INTO reactions (subject_id, user_id, kind, created_at)
    SELECT ${idSql(POST, `number / 2 % ${POSTS}`)}, ${idSql(USER, `number % ${PEOPLE}`)}, 'like', now() FROM generate_series(1, 1000000) number;
  INSERT INTO reaction_counts (subject_id, kind, count) SELECT subject_id, kind, count(*) FROM reactions GROUP BY 1, 2;`

/** A quarter of them open, each about a post or comment. */
const MAKE_CASES = `
  INSERT INTO moderation_cases (id, subject_kind, subject_id, author_id, status, rank, opened_at, decided_at, version)
  SELECT ${idSql(CASE, 'number')}, CASE number % 2 WHEN 0 THEN 'post' ELSE 'comment' END,
    CASE number % 2 WHEN 0 THEN ${idSql(POST, 'number')} ELSE ${idSql(COMMENT, 'number')} END,
    ${idSql(USER, `number % ${PEOPLE}`)}, CASE number % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'open' WHEN 2 THEN 'dismissed' ELSE 'acted-on' END,
    -(number % 37), $1::timestamptz - number * interval '1 minute', CASE WHEN number % 4 > 1 THEN $1::timestamptz END, 1
  FROM generate_series(1, ${CASES}) number;`
const MAKE_REPORTS = `
  INSERT INTO reports (id, case_id, subject_id, reporter_id, reason, weight, created_at)
  SELECT gen_random_uuid(), id, subject_id, ${idSql(USER, '1')}, CASE WHEN hashtext(id::text) % 1000 = 0 THEN 'violence' ELSE 'spam' END, 10, opened_at
  FROM moderation_cases;`

const TABLES = [
  'posts',
  'comments',
  'threads',
  'mentions',
  'reactions',
  'reaction_counts',
  'moderation_cases',
  'reports',
]

/**
 * Makes a million posts and five million comments in a database where there are none, as the owner of the schema and on two cores. What
 * many rows are added to is indexed afterwards.
 */
export async function makeManyPosts(
  ownerUrl: string,
  now: Date,
  report: (line: string) => void,
): Promise<void> {
  const connect = async () => {
    const client = new Client({ connectionString: ownerUrl })
    await client.connect()
    await client.query(
      `SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'; SET max_parallel_workers_per_gather = 0; SELECT setseed(0.5)`,
    )
    return client
  }
  const [one, other] = await Promise.all([connect(), connect()])
  const step = async (name: string, work: () => Promise<unknown>) => {
    const start = performance.now()
    await work()
    report(`${((performance.now() - start) / 1_000).toFixed(1).padStart(6)} s: ${name}\n`)
  }
  try {
    const { rows: indexes } = await one.query<{ name: string; sql: string; on: string }>(
      `SELECT indexname AS name, indexdef AS sql, tablename AS on FROM pg_indexes
       WHERE schemaname = 'public' AND tablename = ANY($1) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)`,
      [TABLES],
    )
    const { rows: constraints } = await one.query<{ name: string; sql: string; on: string; type: string }>(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS sql, conrelid::regclass::text AS on, contype AS type FROM pg_constraint
       WHERE (conrelid = ANY($1::regclass[]) OR confrelid = ANY($1::regclass[])) AND contype IN ('f', 'p', 'u')
       ORDER BY contype = 'f' DESC`,
      [TABLES],
    )
    await one.query(`DROP INDEX ${indexes.map(({ name }) => name).join()}`)
    // Millions of look-ups that are not what is measured.
    for (const { name, on } of constraints)
      await one.query(`ALTER TABLE ${on} DROP CONSTRAINT ${name} CASCADE`)
    for (const table of ['comments', 'reactions'])
      await one.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
    await one.query(MAKE_WORDS)
    await one.query(MAKE_PEOPLE, [now])
    await step('posts', () => Promise.all([one.query(makePosts(0), [now]), other.query(makePosts(1), [now])]))
    await step('comments and cases', () =>
      Promise.all([
        one.query(MAKE_COMMENTS, [now]),
        other.query(MAKE_CASES, [now]).then(() => other.query(MAKE_REPORTS)),
      ]),
    )
    await step('threads', () => one.query(MAKE_THREADS))
    const keys = constraints
      .filter(({ type }) => type !== 'f')
      .map(({ on, name, sql }) => ({ on, sql: `ALTER TABLE ${on} ADD CONSTRAINT ${name} ${sql}` }))
    // Two do not change one table at once.
    const work = [...keys, ...indexes]
    await step('indexes', () =>
      Promise.all([
        one.query(
          work
            .filter(({ on }) => on === 'posts')
            .map(({ sql }) => sql)
            .join('; '),
        ),
        other.query(
          work
            .filter(({ on }) => on !== 'posts')
            .map(({ sql }) => sql)
            .join('; '),
        ),
      ]),
    )
    for (const table of ['comments', 'reactions']) await one.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
    await one.query('DROP TABLE made_words, made_sentences')
    await step('statistics', () =>
      Promise.all([
        one.query('VACUUM ANALYZE posts, users'),
        other.query(`VACUUM ANALYZE ${TABLES.slice(1).join()}`),
      ]),
    )
    const { rows } = await one.query<{ size: string }>(
      'SELECT pg_size_pretty(pg_database_size(current_database())) AS size',
    )
    report(`${rows[0]!.size} were made.\n`)
  } finally {
    await Promise.all([one.end(), other.end()])
  }
}
