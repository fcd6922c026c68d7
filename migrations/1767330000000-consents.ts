import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people have agreed to, taken back and objected to: a ledger to which rows are added and nothing else. */
export class Consents1767330000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- That somebody has agreed has to be shown after they are gone (GDPR art. 7(1)), so there is no foreign key to them.
      CREATE TABLE consents (
        id uuid CONSTRAINT consents_pkey PRIMARY KEY,
        user_id uuid NOT NULL,
        purpose text NOT NULL,
        text_version text NOT NULL,
        locale text NOT NULL,
        source text NOT NULL CONSTRAINT consents_source_check CHECK (source IN ('web', 'app', 'import', 'staff')),
        given boolean NOT NULL,
        decided_at timestamptz(3) NOT NULL
      );
      CREATE INDEX consents_user_id_purpose_index ON consents (user_id, purpose, decided_at DESC, id DESC)
        INCLUDE (text_version, given);
      CREATE INDEX consents_user_id_decided_at_index ON consents (user_id, decided_at, id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE consents')
  }
}
