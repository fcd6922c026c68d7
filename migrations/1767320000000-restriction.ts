import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What keeps the search in step with people; whom `shown` leaves out are not in it. */
const triggers = (shown: string, change: string, old: string, changed: string) => `
  CREATE OR REPLACE FUNCTION add_to_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO user_search (id, username, created_at, status, suspended_until, search_text)
      SELECT id, username, created_at, status, suspended_until, user_search_text(username, display_name) FROM added ${shown};
      RETURN NULL;
    END $$;
  CREATE OR REPLACE FUNCTION change_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${change}
      UPDATE user_search SET username = NEW.username, created_at = NEW.created_at, status = NEW.status,
        suspended_until = NEW.suspended_until, search_text = user_search_text(NEW.username, NEW.display_name)
      WHERE id = NEW.id;
      RETURN NULL;
    END $$;
  CREATE OR REPLACE TRIGGER users_changed AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.username, OLD.display_name, OLD.created_at, OLD.status, OLD.suspended_until${old})
      IS DISTINCT FROM (NEW.username, NEW.display_name, NEW.created_at, NEW.status, NEW.suspended_until${changed}))
    EXECUTE FUNCTION change_user_search();`

/** People whose data is kept and no more: they are not in the search, so that no list and no count has to ask. */
export class Restriction1767320000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users ADD COLUMN restricted_at timestamptz(3);
      -- Few, as a rule: each list of something that people have asks here.
      CREATE INDEX users_restricted_index ON users (id) WHERE restricted_at IS NOT NULL;
      ${triggers(
        'WHERE restricted_at IS NULL',
        `IF NEW.restricted_at IS NOT NULL THEN
           DELETE FROM user_search WHERE id = NEW.id;
           RETURN NULL;
         END IF;
         IF OLD.restricted_at IS NOT NULL THEN
           INSERT INTO user_search (id, username, created_at, status, suspended_until, search_text)
           VALUES (NEW.id, NEW.username, NEW.created_at, NEW.status, NEW.suspended_until,
             user_search_text(NEW.username, NEW.display_name));
           RETURN NULL;
         END IF;`,
        ', OLD.restricted_at',
        ', NEW.restricted_at',
      )}
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE users SET restricted_at = NULL WHERE restricted_at IS NOT NULL;
      ${triggers('', '', '', '')}
      DROP INDEX users_restricted_index;
      ALTER TABLE users DROP COLUMN restricted_at;
    `)
  }
}
