import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Decisions of moderation are found by what they are about, and are forgotten once they have been over for their time. */
export class StandingDecisions1768800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX moderation_decisions_subject_id_index ON moderation_decisions (subject_id) WHERE reversed_at IS NULL;
      DROP INDEX moderation_decisions_decided_at_index;
      CREATE INDEX moderation_decisions_over_at_index ON moderation_decisions (greatest(decided_at, ends_at));
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX moderation_decisions_over_at_index;
      CREATE INDEX moderation_decisions_decided_at_index ON moderation_decisions (decided_at);
      DROP INDEX moderation_decisions_subject_id_index;
    `)
  }
}
