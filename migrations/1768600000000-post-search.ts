import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Posts are found by what they say, in the language that they are written in. */
export class PostSearch1768600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION primary_language(tag text) RETURNS text IMMUTABLE PARALLEL SAFE RETURN
        split_part(lower(tag), '-', 1);

      -- How PostgreSQL takes texts of a language apart: those whose word stems every version knows that we run on.
      CREATE FUNCTION search_configuration(language text) RETURNS regconfig IMMUTABLE PARALLEL SAFE RETURN
        CASE primary_language(language)
          WHEN 'ar' THEN 'pg_catalog.arabic'::regconfig WHEN 'ca' THEN 'pg_catalog.catalan'::regconfig
          WHEN 'da' THEN 'pg_catalog.danish'::regconfig WHEN 'de' THEN 'pg_catalog.german'::regconfig
          WHEN 'el' THEN 'pg_catalog.greek'::regconfig WHEN 'en' THEN 'pg_catalog.english'::regconfig
          WHEN 'es' THEN 'pg_catalog.spanish'::regconfig WHEN 'eu' THEN 'pg_catalog.basque'::regconfig
          WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig WHEN 'fr' THEN 'pg_catalog.french'::regconfig
          WHEN 'ga' THEN 'pg_catalog.irish'::regconfig WHEN 'hi' THEN 'pg_catalog.hindi'::regconfig
          WHEN 'hu' THEN 'pg_catalog.hungarian'::regconfig WHEN 'hy' THEN 'pg_catalog.armenian'::regconfig
          WHEN 'id' THEN 'pg_catalog.indonesian'::regconfig WHEN 'it' THEN 'pg_catalog.italian'::regconfig
          WHEN 'lt' THEN 'pg_catalog.lithuanian'::regconfig WHEN 'nb' THEN 'pg_catalog.norwegian'::regconfig
          WHEN 'ne' THEN 'pg_catalog.nepali'::regconfig WHEN 'nl' THEN 'pg_catalog.dutch'::regconfig
          WHEN 'nn' THEN 'pg_catalog.norwegian'::regconfig WHEN 'no' THEN 'pg_catalog.norwegian'::regconfig
          WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig WHEN 'ro' THEN 'pg_catalog.romanian'::regconfig
          WHEN 'ru' THEN 'pg_catalog.russian'::regconfig WHEN 'sr' THEN 'pg_catalog.serbian'::regconfig
          WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig WHEN 'ta' THEN 'pg_catalog.tamil'::regconfig
          WHEN 'tr' THEN 'pg_catalog.turkish'::regconfig WHEN 'yi' THEN 'pg_catalog.yiddish'::regconfig
          ELSE 'pg_catalog.simple'::regconfig
        END;

      -- What PostgreSQL would take for a tag, a path, a host or an address is words like any others.
      CREATE FUNCTION search_words(text) RETURNS text IMMUTABLE PARALLEL SAFE RETURN translate($1, '</.@', '    ');

      CREATE FUNCTION post_search_vector(language text, title text, tags text[], plain_text text) RETURNS tsvector
        IMMUTABLE PARALLEL SAFE RETURN
        setweight(to_tsvector(search_configuration(language), search_words(title)), 'A')
        || setweight(to_tsvector(search_configuration(language), search_words(array_to_string(tags, ' '))), 'B')
        || setweight(to_tsvector(search_configuration(language), search_words(plain_text)), 'D');

      -- The hour, the four hours, the sixteen and so on in which something was, each as its number among those of its length.
      CREATE FUNCTION hours_until(timestamptz) RETURNS integer IMMUTABLE PARALLEL SAFE RETURN
        floor(extract(epoch FROM $1 AT TIME ZONE 'UTC') / 3600)::integer;
      CREATE FUNCTION time_slices(timestamptz) RETURNS integer[] IMMUTABLE PARALLEL SAFE RETURN
        ARRAY[hours_until($1), (1 << 24) + (hours_until($1) >> 2), (2 << 24) + (hours_until($1) >> 4),
          (3 << 24) + (hours_until($1) >> 6), (4 << 24) + (hours_until($1) >> 8), (5 << 24) + (hours_until($1) >> 10)];

      ALTER TABLE posts ADD COLUMN language text NOT NULL DEFAULT 'und';
      ALTER TABLE posts ADD COLUMN plain_text text NOT NULL DEFAULT '';
      ALTER TABLE posts ADD COLUMN search_vector tsvector NOT NULL DEFAULT '';

      -- A generated column in all but name: the mapper would want a table of its own to know the expression of one.
      CREATE FUNCTION make_post_search_vector() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.search_vector := post_search_vector(NEW.language, NEW.title, NEW.tags, NEW.plain_text);
          RETURN NEW;
        END $$;
      CREATE TRIGGER posts_added BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION make_post_search_vector();
      CREATE TRIGGER posts_changed BEFORE UPDATE ON posts FOR EACH ROW
        WHEN ((OLD.language, OLD.title, OLD.tags, OLD.plain_text, OLD.search_vector)
          IS DISTINCT FROM (NEW.language, NEW.title, NEW.tags, NEW.plain_text, NEW.search_vector))
        EXECUTE FUNCTION make_post_search_vector();

      -- The text as it was typed will do until the job has made a plain one of it.
      UPDATE posts SET language = users.locale, plain_text = posts.body, markup_version = 0
        FROM users WHERE users.id = posts.author_id;

      -- All that posts are found by; what has been added lately would be read through at every search, and is put in its place at once.
      DROP INDEX posts_tags_index;
      CREATE INDEX posts_search_index ON posts
        USING gin (search_vector, tags, (ARRAY[primary_language(language)]), (time_slices(published_at)))
        WITH (fastupdate = off) WHERE status = 'published' AND deleted_at IS NULL;
      CREATE INDEX posts_title_index ON posts USING gin (folded(title) gin_trgm_ops)
        WITH (fastupdate = off) WHERE status = 'published' AND deleted_at IS NULL;
      ANALYZE posts;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER posts_added ON posts;
      DROP TRIGGER posts_changed ON posts;
      DROP INDEX posts_search_index, posts_title_index;
      CREATE INDEX posts_tags_index ON posts USING gin (tags) WHERE deleted_at IS NULL;
      ALTER TABLE posts DROP COLUMN search_vector;
      ALTER TABLE posts DROP COLUMN plain_text;
      ALTER TABLE posts DROP COLUMN language;
      DROP FUNCTION make_post_search_vector, post_search_vector, search_words, search_configuration, primary_language,
        time_slices, hours_until;
    `)
  }
}
