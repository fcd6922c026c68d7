import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The tables whose changes are marked: by which moments a row is counted, and a change of which columns matters. */
const SOURCES: Record<string, { at: string[]; changes?: string[] }> = {
  users: { at: ['created_at'], changes: ['created_at', 'status'] },
  audit_events: { at: ['occurred_at'] },
  sessions: { at: ['created_at'], changes: ['created_at', 'last_seen_at', 'device_name'] },
  posts: {
    at: ['published_at'],
    changes: ['published_at', 'deleted_at', 'author_id', 'language', 'visibility'],
  },
  comments: { at: ['created_at'], changes: ['deleted_at', 'author_id'] },
  reports: { at: ['created_at'], changes: ['reason'] },
  moderation_decisions: { at: ['decided_at'], changes: ['decided_at', 'action'] },
  moderation_cases: { at: ['decided_at'], changes: ['decided_at', 'status', 'opened_at'] },
  deliveries: { at: ['created_at'], changes: ['status'] },
  tickets: {
    at: ['opened_at', 'first_responded_at', 'solved_at'],
    changes: [
      'category',
      'first_responded_at',
      'first_response_seconds',
      'solved_at',
      'resolution_seconds',
      'merged_into_id',
    ],
  },
}

const slot = (at: string) => `date_bin('15 minutes', ${at}, timestamptz '2000-01-01 00:00:00+00')`

const moments = (row: string, at: string[]) =>
  `(VALUES ${at.map((column) => `(${row}.${column})`).join(', ')}) AS moment (at)`

/** What is added is marked once for a statement, what changes for each row in which something of it does. */
const markers = ([table, { at, changes }]: [string, (typeof SOURCES)[string]]) => `
  CREATE FUNCTION mark_added_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.insight_marks (source, slot_at)
      SELECT DISTINCT '${table}', ${slot('moment.at')} FROM added, LATERAL ${moments('added', at)} WHERE moment.at IS NOT NULL;
      RETURN NULL;
    END $$;
  CREATE TRIGGER ${table}_added_insight AFTER INSERT ON ${table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION mark_added_${table}();
  ${
    changes === undefined
      ? ''
      : `
  CREATE FUNCTION mark_changed_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.insight_marks (source, slot_at)
      SELECT DISTINCT '${table}', ${slot('moment.at')}
      FROM (SELECT moment.at FROM ${moments('old', at)} UNION SELECT moment.at FROM ${moments('new', at)}) moment WHERE moment.at IS NOT NULL;
      RETURN NULL;
    END $$;
  CREATE TRIGGER ${table}_changed_insight AFTER UPDATE ON ${table} FOR EACH ROW
    WHEN ((${changes.map((column) => `old.${column}`).join(', ')}) IS DISTINCT FROM (${changes.map((column) => `new.${column}`).join(', ')}))
    EXECUTE FUNCTION mark_changed_${table}();`
  }`

const PREFERENCES = `
  -- By what somebody prefers, the day of their sign-up is broken down.
  CREATE FUNCTION mark_preference() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.insight_marks (source, slot_at)
      SELECT 'users', ${slot('created_at')} FROM public.users
      WHERE id = CASE WHEN tg_op = 'DELETE' THEN old.user_id ELSE new.user_id END;
      RETURN NULL;
    END $$;
  CREATE TRIGGER preferences_added_insight AFTER INSERT ON preferences FOR EACH ROW
    WHEN (new.key IN ('language', 'theme')) EXECUTE FUNCTION mark_preference();
  CREATE TRIGGER preferences_changed_insight AFTER UPDATE ON preferences FOR EACH ROW
    WHEN (new.key IN ('language', 'theme') AND old.value IS DISTINCT FROM new.value) EXECUTE FUNCTION mark_preference();
  CREATE TRIGGER preferences_removed_insight AFTER DELETE ON preferences FOR EACH ROW
    WHEN (old.key IN ('language', 'theme')) EXECUTE FUNCTION mark_preference();`

/**
 * Figures: what was done in each quarter of an hour, counted, and which of these are to be counted anew. What is there already is
 * marked once, so that the first job counts it.
 */
export class Insight1770200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE insight_rollups (
        facts text NOT NULL,
        slot_at timestamptz(3) NOT NULL,
        person_id uuid NOT NULL,
        groups jsonb NOT NULL,
        count integer NOT NULL,
        total bigint NOT NULL,
        CONSTRAINT insight_rollups_pkey PRIMARY KEY (facts, slot_at, person_id, groups)
      );
      CREATE INDEX insight_rollups_person_id_index ON insight_rollups (person_id, facts, slot_at);

      CREATE TABLE insight_marks (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT insight_marks_pkey PRIMARY KEY,
        source text NOT NULL,
        slot_at timestamptz(3) NOT NULL
      );
      CREATE INDEX insight_marks_slot_at_index ON insight_marks (slot_at, source);

      CREATE INDEX sessions_created_at_index ON sessions (created_at);
      CREATE INDEX posts_any_published_at_index ON posts (published_at) WHERE published_at IS NOT NULL;
      CREATE INDEX comments_created_at_index ON comments (created_at);
      CREATE INDEX reports_created_at_index ON reports (created_at);
      CREATE INDEX moderation_decisions_made_at_index ON moderation_decisions (decided_at);
      CREATE INDEX tickets_first_responded_at_index ON tickets (first_responded_at);
      CREATE INDEX tickets_any_solved_at_index ON tickets (solved_at);
      ${Object.entries(SOURCES).map(markers).join('')}
      ${PREFERENCES}
    `)
    for (const [table, { at }] of Object.entries(SOURCES)) {
      await queryRunner.query(
        `INSERT INTO insight_marks (source, slot_at)
         SELECT DISTINCT '${table}', ${slot('moment.at')} FROM ${table}, LATERAL ${moments(table, at)} WHERE moment.at IS NOT NULL`,
      )
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const drops = Object.entries(SOURCES).map(
      ([table, { changes }]) => `
        DROP TRIGGER ${table}_added_insight ON ${table};
        DROP FUNCTION mark_added_${table};
        ${changes === undefined ? '' : `DROP TRIGGER ${table}_changed_insight ON ${table}; DROP FUNCTION mark_changed_${table};`}`,
    )
    await queryRunner.query(`
      DROP TRIGGER preferences_added_insight ON preferences;
      DROP TRIGGER preferences_changed_insight ON preferences;
      DROP TRIGGER preferences_removed_insight ON preferences;
      DROP FUNCTION mark_preference;
      ${drops.join('')}
      DROP INDEX sessions_created_at_index, posts_any_published_at_index, comments_created_at_index, reports_created_at_index,
        moderation_decisions_made_at_index, tickets_first_responded_at_index, tickets_any_solved_at_index;
      DROP TABLE insight_marks, insight_rollups;
    `)
  }
}
