import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Whom people have blocked and muted. */
export class Blocks1768300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE blocks (
        id uuid CONSTRAINT blocks_pkey PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT blocks_person_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        blocked_id uuid NOT NULL CONSTRAINT blocks_blocked_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        kind text NOT NULL,
        ends_at timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT blocks_person_id_key UNIQUE (person_id, kind, blocked_id),
        CONSTRAINT blocks_kind_check CHECK (kind = 'BLOCKED' AND ends_at IS NULL OR kind = 'MUTED'),
        CONSTRAINT blocks_self_check CHECK (person_id <> blocked_id)
      );
      CREATE INDEX blocks_blocked_id_index ON blocks (blocked_id, kind, person_id);
      CREATE INDEX blocks_created_at_index ON blocks (person_id, kind, created_at, id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE blocks')
  }
}
