import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Comments that an older version has rendered are found by a job. */
export class CommentMarkup1768820000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX comments_markup_version_index ON comments (markup_version)')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX comments_markup_version_index')
  }
}
