import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What finds the first page of any filter of the trail without reading what the filter leaves out: what one person did of one action,
 * or what was done to them, and what came from one address. The latter stands beside the trail, whose rows nobody removes.
 */
export class AuditFilters1770100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX audit_events_actor_id_action_index ON audit_events (actor_id, action, occurred_at, id)
        WHERE actor_id IS NOT NULL;
      CREATE INDEX audit_events_subject_id_action_index ON audit_events (subject_id, action, occurred_at, id)
        WHERE subject_id IS NOT NULL;
      CREATE INDEX audit_events_request_id_index ON audit_events (request_id) WHERE request_id IS NOT NULL;

      CREATE TABLE audit_addresses (
        event_id uuid CONSTRAINT audit_addresses_pkey PRIMARY KEY,
        occurred_at timestamptz(3) NOT NULL,
        action text NOT NULL,
        owner_id uuid NOT NULL,
        address_index bytea NOT NULL,
        network_index bytea NOT NULL
      );
      CREATE INDEX audit_addresses_address_index ON audit_addresses (address_index, action, occurred_at, event_id);
      CREATE INDEX audit_addresses_network_index ON audit_addresses (network_index, action, occurred_at, event_id);
      CREATE INDEX audit_addresses_owner_id_index ON audit_addresses (owner_id);
      -- For what is removed because its time is over: rows come in the order of their moments, or nearly.
      CREATE INDEX audit_addresses_occurred_at_index ON audit_addresses USING brin (occurred_at);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE audit_addresses;
      DROP INDEX audit_events_actor_id_action_index, audit_events_subject_id_action_index, audit_events_request_id_index;
    `)
  }
}
