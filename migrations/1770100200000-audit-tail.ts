import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Which transaction has written an event: by that, whoever follows the trail knows what has been committed since they last looked. The
 * moments of events do not tell, nor do their ids: those are given before, and who commits first is another question. Events from before are
 * followed by nobody.
 */
export class AuditTail1770100200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE audit_events ADD COLUMN transaction_id bigint;
      ALTER TABLE audit_events ALTER COLUMN transaction_id SET DEFAULT pg_current_xact_id()::text::bigint;
      CREATE INDEX audit_events_transaction_id_index ON audit_events (transaction_id, id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE audit_events DROP COLUMN transaction_id')
  }
}
