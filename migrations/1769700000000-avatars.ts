import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Pictures that people show of themselves, and the files of those that they show no more. */
export class Avatars1769700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE avatars (
        user_id uuid CONSTRAINT avatars_pkey PRIMARY KEY
          CONSTRAINT avatars_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        file_key text COLLATE "C" NOT NULL CONSTRAINT avatars_file_key_key UNIQUE,
        changed_at timestamptz(3) NOT NULL
      );

      CREATE TABLE avatar_leftovers (
        file_key text COLLATE "C" CONSTRAINT avatar_leftovers_pkey PRIMARY KEY,
        reserved_until timestamptz(3)
      );

      -- Whoever removes a picture, be it an erasure, its files are found and removed.
      CREATE FUNCTION leave_avatar() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO public.avatar_leftovers (file_key) VALUES (OLD.file_key) ON CONFLICT (file_key) DO NOTHING;
          RETURN NULL;
        END $$;
      CREATE TRIGGER avatars_replaced AFTER UPDATE OF file_key ON avatars
        FOR EACH ROW WHEN (OLD.file_key <> NEW.file_key) EXECUTE FUNCTION leave_avatar();
      CREATE TRIGGER avatars_removed AFTER DELETE ON avatars
        FOR EACH ROW EXECUTE FUNCTION leave_avatar();
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE avatar_leftovers, avatars;
      DROP FUNCTION leave_avatar();
    `)
  }
}
