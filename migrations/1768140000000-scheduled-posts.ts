import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Posts that are published by themselves. */
export class ScheduledPosts1768140000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE posts ADD COLUMN publish_at timestamptz(3);
      CREATE INDEX posts_publish_at_index ON posts (publish_at, id) WHERE status = 'scheduled' AND deleted_at IS NULL;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE posts DROP COLUMN publish_at')
  }
}
