import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Several e-mail addresses per person, and phone numbers, each proven; one of each is the primary one. */
export class Contact1769710000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE phones (
        id uuid CONSTRAINT phones_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT phones_user_id_fkey REFERENCES users (id),
        phone_number bytea NOT NULL,
        phone_number_index bytea NOT NULL,
        is_primary boolean NOT NULL,
        verified_at timestamptz(3) NOT NULL,
        CONSTRAINT phones_phone_number_key UNIQUE (user_id, phone_number_index)
      );
      CREATE UNIQUE INDEX phones_one_primary_key ON phones (user_id) WHERE is_primary;
      -- Several people may have one number.
      CREATE INDEX phones_phone_number_index ON phones (phone_number_index);

      -- Until now each address was the primary one, and one that was replaced was it until then.
      ALTER TABLE emails ADD COLUMN primary_since timestamptz(3), ADD COLUMN primary_until timestamptz(3);
      UPDATE emails SET primary_since = created_at, primary_until = replaced_at;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM emails WHERE NOT is_primary AND replaced_at IS NULL;
      ALTER TABLE emails DROP COLUMN primary_since, DROP COLUMN primary_until;
      DROP TABLE phones;
    `)
  }
}
