import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Whoever has reported something can report it again, in another case. */
export class ReportedAgain1769810000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE reports DROP CONSTRAINT reports_reporter_id_subject_id_key,
        ADD CONSTRAINT reports_reporter_id_subject_id_case_id_key UNIQUE (reporter_id, subject_id, case_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM reports report WHERE EXISTS (SELECT FROM reports first
        WHERE (first.reporter_id, first.subject_id) = (report.reporter_id, report.subject_id) AND first.id < report.id);
      ALTER TABLE reports DROP CONSTRAINT reports_reporter_id_subject_id_case_id_key,
        ADD CONSTRAINT reports_reporter_id_subject_id_key UNIQUE (reporter_id, subject_id);
    `)
  }
}
