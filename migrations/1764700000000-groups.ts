import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Groups of people, grants that reach no further than a group, and the record of who read whose data. */
export class Groups1764700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE groups (
        id uuid CONSTRAINT groups_pkey PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        version integer NOT NULL,
        created_at timestamptz(3) NOT NULL
      );
      CREATE UNIQUE INDEX groups_name_key ON groups (lower(name));

      CREATE TABLE group_members (
        id uuid CONSTRAINT group_members_pkey PRIMARY KEY,
        group_id uuid NOT NULL CONSTRAINT group_members_group_id_fkey REFERENCES groups (id) ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT group_members_user_id_fkey REFERENCES users (id),
        added_by_id uuid,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT group_members_user_id_group_id_key UNIQUE (user_id, group_id)
      );
      CREATE INDEX group_members_group_id_index ON group_members (group_id, created_at, id);

      ALTER TABLE roles ADD COLUMN requires_reason boolean NOT NULL DEFAULT false;

      ALTER TABLE role_grants
        ADD COLUMN group_id uuid CONSTRAINT role_grants_group_id_fkey REFERENCES groups (id) ON DELETE CASCADE,
        ADD COLUMN reason text,
        DROP CONSTRAINT role_grants_user_id_role_id_key,
        ADD CONSTRAINT role_grants_user_id_role_id_group_id_key UNIQUE NULLS NOT DISTINCT (user_id, role_id, group_id);
      DROP INDEX role_grants_role_id_index;
      CREATE INDEX role_grants_role_id_index ON role_grants (role_id, created_at, id);
      CREATE INDEX role_grants_group_id_index ON role_grants (group_id) WHERE group_id IS NOT NULL;

      CREATE TABLE access_records (
        id uuid CONSTRAINT access_records_pkey PRIMARY KEY,
        occurred_at timestamptz(3) NOT NULL,
        reader_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        roles text[] NOT NULL,
        fields text[] NOT NULL,
        reason text,
        request_id text
      );
      CREATE INDEX access_records_subject_id_index ON access_records (subject_id, occurred_at, id);
      CREATE INDEX access_records_reader_id_index ON access_records (reader_id, occurred_at, id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE access_records;
      DELETE FROM role_grants WHERE group_id IS NOT NULL;
      DROP INDEX role_grants_role_id_index, role_grants_group_id_index;
      CREATE INDEX role_grants_role_id_index ON role_grants (role_id);
      ALTER TABLE role_grants
        DROP CONSTRAINT role_grants_user_id_role_id_group_id_key,
        DROP COLUMN group_id,
        DROP COLUMN reason,
        ADD CONSTRAINT role_grants_user_id_role_id_key UNIQUE (user_id, role_id);
      ALTER TABLE roles DROP COLUMN requires_reason;
      DROP TABLE group_members, groups;
    `)
  }
}
