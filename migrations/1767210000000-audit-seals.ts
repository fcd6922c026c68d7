import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Seals over the trail, chained and signed, and what each of them holds. */
export class AuditSeals1767210000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_seals (
        number bigint CONSTRAINT audit_seals_pkey PRIMARY KEY,
        version integer NOT NULL,
        first_position bigint NOT NULL,
        count integer NOT NULL,
        root bytea NOT NULL,
        previous bytea NOT NULL,
        sealed_at timestamptz(3) NOT NULL,
        complete_until timestamptz(3) NOT NULL,
        key_id text NOT NULL,
        signature bytea NOT NULL
      );

      CREATE TABLE audit_seal_entries (
        position bigint CONSTRAINT audit_seal_entries_pkey PRIMARY KEY,
        trail text NOT NULL,
        row_id uuid NOT NULL,
        occurred_at timestamptz(3) NOT NULL,
        digest bytea NOT NULL
      );
      CREATE UNIQUE INDEX audit_seal_entries_row_key ON audit_seal_entries (occurred_at, row_id, trail);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE audit_seals, audit_seal_entries')
  }
}
