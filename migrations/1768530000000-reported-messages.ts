import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Private messages can be reported, with what they say, and taken from their readers. */
export class ReportedMessages1768530000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE messages ADD COLUMN removed_at timestamptz(3);
      ALTER TABLE moderation_cases ADD COLUMN reported_text bytea;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE moderation_cases DROP COLUMN reported_text;
      ALTER TABLE messages DROP COLUMN removed_at;
    `)
  }
}
