import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What posts said before they were changed. */
export class PostRevisions1768130000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE posts ADD COLUMN edited_at timestamptz(3);
      CREATE TABLE post_revisions (
        post_id uuid NOT NULL CONSTRAINT post_revisions_post_id_fkey REFERENCES posts (id) ON DELETE CASCADE,
        number integer NOT NULL,
        author_id uuid NOT NULL CONSTRAINT post_revisions_author_id_fkey REFERENCES users (id),
        editor_id uuid CONSTRAINT post_revisions_editor_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        replaced_at timestamptz(3) NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        tags text[] NOT NULL,
        CONSTRAINT post_revisions_pkey PRIMARY KEY (post_id, number)
      );
      CREATE INDEX post_revisions_author_id_index ON post_revisions (author_id);
      CREATE INDEX post_revisions_editor_id_index ON post_revisions (editor_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE post_revisions;
      ALTER TABLE posts DROP COLUMN edited_at;
    `)
  }
}
