import type { MigrationInterface, QueryRunner } from 'typeorm'

/** For when a summary was asked for, which may be put off. What runs beside it for a while and does not know says nothing. */
export class PutOffDigests1769835000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE notification_digests ADD COLUMN slot_at timestamptz(3);
      UPDATE notification_digests SET slot_at = due_at
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE notification_digests DROP COLUMN slot_at')
  }
}
