import type { MigrationInterface, QueryRunner } from 'typeorm'

/** When recovery codes were made, so that those of a thief go and those of their owner stay. */
export class RecoveryCodesAge1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE recovery_codes ADD COLUMN created_at timestamptz(3) NOT NULL DEFAULT now();
      ALTER TABLE recovery_codes ALTER COLUMN created_at DROP DEFAULT;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE recovery_codes DROP COLUMN created_at')
  }
}
