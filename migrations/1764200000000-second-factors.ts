import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Second factors, passkeys, recovery codes, and challenges that can be met in more than one way and step. */
export class SecondFactors1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE factors (
        id uuid CONSTRAINT factors_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT factors_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        kind text NOT NULL CONSTRAINT factors_kind_check CHECK (kind IN ('totp', 'email-code')),
        shared_secret bytea,
        last_step integer,
        created_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3),
        CONSTRAINT factors_user_id_kind_key UNIQUE (user_id, kind)
      );

      CREATE TABLE passkeys (
        id uuid CONSTRAINT passkeys_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT passkeys_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        credential_id text NOT NULL CONSTRAINT passkeys_credential_id_key UNIQUE,
        public_key bytea NOT NULL,
        counter bigint NOT NULL,
        transports text[] NOT NULL,
        is_synced boolean NOT NULL,
        name text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3)
      );
      CREATE INDEX passkeys_user_id_index ON passkeys (user_id);

      CREATE TABLE recovery_codes (
        code_hash bytea CONSTRAINT recovery_codes_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT recovery_codes_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        used_at timestamptz(3)
      );
      CREATE INDEX recovery_codes_user_id_index ON recovery_codes (user_id);

      ALTER TABLE sessions ADD COLUMN methods text[] NOT NULL DEFAULT '{}';
      ALTER TABLE sessions ALTER COLUMN methods DROP DEFAULT;

      DELETE FROM challenges;
      ALTER TABLE challenges
        DROP CONSTRAINT challenges_kind_check,
        ADD COLUMN methods text[] NOT NULL,
        ADD COLUMN proven text[] NOT NULL,
        ALTER COLUMN code_hash DROP NOT NULL,
        ADD COLUMN code_expires_at timestamptz(3);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM challenges;
      ALTER TABLE challenges
        ADD CONSTRAINT challenges_kind_check CHECK (kind IN ('sign-up', 'password-reset')),
        DROP COLUMN methods,
        DROP COLUMN proven,
        ALTER COLUMN code_hash SET NOT NULL,
        DROP COLUMN code_expires_at;
      ALTER TABLE sessions DROP COLUMN methods;
      DROP TABLE recovery_codes;
      DROP TABLE passkeys;
      DROP TABLE factors;
    `)
  }
}
