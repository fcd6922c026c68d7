import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people ask about their own data, and what comes of it. */
export class PrivacyRequests1767300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- That a request was answered has to be shown after the person is gone, so there is no foreign key to them.
      CREATE TABLE privacy_requests (
        id uuid CONSTRAINT privacy_requests_pkey PRIMARY KEY,
        user_id uuid NOT NULL,
        kind text NOT NULL CONSTRAINT privacy_requests_kind_check
          CHECK (kind IN ('export', 'rectification', 'erasure', 'restriction', 'objection')),
        status text NOT NULL CONSTRAINT privacy_requests_status_check
          CHECK (status IN ('received', 'in-progress', 'done', 'refused', 'withdrawn')),
        purpose text,
        body bytea,
        outcome_note bytea,
        extension_reason bytea,
        received_at timestamptz(3) NOT NULL,
        due_at timestamptz(3) NOT NULL,
        extended_at timestamptz(3),
        done_at timestamptz(3),
        handled_by_id uuid CONSTRAINT privacy_requests_handled_by_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        overdue_told_at timestamptz(3),
        version integer NOT NULL,
        CONSTRAINT privacy_requests_end_check CHECK ((done_at IS NULL) = (status IN ('received', 'in-progress')))
      );
      CREATE INDEX privacy_requests_user_id_index ON privacy_requests (user_id, received_at, id);
      CREATE INDEX privacy_requests_due_at_index ON privacy_requests (due_at, id);
      CREATE INDEX privacy_requests_open_index ON privacy_requests (due_at, id)
        WHERE status IN ('received', 'in-progress');
      CREATE INDEX privacy_requests_handled_by_id_index ON privacy_requests (handled_by_id);
      CREATE UNIQUE INDEX privacy_requests_one_open_key ON privacy_requests (user_id, kind)
        WHERE status IN ('received', 'in-progress') AND kind IN ('export', 'erasure', 'restriction');
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE privacy_requests')
  }
}
