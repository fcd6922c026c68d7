import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What applications keep about people, and to whom people show what is on their profile. */
export class Attributes1769420000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE attributes (
        id uuid CONSTRAINT attributes_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT attributes_user_id_fkey REFERENCES users (id),
        key text NOT NULL,
        sealed_value bytea,
        audience text CONSTRAINT attributes_audience_check CHECK (audience IN ('public', 'members', 'only-me')),
        version integer NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT attributes_user_id_key_key UNIQUE (user_id, key)
      );
      ALTER TABLE users
        ADD COLUMN bio_audience text NOT NULL DEFAULT 'public'
          CONSTRAINT users_bio_audience_check CHECK (bio_audience IN ('public', 'members', 'only-me')),
        ADD COLUMN last_seen_audience text NOT NULL DEFAULT 'only-me'
          CONSTRAINT users_last_seen_audience_check CHECK (last_seen_audience IN ('public', 'members', 'only-me'));
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users DROP COLUMN bio_audience, DROP COLUMN last_seen_audience;
      DROP TABLE attributes;
    `)
  }
}
