import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Personal access tokens, and in the trail with which of them something was done. */
export class AccessTokens1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE access_tokens (
        id uuid CONSTRAINT access_tokens_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT access_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        token_hash bytea NOT NULL CONSTRAINT access_tokens_token_hash_key UNIQUE,
        scopes text[] NOT NULL,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3),
        revoked_at timestamptz(3),
        end_reason text,
        CONSTRAINT access_tokens_end_reason_check CHECK ((revoked_at IS NULL) = (end_reason IS NULL))
      );
      CREATE INDEX access_tokens_user_id_index ON access_tokens (user_id, created_at);
      CREATE INDEX access_tokens_expires_at_index ON access_tokens (expires_at);

      ALTER TABLE audit_events ADD COLUMN access_token_id uuid;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE audit_events DROP COLUMN access_token_id;
      DROP TABLE access_tokens;
    `)
  }
}
