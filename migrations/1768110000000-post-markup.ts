import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What is made of a post's text, and by which version. What was written before is rendered by a job, and for readers until then. */
export class PostMarkup1768110000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE posts ADD COLUMN body_html text NOT NULL DEFAULT '';
      ALTER TABLE posts ADD COLUMN excerpt text NOT NULL DEFAULT '';
      ALTER TABLE posts ADD COLUMN markup_version integer NOT NULL DEFAULT 0;
      CREATE INDEX posts_markup_version_index ON posts (markup_version);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE posts DROP COLUMN body_html;
      ALTER TABLE posts DROP COLUMN excerpt;
      ALTER TABLE posts DROP COLUMN markup_version;
    `)
  }
}
