import type { MigrationInterface, QueryRunner } from 'typeorm'

/** To whom people show their picture. */
export class AvatarAudience1769820000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users ADD COLUMN avatar_audience text NOT NULL DEFAULT 'public'
        CONSTRAINT users_avatar_audience_check CHECK (avatar_audience IN ('public', 'members', 'only-me'))
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE users DROP COLUMN avatar_audience')
  }
}
