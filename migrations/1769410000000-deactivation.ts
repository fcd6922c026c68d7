import type { MigrationInterface, QueryRunner } from 'typeorm'

/** People who have deactivated their account: shown to nobody but staff, until they sign in again. */
export class Deactivation1769410000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users ADD COLUMN deactivated_at timestamptz(3);
      -- Few, as a rule: each list of something that people have asks here; moderators' lists, for the restricted alone, in an index of theirs.
      CREATE INDEX users_hidden_index ON users (id) WHERE restricted_at IS NOT NULL OR deactivated_at IS NOT NULL;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX users_hidden_index;
      ALTER TABLE users DROP COLUMN deactivated_at;
    `)
  }
}
