import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Threads that moderators have closed are not opened by whoever has written the post. */
export class ThreadsClosedByModerators1768810000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE threads ADD COLUMN is_closed_by_moderator boolean NOT NULL DEFAULT false',
    )
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE threads DROP COLUMN is_closed_by_moderator')
  }
}
