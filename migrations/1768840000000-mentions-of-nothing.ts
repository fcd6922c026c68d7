import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Whom a comment mentions goes with its words, be it that whoever has said them is erased. */
export class MentionsOfNothing1768840000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM mentions USING comments WHERE comments.id = comment_id AND comments.body = '';
      CREATE FUNCTION forget_mentions() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM mentions WHERE comment_id = NEW.id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER comments_mentions_forgotten AFTER UPDATE OF body ON comments
        FOR EACH ROW WHEN (NEW.body = '' AND OLD.body <> '') EXECUTE FUNCTION forget_mentions();
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER comments_mentions_forgotten ON comments;
      DROP FUNCTION forget_mentions;
    `)
  }
}
