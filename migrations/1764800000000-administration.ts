import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Suspensions with their reason and their end, invitations, and what staff note about people. */
export class Administration1764800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users
        ADD COLUMN suspended_at timestamptz(3),
        ADD COLUMN suspended_until timestamptz(3),
        ADD COLUMN suspended_by_id uuid,
        ADD COLUMN suspension_reason bytea,
        ADD COLUMN invited_at timestamptz(3),
        ADD CONSTRAINT users_suspension_check CHECK (
          status = 'suspended' OR num_nonnulls(suspended_at, suspended_until, suspended_by_id, suspension_reason) = 0
        );
      UPDATE users SET suspended_at = updated_at WHERE status = 'suspended';

      CREATE TABLE staff_notes (
        id uuid CONSTRAINT staff_notes_pkey PRIMARY KEY,
        subject_id uuid NOT NULL CONSTRAINT staff_notes_subject_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        author_id uuid CONSTRAINT staff_notes_author_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        body bytea NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        version integer NOT NULL
      );
      CREATE INDEX staff_notes_subject_id_index ON staff_notes (subject_id, created_at, id);
      CREATE INDEX staff_notes_author_id_index ON staff_notes (author_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE staff_notes;
      DELETE FROM challenges WHERE kind = 'invitation';
      ALTER TABLE users DROP CONSTRAINT users_suspension_check;
      UPDATE users SET status = 'active' WHERE suspended_until <= now();
      ALTER TABLE users
        DROP COLUMN suspended_at,
        DROP COLUMN suspended_until,
        DROP COLUMN suspended_by_id,
        DROP COLUMN suspension_reason,
        DROP COLUMN invited_at;
    `)
  }
}
