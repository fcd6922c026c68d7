import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tokens that were superseded, the last sign-in of a person, and indexes for removing sessions that are long over. */
export class SessionLifeCycle1764000300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE superseded_tokens (
        token_hash bytea CONSTRAINT superseded_tokens_pkey PRIMARY KEY,
        session_id uuid NOT NULL CONSTRAINT superseded_tokens_session_id_fkey REFERENCES sessions (id),
        superseded_at timestamptz(3) NOT NULL,
        is_void boolean NOT NULL
      );
      CREATE INDEX superseded_tokens_session_id_index ON superseded_tokens (session_id);

      CREATE INDEX sessions_ended_at_index ON sessions (ended_at) WHERE ended_at IS NOT NULL;
      CREATE INDEX sessions_expires_at_index ON sessions (expires_at) WHERE ended_at IS NULL;

      ALTER TABLE users ADD COLUMN last_sign_in_at timestamptz(3);
      UPDATE users SET last_sign_in_at = latest.created_at
      FROM (SELECT user_id, max(created_at) AS created_at FROM sessions GROUP BY user_id) latest
      WHERE latest.user_id = users.id;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users DROP COLUMN last_sign_in_at;
      DROP INDEX sessions_ended_at_index, sessions_expires_at_index;
      DROP TABLE superseded_tokens;
    `)
  }
}
