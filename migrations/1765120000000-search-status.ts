import type { MigrationInterface, QueryRunner } from 'typeorm'

const columns = (added: string) => `
  DROP INDEX user_search_created_at_index, user_search_username_index, user_search_not_active_index;
  CREATE INDEX user_search_created_at_index ON user_search (created_at, id) INCLUDE (username, status, ${added}search_text);
  CREATE INDEX user_search_username_index ON user_search (username) INCLUDE (id, created_at, status, ${added}search_text);
  CREATE INDEX user_search_not_active_index ON user_search (created_at, id) INCLUDE (username, status, ${added}search_text)
    WHERE status <> 'active';`

const triggers = (added: string, value: string, old: string, changed: string) => `
  CREATE OR REPLACE FUNCTION add_to_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO user_search (id, username, created_at, status, ${added}search_text)
      SELECT id, username, created_at, status, ${added}user_search_text(username, display_name) FROM added;
      RETURN NULL;
    END $$;
  CREATE OR REPLACE FUNCTION change_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE user_search SET username = NEW.username, created_at = NEW.created_at, status = NEW.status, ${value}
        search_text = user_search_text(NEW.username, NEW.display_name)
      WHERE id = NEW.id;
      RETURN NULL;
    END $$;
  CREATE OR REPLACE TRIGGER users_changed AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.username, OLD.display_name, OLD.created_at, OLD.status${old})
      IS DISTINCT FROM (NEW.username, NEW.display_name, NEW.created_at, NEW.status${changed}))
    EXECUTE FUNCTION change_user_search();`

/** The search knows when a suspension ends, whom a group has, and how frequent a name is. */
export class SearchStatus1765120000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE user_search ADD COLUMN suspended_until timestamptz(3);
      ${triggers(
        'suspended_until, ',
        'suspended_until = NEW.suspended_until,',
        ', OLD.suspended_until',
        ', NEW.suspended_until',
      )}
      UPDATE user_search SET suspended_until = users.suspended_until
        FROM users WHERE users.id = user_search.id AND users.suspended_until IS NOT NULL;
      ${columns('suspended_until, ')}
      CREATE INDEX group_members_group_id_user_id_index ON group_members (group_id, user_id);
      -- Whether a part of a name is rare is judged by a sample of names; of a hundred, a hundredth would not show.
      ALTER TABLE user_search ALTER COLUMN search_text SET STATISTICS 1000;
      ANALYZE user_search;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE user_search ALTER COLUMN search_text SET STATISTICS -1;
      DROP INDEX group_members_group_id_user_id_index;
      ${columns('')}
      ${triggers('', '', '', '')}
      ALTER TABLE user_search DROP COLUMN suspended_until;
    `)
  }
}
