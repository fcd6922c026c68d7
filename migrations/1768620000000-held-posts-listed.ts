import type { MigrationInterface, QueryRunner } from 'typeorm'

const indexes = (statuses: string) => `
  DROP INDEX posts_created_at_index, posts_author_id_index;
  CREATE INDEX posts_created_at_index ON posts (status, created_at, id)
    WHERE status IN (${statuses}) AND deleted_at IS NULL;
  CREATE INDEX posts_author_id_index ON posts (author_id, status, created_at, id)
    WHERE status IN (${statuses}) AND deleted_at IS NULL;`

/** What waits for a moderator is listed along the indexes of all that is not published. */
export class HeldPostsListed1768620000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(indexes(`'draft', 'scheduled', 'removed', 'held'`))
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(indexes(`'draft', 'scheduled', 'removed'`))
  }
}
