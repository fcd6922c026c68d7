import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Sessions in which somebody of the staff acts as another person, and events that name both. */
export class Impersonation1764750000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE sessions ADD COLUMN impersonator_id uuid
        CONSTRAINT sessions_impersonator_id_fkey REFERENCES users (id);
      CREATE INDEX sessions_impersonator_id_index ON sessions (impersonator_id) WHERE impersonator_id IS NOT NULL;
      ALTER TABLE audit_events ADD COLUMN impersonator_id uuid;
      CREATE INDEX audit_events_impersonator_id_index ON audit_events (impersonator_id, occurred_at, id)
        WHERE impersonator_id IS NOT NULL;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM superseded_tokens WHERE session_id IN (SELECT id FROM sessions WHERE impersonator_id IS NOT NULL);
      DELETE FROM sessions WHERE impersonator_id IS NOT NULL;
      ALTER TABLE sessions DROP COLUMN impersonator_id;
      ALTER TABLE audit_events DROP COLUMN impersonator_id;
    `)
  }
}
