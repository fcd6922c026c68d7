import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What is personal in the details of events, encrypted; older events keep theirs as they were written. */
export class PersonalDetails1765100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE audit_events ADD COLUMN personal_details bytea')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE audit_events DROP COLUMN personal_details')
  }
}
