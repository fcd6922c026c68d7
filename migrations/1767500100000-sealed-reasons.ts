import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What staff write about a person when they look or grant is encrypted under that person's key, which SQL has not got. Records of
 * access are sealed as they are, so those of before keep their words where they stand, in `reason`, and new ones go into
 * `access_reason`. Grants lose theirs here: why each was made stands encrypted in its event of the trail.
 */
export class SealedReasons1767500100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE access_records ADD COLUMN access_reason bytea;
      ALTER TABLE role_grants DROP COLUMN reason;
      ALTER TABLE role_grants ADD COLUMN grant_reason bytea;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE access_records DROP COLUMN access_reason;
      ALTER TABLE role_grants DROP COLUMN grant_reason;
      ALTER TABLE role_grants ADD COLUMN reason text;
    `)
  }
}
