import type { MigrationInterface, QueryRunner } from 'typeorm'

const statuses = (unpublished: string) => `
  ALTER TABLE posts DROP CONSTRAINT posts_status_check,
    ADD CONSTRAINT posts_status_check CHECK (status IN ('published', 'archived', ${unpublished}));
  DROP INDEX posts_created_at_index, posts_author_id_index;
  CREATE INDEX posts_created_at_index ON posts (status, created_at, id)
    WHERE status IN (${unpublished}) AND deleted_at IS NULL;
  CREATE INDEX posts_author_id_index ON posts (author_id, status, created_at, id)
    WHERE status IN (${unpublished}) AND deleted_at IS NULL;`

/** Moderation hides posts and comments until their authors have changed them. */
export class HiddenContent1769813000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ${statuses(`'draft', 'scheduled', 'removed', 'held', 'hidden'`)}
      ALTER TABLE comments ADD COLUMN is_hidden boolean NOT NULL DEFAULT false;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE posts SET status = 'held' WHERE status = 'hidden';
      ${statuses(`'draft', 'scheduled', 'removed', 'held'`)}
      ALTER TABLE comments DROP COLUMN is_hidden;
    `)
  }
}
