import type { MigrationInterface, QueryRunner } from 'typeorm'

/** For whose data the law asks, so that it is not erased. */
export class LegalHolds1767310000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- That data was kept has to be shown after the person is gone, so there is no foreign key to them.
      CREATE TABLE legal_holds (
        id uuid CONSTRAINT legal_holds_pkey PRIMARY KEY,
        user_id uuid NOT NULL,
        hold_reason bytea NOT NULL,
        case_reference bytea,
        placed_by_id uuid CONSTRAINT legal_holds_placed_by_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        placed_at timestamptz(3) NOT NULL,
        released_at timestamptz(3),
        released_by_id uuid CONSTRAINT legal_holds_released_by_id_fkey REFERENCES users (id) ON DELETE SET NULL
      );
      CREATE INDEX legal_holds_user_id_index ON legal_holds (user_id, placed_at, id);
      CREATE INDEX legal_holds_in_force_index ON legal_holds (user_id) WHERE released_at IS NULL;
      CREATE INDEX legal_holds_placed_by_id_index ON legal_holds (placed_by_id);
      CREATE INDEX legal_holds_released_by_id_index ON legal_holds (released_by_id);

      -- Whatever erases people, from wherever: nobody whose data is held can be deleted.
      CREATE FUNCTION keep_held_people() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM legal_holds WHERE user_id = OLD.id AND released_at IS NULL) THEN
            RAISE EXCEPTION 'The data of % is under a legal hold.', OLD.id USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN OLD;
        END $$;
      CREATE TRIGGER users_held BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep_held_people();
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TRIGGER users_held ON users; DROP FUNCTION keep_held_people; DROP TABLE legal_holds',
    )
  }
}
