import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What keeps the search in step with people; whom `hidden` names are not in it. */
const trigger = (hidden: string) => `
  CREATE OR REPLACE FUNCTION change_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF ${hidden} THEN
        DELETE FROM user_search WHERE id = NEW.id;
        RETURN NULL;
      END IF;
      IF OLD.restricted_at IS NOT NULL THEN
        INSERT INTO user_search (id, username, created_at, status, suspended_until, search_text)
        VALUES (NEW.id, NEW.username, NEW.created_at, NEW.status, NEW.suspended_until,
          user_search_text(NEW.username, NEW.display_name));
        RETURN NULL;
      END IF;
      UPDATE user_search SET username = NEW.username, created_at = NEW.created_at, status = NEW.status,
        suspended_until = NEW.suspended_until, search_text = user_search_text(NEW.username, NEW.display_name)
      WHERE id = NEW.id;
      RETURN NULL;
    END $$;`

/** People's copies of their data, and their erasure with the ledger that outlives it. */
export class SubjectRights1767400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users DROP CONSTRAINT users_status_check,
        ADD CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended', 'erased')),
        -- What an account has that nothing is known of.
        ALTER COLUMN locale SET DEFAULT 'en',
        ALTER COLUMN time_zone SET DEFAULT 'UTC';
      ${trigger("NEW.restricted_at IS NOT NULL OR NEW.status = 'erased'")}

      CREATE TABLE data_exports (
        id uuid CONSTRAINT data_exports_pkey PRIMARY KEY,
        request_id uuid,
        user_id uuid NOT NULL CONSTRAINT data_exports_user_id_fkey REFERENCES users (id),
        requested_at timestamptz(3) NOT NULL,
        ready_at timestamptz(3),
        expires_at timestamptz(3) NOT NULL,
        size_bytes integer,
        token_hash bytea CONSTRAINT data_exports_token_hash_key UNIQUE,
        token_expires_at timestamptz(3),
        downloaded_at timestamptz(3)
      );
      CREATE INDEX data_exports_user_id_index ON data_exports (user_id, requested_at, id);
      CREATE INDEX data_exports_expires_at_index ON data_exports (expires_at);

      CREATE TABLE data_export_parts (
        id uuid CONSTRAINT data_export_parts_pkey PRIMARY KEY,
        export_id uuid NOT NULL CONSTRAINT data_export_parts_export_id_fkey REFERENCES data_exports (id) ON DELETE CASCADE,
        position integer NOT NULL,
        body bytea NOT NULL,
        CONSTRAINT data_export_parts_position_key UNIQUE (export_id, position)
      );
      -- It is ciphertext: nothing that could be compressed.
      ALTER TABLE data_export_parts ALTER COLUMN body SET STORAGE EXTERNAL;

      CREATE TABLE erasures (
        id uuid CONSTRAINT erasures_pkey PRIMARY KEY,
        request_id uuid,
        user_id uuid NOT NULL CONSTRAINT erasures_user_id_fkey REFERENCES users (id),
        requested_at timestamptz(3) NOT NULL,
        erases_at timestamptz(3) NOT NULL,
        cancelled_at timestamptz(3),
        delayed_at timestamptz(3),
        erased_at timestamptz(3),
        entries jsonb,
        ledger_number integer,
        certificate text
      );
      -- One at a time.
      CREATE UNIQUE INDEX erasures_pending_key ON erasures (user_id) WHERE cancelled_at IS NULL;
      CREATE INDEX erasures_due_index ON erasures (erases_at) WHERE cancelled_at IS NULL AND certificate IS NULL;

      CREATE INDEX erasures_user_id_index ON erasures (user_id, requested_at, id);
      -- Those that are deleted too: erasure looks for all that is somebody's.
      CREATE INDEX posts_all_author_id_index ON posts (author_id);

      CREATE TABLE erasure_ledger (
        number integer CONSTRAINT erasure_ledger_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT erasure_ledger_user_id_key UNIQUE,
        erased_at timestamptz(3) NOT NULL,
        line text NOT NULL
      );
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX posts_all_author_id_index;
      DROP TABLE erasure_ledger, erasures, data_export_parts, data_exports;
      ${trigger('NEW.restricted_at IS NOT NULL')}
      UPDATE users SET status = 'suspended', suspended_at = now() WHERE status = 'erased';
      ALTER TABLE users ALTER COLUMN locale DROP DEFAULT, ALTER COLUMN time_zone DROP DEFAULT,
        DROP CONSTRAINT users_status_check,
        ADD CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended'));
    `)
  }
}
