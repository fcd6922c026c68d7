import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What is known of a password besides its hash. */
export class Passwords1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE passwords
        ADD COLUMN is_short boolean NOT NULL DEFAULT false,
        ADD COLUMN compromised_at timestamptz(3),
        ADD COLUMN reset_required_at timestamptz(3);
      ALTER TABLE passwords ALTER COLUMN is_short DROP DEFAULT;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE passwords DROP COLUMN is_short, DROP COLUMN compromised_at, DROP COLUMN reset_required_at',
    )
  }
}
