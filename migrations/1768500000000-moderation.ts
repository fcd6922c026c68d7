import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people report, the cases that come of it, and what is decided in them. */
export class Moderation1768500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE comments ADD COLUMN removed_at timestamptz(3);

      CREATE TABLE moderation_cases (
        id uuid CONSTRAINT moderation_cases_pkey PRIMARY KEY,
        subject_kind text NOT NULL,
        subject_id uuid NOT NULL,
        author_id uuid NOT NULL CONSTRAINT moderation_cases_author_id_fkey REFERENCES users (id),
        status text NOT NULL
          CONSTRAINT moderation_cases_status_check CHECK (status IN ('open', 'dismissed', 'acted-on', 'reversed')),
        rank integer NOT NULL,
        opened_at timestamptz(3) NOT NULL,
        claimed_by_id uuid CONSTRAINT moderation_cases_claimed_by_id_fkey REFERENCES users (id),
        claimed_until timestamptz(3),
        staff_remark bytea,
        decided_by_id uuid CONSTRAINT moderation_cases_decided_by_id_fkey REFERENCES users (id),
        decided_at timestamptz(3),
        version integer NOT NULL
      );
      -- One case about a thing is open at a time.
      CREATE UNIQUE INDEX moderation_cases_open_subject_id_index ON moderation_cases (subject_id) WHERE status = 'open';
      CREATE INDEX moderation_cases_status_index ON moderation_cases (status, rank, opened_at, id);
      CREATE INDEX moderation_cases_author_id_index ON moderation_cases (author_id, opened_at, id);
      CREATE INDEX moderation_cases_decided_at_index ON moderation_cases (decided_at);

      -- Of one person about one thing: one. A case that goes takes them with it, be it that its author is erased.
      CREATE TABLE reports (
        id uuid CONSTRAINT reports_pkey PRIMARY KEY,
        case_id uuid NOT NULL CONSTRAINT reports_case_id_fkey REFERENCES moderation_cases (id) ON DELETE CASCADE,
        subject_id uuid NOT NULL,
        reporter_id uuid NOT NULL CONSTRAINT reports_reporter_id_fkey REFERENCES users (id),
        reason text NOT NULL,
        remark bytea,
        weight integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT reports_reporter_id_subject_id_key UNIQUE (reporter_id, subject_id)
      );
      CREATE INDEX reports_case_id_index ON reports (case_id, created_at, id);

      CREATE TABLE moderation_decisions (
        id uuid CONSTRAINT moderation_decisions_pkey PRIMARY KEY,
        case_id uuid NOT NULL,
        subject_kind text NOT NULL,
        subject_id uuid NOT NULL,
        user_id uuid NOT NULL CONSTRAINT moderation_decisions_user_id_fkey REFERENCES users (id),
        action text NOT NULL,
        broken_rule bytea NOT NULL,
        stated_reasons bytea NOT NULL,
        is_automated boolean NOT NULL,
        decided_by_id uuid CONSTRAINT moderation_decisions_decided_by_id_fkey REFERENCES users (id),
        decided_at timestamptz(3) NOT NULL,
        ends_at timestamptz(3),
        appeal_ends_at timestamptz(3) NOT NULL,
        reversed_at timestamptz(3),
        reversed_by_id uuid CONSTRAINT moderation_decisions_reversed_by_id_fkey REFERENCES users (id),
        version integer NOT NULL
      );
      CREATE UNIQUE INDEX moderation_decisions_case_id_index ON moderation_decisions (case_id);
      CREATE INDEX moderation_decisions_user_id_index ON moderation_decisions (user_id, decided_at, id);
      CREATE INDEX moderation_decisions_decided_at_index ON moderation_decisions (decided_at);
      -- Asked with everything that somebody writes.
      CREATE INDEX moderation_decisions_silence_index ON moderation_decisions (user_id, ends_at)
        WHERE action = 'silence' AND reversed_at IS NULL;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE moderation_decisions, reports, moderation_cases;
      ALTER TABLE comments DROP COLUMN removed_at;
    `)
  }
}
