import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Who reads a post, and posts that are archived or removed. */
export class PostVisibility1768100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE posts DROP CONSTRAINT posts_status_check;
      ALTER TABLE posts ADD CONSTRAINT posts_status_check
        CHECK (status IN ('draft', 'scheduled', 'published', 'archived', 'removed'));
      ALTER TABLE posts ADD COLUMN visibility text NOT NULL DEFAULT 'public'
        CONSTRAINT posts_visibility_check CHECK (visibility IN ('public', 'members', 'only-me'));
      ALTER TABLE posts ADD COLUMN archived_at timestamptz(3);
      CREATE INDEX posts_archived_published_at_index ON posts (published_at, id)
        WHERE status = 'archived' AND deleted_at IS NULL;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX posts_archived_published_at_index;
      ALTER TABLE posts DROP COLUMN archived_at;
      ALTER TABLE posts DROP COLUMN visibility;
      UPDATE posts SET status = CASE status WHEN 'archived' THEN 'published' ELSE 'draft' END
        WHERE status NOT IN ('draft', 'published');
      ALTER TABLE posts DROP CONSTRAINT posts_status_check;
      ALTER TABLE posts ADD CONSTRAINT posts_status_check CHECK (status IN ('draft', 'published'));
    `)
  }
}
