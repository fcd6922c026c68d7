import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Backups: who a database is, so that keys and archives of different ones are not mixed up, and what drills came to. */
export class Backups1767000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE installation (
        id uuid CONSTRAINT installation_pkey PRIMARY KEY,
        created_at timestamptz(3) NOT NULL
      );
      INSERT INTO installation (id, created_at) VALUES (gen_random_uuid(), now());

      CREATE TABLE backup_drills (
        id uuid CONSTRAINT backup_drills_pkey PRIMARY KEY,
        archive text NOT NULL,
        taken_at timestamptz(3),
        started_at timestamptz(3) NOT NULL,
        seconds double precision NOT NULL,
        rows bigint NOT NULL,
        problem text
      );
      CREATE INDEX backup_drills_started_at_index ON backup_drills (started_at);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE backup_drills, installation')
  }
}
