import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Whoever has reported something is told once what came of it, and finds their reports, the newest first. */
export class ToldReporters1768520000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE reports ADD COLUMN told_at timestamptz(3);
      CREATE INDEX reports_reporter_id_index ON reports (reporter_id, created_at, id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX reports_reporter_id_index;
      ALTER TABLE reports DROP COLUMN told_at;
    `)
  }
}
