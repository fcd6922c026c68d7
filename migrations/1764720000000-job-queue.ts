import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Room for the job queue, whose tables graphile-worker makes after the migrations, and the processes that do jobs. */
export class JobQueue1764720000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE SCHEMA graphile_worker;

      CREATE TABLE job_workers (
        id text CONSTRAINT job_workers_pkey PRIMARY KEY,
        seen_at timestamptz(3) NOT NULL
      );
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE job_workers; DROP SCHEMA graphile_worker CASCADE')
  }
}
