import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Whoever has given a conversation its title is who it belongs to. */
export class RenamedConversations1768830000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE conversations ADD COLUMN named_by_id uuid CONSTRAINT conversations_named_by_id_fkey REFERENCES users (id);
      UPDATE conversations SET named_by_id = creator_id;
      ALTER TABLE conversations ALTER COLUMN named_by_id SET NOT NULL;
      CREATE INDEX conversations_named_by_id_index ON conversations (named_by_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // A title that somebody else has given is under their key.
    await queryRunner.query(`
      UPDATE conversations SET title = NULL WHERE named_by_id <> creator_id;
      ALTER TABLE conversations DROP COLUMN named_by_id;
    `)
  }
}
