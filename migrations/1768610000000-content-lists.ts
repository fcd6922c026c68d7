import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Lists of content are read along an index that holds little else, be there a million of them. */
export class ContentLists1768610000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Few of very many posts are not published.
      DROP INDEX posts_created_at_index, posts_author_id_index;
      CREATE INDEX posts_created_at_index ON posts (status, created_at, id)
        WHERE status IN ('draft', 'scheduled', 'removed') AND deleted_at IS NULL;
      CREATE INDEX posts_author_id_index ON posts (author_id, status, created_at, id)
        WHERE status IN ('draft', 'scheduled', 'removed') AND deleted_at IS NULL;
      CREATE INDEX posts_author_archived_index ON posts (author_id, published_at, id)
        WHERE status = 'archived' AND deleted_at IS NULL;

      -- Cases that were reported for something rare, and those that somebody looks at.
      CREATE INDEX reports_reason_index ON reports (reason, case_id);
      CREATE INDEX moderation_cases_claimed_by_id_index ON moderation_cases (claimed_by_id, status, rank, opened_at, id)
        WHERE claimed_by_id IS NOT NULL;

      -- A thread may be very much longer than others. Planned for the usual one, its first page would be found by sorting all of it.
      ALTER TABLE comments ALTER COLUMN post_id SET (n_distinct = 1000), ALTER COLUMN parent_id SET (n_distinct = 1000);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE comments ALTER COLUMN post_id RESET (n_distinct), ALTER COLUMN parent_id RESET (n_distinct);
      DROP INDEX moderation_cases_claimed_by_id_index, reports_reason_index, posts_author_archived_index, posts_author_id_index, posts_created_at_index;
      CREATE INDEX posts_created_at_index ON posts (created_at, id) WHERE deleted_at IS NULL;
      CREATE INDEX posts_author_id_index ON posts (author_id, created_at, id) WHERE deleted_at IS NULL;
    `)
  }
}
