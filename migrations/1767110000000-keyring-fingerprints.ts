import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A database knows its keyring, so that one with another is not used by mistake. */
export class KeyringFingerprints1767110000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE installation ADD COLUMN lookup_fingerprint text, ADD COLUMN pepper_fingerprint text',
    )
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE installation DROP COLUMN lookup_fingerprint, DROP COLUMN pepper_fingerprint',
    )
  }
}
