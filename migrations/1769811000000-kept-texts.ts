import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people said whose data is held, before they changed or deleted it. */
export class KeptTexts1769811000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE kept_texts (
        id uuid CONSTRAINT kept_texts_pkey PRIMARY KEY,
        author_id uuid NOT NULL CONSTRAINT kept_texts_author_id_fkey REFERENCES users (id),
        written_kind text NOT NULL,
        written_id uuid NOT NULL,
        former_text bytea NOT NULL,
        kept_at timestamptz(3) NOT NULL
      );
      CREATE INDEX kept_texts_author_id_index ON kept_texts (author_id, kept_at, id);
      CREATE INDEX kept_texts_kept_at_index ON kept_texts (kept_at);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE kept_texts')
  }
}
