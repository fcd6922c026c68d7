import type { MigrationInterface, QueryRunner } from 'typeorm'

/** To whose thread a notification belongs: whoever mutes it is not written to about it any more. */
export class NotifiedThreads1769801000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE notifications ADD COLUMN post_id uuid')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE notifications DROP COLUMN post_id')
  }
}
