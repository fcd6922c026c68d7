import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What matters more is sent first, and nothing is given up for how long it has waited. */
export class DeliveryPriority1769800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE deliveries ADD COLUMN priority smallint NOT NULL DEFAULT 1
        CONSTRAINT deliveries_priority_check CHECK (priority BETWEEN 0 AND 2);
      UPDATE deliveries SET priority = 0 WHERE status = 'pending' AND expires_at IS NOT NULL;
      ALTER TABLE deliveries ALTER COLUMN priority DROP DEFAULT, DROP COLUMN send_by;
      DROP INDEX deliveries_due_index;
      CREATE INDEX deliveries_due_index ON deliveries (channel, priority, next_attempt_at, id) WHERE status = 'pending';
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX deliveries_due_index;
      CREATE INDEX deliveries_due_index ON deliveries (channel, (expires_at IS NULL), next_attempt_at, id) WHERE status = 'pending';
      ALTER TABLE deliveries ADD COLUMN send_by timestamptz(3);
      UPDATE deliveries SET send_by = least(expires_at, created_at + interval '1 day');
      ALTER TABLE deliveries ALTER COLUMN send_by SET NOT NULL, DROP COLUMN priority;
    `)
  }
}
