import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What is deleted stays in the trash for a while. Of what was deleted before nothing but an empty row is left, which goes. */
export class PostTrash1768120000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM posts WHERE deleted_at IS NOT NULL;
      CREATE INDEX posts_deleted_at_index ON posts (deleted_at) WHERE deleted_at IS NOT NULL;
      CREATE INDEX posts_author_id_deleted_at_index ON posts (author_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX posts_author_id_deleted_at_index;
      DROP INDEX posts_deleted_at_index;
      DELETE FROM posts WHERE deleted_at IS NOT NULL;
    `)
  }
}
