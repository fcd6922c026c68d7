import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Addresses that can be given back, credentials that are frozen for a while, and the security inbox. */
export class Recovery1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users ADD COLUMN credentials_frozen_until timestamptz(3);

      ALTER TABLE emails ADD COLUMN replaced_at timestamptz(3),
        ADD CONSTRAINT emails_replaced_at_check CHECK (replaced_at IS NULL OR NOT is_primary);
      CREATE INDEX emails_replaced_at_index ON emails (replaced_at) WHERE replaced_at IS NOT NULL;

      ALTER TABLE audit_events ADD COLUMN is_security_event boolean NOT NULL DEFAULT false;
      ALTER TABLE audit_events ALTER COLUMN is_security_event DROP DEFAULT;
      CREATE INDEX audit_events_security_index ON audit_events (subject_id, occurred_at, id) WHERE is_security_event;
      CREATE INDEX audit_events_disowned_index ON audit_events (target) WHERE action = 'account.disowned';
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX audit_events_disowned_index, audit_events_security_index;
      ALTER TABLE audit_events DROP COLUMN is_security_event;
      DELETE FROM emails WHERE replaced_at IS NOT NULL;
      ALTER TABLE emails DROP COLUMN replaced_at;
      ALTER TABLE users DROP COLUMN credentials_frozen_until;
    `)
  }
}
