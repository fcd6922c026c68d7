import type { MigrationInterface, QueryRunner } from 'typeorm'

/** For which purpose people are told something: only those are who agree to it. */
export class AnnouncedPurposes1769821000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE announcements ADD COLUMN purpose_id text')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE announcements DROP COLUMN purpose_id')
  }
}
