import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How far imports of files have come. */
export class Imports1764030000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE imports (
        id uuid CONSTRAINT imports_pkey PRIMARY KEY,
        fingerprint bytea NOT NULL CONSTRAINT imports_fingerprint_key UNIQUE,
        position integer NOT NULL,
        tally jsonb NOT NULL,
        started_at timestamptz(3) NOT NULL,
        finished_at timestamptz(3)
      )
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE imports')
  }
}
