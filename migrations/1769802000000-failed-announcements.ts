import type { MigrationInterface, QueryRunner } from 'typeorm'

/** An announcement that cannot be told is tried again some times, and not for ever. */
export class FailedAnnouncements1769802000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE announcements ADD COLUMN failure_count integer NOT NULL DEFAULT 0, ADD COLUMN failure text,
        ADD CONSTRAINT announcements_failure_check CHECK (failure IS NULL OR ended_at IS NOT NULL);
      ALTER TABLE announcements ALTER COLUMN failure_count DROP DEFAULT;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE announcements DROP COLUMN failure, DROP COLUMN failure_count')
  }
}
