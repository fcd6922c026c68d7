import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What is done to many people, one after the other, and what comes of it for each. */
export class BulkJobs1765110000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE bulk_jobs (
        id uuid CONSTRAINT bulk_jobs_pkey PRIMARY KEY,
        action text NOT NULL,
        started_by_id uuid CONSTRAINT bulk_jobs_started_by_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        session_id uuid NOT NULL,
        request_id text,
        work_order bytea NOT NULL,
        total integer NOT NULL,
        found_up_to uuid,
        is_found boolean NOT NULL,
        done_count integer NOT NULL,
        failed_count integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        started_at timestamptz(3),
        ended_at timestamptz(3),
        is_cancelled boolean NOT NULL,
        CONSTRAINT bulk_jobs_counts_check CHECK (done_count + failed_count <= total),
        CONSTRAINT bulk_jobs_end_check CHECK (ended_at IS NOT NULL OR NOT is_cancelled)
      );
      CREATE INDEX bulk_jobs_started_by_id_index ON bulk_jobs (started_by_id, created_at, id);
      CREATE INDEX bulk_jobs_created_at_index ON bulk_jobs (created_at, id);
      CREATE INDEX bulk_jobs_ended_at_index ON bulk_jobs (ended_at);

      CREATE TABLE bulk_job_items (
        job_id uuid NOT NULL CONSTRAINT bulk_job_items_job_id_fkey REFERENCES bulk_jobs (id) ON DELETE CASCADE,
        position integer NOT NULL,
        user_id uuid NOT NULL,
        outcome text NOT NULL CONSTRAINT bulk_job_items_outcome_check CHECK (outcome IN ('waiting', 'done', 'failed')),
        code text,
        message text,
        ended_at timestamptz(3),
        CONSTRAINT bulk_job_items_pkey PRIMARY KEY (job_id, position)
      );
      CREATE INDEX bulk_job_items_outcome_index ON bulk_job_items (job_id, outcome, position);
      CREATE INDEX bulk_job_items_user_id_index ON bulk_job_items (user_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE bulk_job_items; DROP TABLE bulk_jobs')
  }
}
