import type { MigrationInterface, QueryRunner } from 'typeorm'

/** People as staff search them: a narrow table beside `users`, kept in step by PostgreSQL, and the indexes to find them by. */
export class Search1765000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm').catch((error: Error) => {
      throw new Error(
        `Portico finds people by parts of their names with pg_trgm, which comes with PostgreSQL (on some systems in the package postgresql-contrib). ` +
          `The role of DATABASE_OWNER_URL could not create it (${error.message}): have a superuser run CREATE EXTENSION pg_trgm in this database, then start again.`,
      )
    })
    await queryRunner.query(`
      -- The form in which texts are compared: without case, accents and the like.
      CREATE FUNCTION folded(text) RETURNS text IMMUTABLE PARALLEL SAFE RETURN
        CASE WHEN octet_length($1) = length($1) THEN lower($1) ELSE
          replace(replace(replace(
            translate(lower(regexp_replace(normalize($1, NFKD), '[\\u0300-\\u036f]', '', 'g')), 'øłđıς', 'oldiσ'),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
        END;

      -- A space before every word of a name, so that the beginnings of words can be found.
      CREATE FUNCTION user_search_text(username text, display_name text) RETURNS text IMMUTABLE PARALLEL SAFE RETURN
        folded(translate(' ' || username || ' ' || display_name, '_', ' '));

      -- A foreign key would lock every person who is added. It grows and hardly changes: vacuumed early, it is answered for by its indexes alone.
      CREATE TABLE user_search (
        id uuid CONSTRAINT user_search_pkey PRIMARY KEY,
        username text COLLATE "C" NOT NULL,
        created_at timestamptz(3) NOT NULL,
        status text NOT NULL,
        search_text text NOT NULL
      ) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);

      CREATE FUNCTION add_to_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO user_search (id, username, created_at, status, search_text)
          SELECT id, username, created_at, status, user_search_text(username, display_name) FROM added;
          RETURN NULL;
        END $$;
      CREATE TRIGGER users_added AFTER INSERT ON users
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_to_user_search();

      CREATE FUNCTION change_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE user_search SET username = NEW.username, created_at = NEW.created_at, status = NEW.status,
            search_text = user_search_text(NEW.username, NEW.display_name)
          WHERE id = NEW.id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER users_changed AFTER UPDATE ON users FOR EACH ROW
        WHEN ((OLD.username, OLD.display_name, OLD.created_at, OLD.status)
          IS DISTINCT FROM (NEW.username, NEW.display_name, NEW.created_at, NEW.status))
        EXECUTE FUNCTION change_user_search();

      CREATE FUNCTION remove_from_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM user_search USING removed WHERE user_search.id = removed.id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER users_removed AFTER DELETE ON users
        REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION remove_from_user_search();

      INSERT INTO user_search (id, username, created_at, status, search_text)
      SELECT id, username, created_at, status, user_search_text(username, display_name) FROM users;

      -- All columns are in both, so that walking along one reads nothing else.
      CREATE INDEX user_search_created_at_index ON user_search (created_at, id) INCLUDE (username, status, search_text);
      CREATE INDEX user_search_username_index ON user_search (username) INCLUDE (id, created_at, status, search_text);
      CREATE INDEX user_search_not_active_index ON user_search (created_at, id) INCLUDE (username, status, search_text)
        WHERE status <> 'active';
      -- What has been added lately is read through at every search; it is kept short.
      CREATE INDEX user_search_text_index ON user_search USING gin (search_text gin_trgm_ops)
        WITH (gin_pending_list_limit = 256);
      ANALYZE user_search;

      CREATE INDEX users_last_seen_at_index ON users (last_seen_at, id);
      DROP INDEX users_created_at_index, users_display_name_index;
      CREATE INDEX role_grants_role_id_user_id_index ON role_grants (role_id, user_id) INCLUDE (expires_at);
    `)
  }

  /** The extension stays: somebody else may have made it, or use it. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX users_last_seen_at_index, role_grants_role_id_user_id_index;
      CREATE INDEX users_created_at_index ON users (created_at, id);
      CREATE INDEX users_display_name_index ON users (lower(display_name), id);
      DROP TRIGGER users_added ON users;
      DROP TRIGGER users_changed ON users;
      DROP TRIGGER users_removed ON users;
      DROP TABLE user_search;
      DROP FUNCTION add_to_user_search, change_user_search, remove_from_user_search, user_search_text, folded;
    `)
  }
}
