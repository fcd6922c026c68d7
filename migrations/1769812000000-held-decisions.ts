import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What a filter lets wait is a decision too, besides the one that somebody makes in the same case. */
export class HeldDecisions1769812000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX moderation_decisions_case_id_index;
      CREATE UNIQUE INDEX moderation_decisions_case_id_index ON moderation_decisions (case_id) WHERE action <> 'hold';
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM moderation_decisions WHERE action = 'hold';
      DROP INDEX moderation_decisions_case_id_index;
      CREATE UNIQUE INDEX moderation_decisions_case_id_index ON moderation_decisions (case_id);
    `)
  }
}
