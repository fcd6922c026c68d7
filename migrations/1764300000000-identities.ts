import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Identities: who is who at identity providers. */
export class Identities1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE identities (
        id uuid CONSTRAINT identities_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT identities_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        provider text NOT NULL,
        subject_identifier bytea NOT NULL,
        subject_identifier_index bytea NOT NULL,
        created_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3),
        CONSTRAINT identities_subject_identifier_key UNIQUE (provider, subject_identifier_index)
      );
      CREATE INDEX identities_user_id_index ON identities (user_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM challenges WHERE kind IN ('provider-sign-in', 'provider-link');
      DROP TABLE identities;
    `)
  }
}
