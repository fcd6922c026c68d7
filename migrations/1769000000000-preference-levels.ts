import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Preferences of groups and of devices, and what became of them all. */
export class PreferenceLevels1769000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE preferences
        ALTER COLUMN value DROP NOT NULL,
        ADD COLUMN version integer NOT NULL DEFAULT 1;

      CREATE TABLE device_preferences (
        user_id uuid NOT NULL CONSTRAINT device_preferences_user_id_fkey REFERENCES users (id),
        device_id text NOT NULL,
        key text NOT NULL,
        value jsonb NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT device_preferences_pkey PRIMARY KEY (user_id, device_id, key)
      );

      CREATE TABLE group_preferences (
        group_id uuid NOT NULL CONSTRAINT group_preferences_group_id_fkey REFERENCES groups (id) ON DELETE CASCADE,
        key text NOT NULL,
        value jsonb,
        updated_at timestamptz(3) NOT NULL,
        version integer NOT NULL,
        CONSTRAINT group_preferences_pkey PRIMARY KEY (group_id, key)
      );

      CREATE TABLE preference_changes (
        id uuid CONSTRAINT preference_changes_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT preference_changes_user_id_fkey REFERENCES users (id),
        key text NOT NULL,
        number integer NOT NULL,
        device_id text,
        before jsonb,
        after jsonb,
        changed_by_id uuid,
        changed_at timestamptz(3) NOT NULL,
        CONSTRAINT preference_changes_user_id_key_number_key UNIQUE (user_id, key, number)
      );
      CREATE INDEX preference_changes_user_id_index ON preference_changes (user_id, changed_at, number, id);
      CREATE INDEX preference_changes_changed_at_index ON preference_changes (changed_at);

      CREATE TABLE group_preference_changes (
        id uuid CONSTRAINT group_preference_changes_pkey PRIMARY KEY,
        group_id uuid NOT NULL CONSTRAINT group_preference_changes_group_id_fkey REFERENCES groups (id) ON DELETE CASCADE,
        key text NOT NULL,
        number integer NOT NULL,
        before jsonb,
        after jsonb,
        changed_by_id uuid,
        changed_at timestamptz(3) NOT NULL,
        CONSTRAINT group_preference_changes_group_id_key_number_key UNIQUE (group_id, key, number)
      );
      CREATE INDEX group_preference_changes_group_id_index ON group_preference_changes (group_id, changed_at, number, id);
      CREATE INDEX group_preference_changes_changed_at_index ON group_preference_changes (changed_at);
      CREATE INDEX group_preference_changes_changed_by_id_index ON group_preference_changes (changed_by_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE group_preference_changes, preference_changes, group_preferences, device_preferences;
      DELETE FROM preferences WHERE value IS NULL;
      ALTER TABLE preferences DROP COLUMN version, ALTER COLUMN value SET NOT NULL;
    `)
  }
}
