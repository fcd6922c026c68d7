import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Throttles, and challenges whose proof comes as a link. */
export class SignIn1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE throttles (
        key bytea CONSTRAINT throttles_pkey PRIMARY KEY,
        tries integer NOT NULL,
        tried_at timestamptz(3) NOT NULL,
        closed_until timestamptz(3)
      );
      CREATE INDEX throttles_tried_at_index ON throttles (tried_at);

      ALTER TABLE challenges
        DROP CONSTRAINT challenges_kind_check,
        ADD CONSTRAINT challenges_kind_check CHECK (kind IN ('sign-up', 'password-reset')),
        ADD COLUMN token_hash bytea CONSTRAINT challenges_token_hash_key UNIQUE,
        ALTER COLUMN state DROP NOT NULL;
      CREATE INDEX challenges_subject_id_index ON challenges (subject_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM challenges WHERE kind <> 'sign-up';
      DROP INDEX challenges_subject_id_index;
      ALTER TABLE challenges
        DROP CONSTRAINT challenges_kind_check,
        ADD CONSTRAINT challenges_kind_check CHECK (kind IN ('sign-up')),
        DROP COLUMN token_hash,
        ALTER COLUMN state SET NOT NULL;
      DROP TABLE throttles;
    `)
  }
}
